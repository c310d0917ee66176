"""What the NFS host tells of the export, and a node of the mount. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from moorage.status.machines import Export, Mount
from moorage.steps.exports import parse_exportfs
from moorage.transport.base import Section
from moorage.transport.parsing import parser

_NO_PROGRAM = 99
_DF_FIELDS = 6
_MOUNT_FIELDS = 4
_CONTAINER_FIELDS = 3
_KIB = 1024
_LAST_WORD = re.compile(r"lastrcv:(\d+)")
_KERNEL = re.compile(r"^\[\s*(\d+\.\d+)\] .*nfs: server (\S+) (not responding|OK)")

Parts = Mapping[str, Section]


@parser("the NFS host")
def export(found: Parts, host: str, path: str) -> Export:
    """The export as its host tells."""
    active, exported = found.get("active"), found.get("exported")
    space = found.get("space")
    lines = [line.split() for line in space.text.splitlines()] if space and space.ok else []
    whole = len(lines) == 2 and all(len(line) >= _DF_FIELDS for line in lines)  # noqa: PLR2004
    blocks, inodes = lines if whole else ([], [])
    return Export(
        host=host,
        path=path,
        active=active.text.strip() == "active" if active else None,
        exported=_exported(exported, path) if exported else None,
        size_bytes=_number(blocks, 1, _KIB),
        free_bytes=_number(blocks, 3, _KIB),
        free_percent=_free(blocks),
        inodes=_number(inodes, 1) or None,
        inodes_free=_number(inodes, 3) if _number(inodes, 1) else None,
        inodes_free_percent=_free(inodes),
    )


def _exported(section: Section, path: str) -> bool | None:
    if section.ok:
        return bool(parse_exportfs(section.text, path))
    # only root is told
    return None if "ermission denied" in section.text else False


def _number(words: list[str], place: int, unit: int = 1) -> int | None:
    return int(words[place]) * unit if words and words[place].isdigit() else None


def _free(words: list[str]) -> int | None:
    """Percent free as df has it; some file systems, such as Btrfs, do not count inodes."""
    used = words[4].rstrip("%") if words else ""
    return 100 - int(used) if used.isdigit() else None


def container(found: Parts, service: str) -> str:
    """Id of the service's container on this node; empty where none runs, or it is not known."""
    part = found.get("containers")
    rows = [line.split("|") for line in part.text.splitlines()] if part and part.ok else []
    return next((row[0] for row in rows
                 if len(row) == _CONTAINER_FIELDS and row[1] == service), "")  # fmt: skip


@parser("the node")
def mount(found: Parts, node: str, server: str, port: int, device: str, service: str) -> Mount:
    """The NFS server as one node sees it.

    Args:
        server: name or address that the volume is mounted from.
        device: as the volume has it, such as ``:/srv/nexus``.
    """
    mine = [options for what, options in _mounts(found)
            if what in (device, f"{server}{device}")]  # fmt: skip
    options = mine[0].split(",") if mine else []
    address = next((word.partition("=")[2] for word in options if word.startswith("addr=")), server)
    reached = found.get("server")
    reachable = None
    if reached is not None and reached.exit_code != _NO_PROGRAM:
        reachable = reached.ok
    return Mount(
        node=node,
        server=f"{server}:{port}",
        reachable=reachable,
        mounted=bool(mine),
        hard="soft" not in options if mine else None,
        unreachable_since=_since(found, address) if reachable is False else None,
        stuck=tuple(_stuck(found, container(found, service))),
    )


def _mounts(found: Parts) -> Iterator[tuple[str, str]]:
    """Device and options of what is mounted by NFS."""
    part = found.get("mounts")
    for line in part.text.splitlines() if part and part.ok else ():
        words = line.split("|")
        if len(words) == _MOUNT_FIELDS:
            yield words[0], words[3]


def _since(found: Parts, address: str) -> str | None:
    """When the server was last heard: by its TCP connection, else by the kernel's log."""
    now = found["now"].text.strip() if "now" in found else ""
    if not now.isdigit():
        return None
    ago = _silence(found, address)
    if ago is None:
        return None
    try:
        moment = datetime.fromtimestamp(int(now) - ago, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="seconds")


def _silence(found: Parts, address: str) -> float | None:
    """Seconds without a word from the server; None where nothing tells."""
    socket = found.get("socket")
    lines = socket.text.splitlines() if socket and socket.ok else []
    words = [int(seen[1]) for line, after in itertools.pairwise(lines)
             if line.startswith("ESTAB") and address in _addresses(line)
             and (seen := _LAST_WORD.search(after))]  # fmt: skip
    if words:
        return min(words) / 1000
    kernel = found.get("kernel")
    first, *log = (kernel.text.splitlines() if kernel else []) or [""]
    begun: float | None = None
    for line in log:
        if (seen := _KERNEL.match(line)) and seen[2] == address:
            ok = seen[3] == "OK"
            begun = None if ok else begun or float(seen[1])
    if begun is None or not first.replace(".", "", 1).isdigit():
        return None
    return float(first) - begun


def _addresses(line: str) -> list[str]:
    """The addresses in a line of ss(8), without ports and brackets."""
    return [word.rpartition(":")[0].strip("[]") for word in line.split() if ":" in word]


def _stuck(found: Parts, container_id: str) -> Iterator[str]:
    """Programs of the container that wait in the kernel; of all containers where it is unknown."""
    part = found.get("stuck")
    rows = [line.split("|", 2) for line in part.text.splitlines()] if part and part.ok else []
    names = [row[2] for row in rows
             if len(row) == 3 and (container_id or "docker") in row[1]]  # noqa: PLR2004  # fmt: skip
    yield from dict.fromkeys(names)
