"""What is on the NFS host: one script, one exec, and pure parsers of what it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moorage.quoting import Value
from moorage.steps.exports import exported_paths, parse_exportfs, pseudo_roots
from moorage.steps.holders import HOLDERS, RESOLVE, holders, resolved
from moorage.steps.packages import SYSTEM, Package, is_installed
from moorage.transport.base import Probe, Section, all_sections
from moorage.transport.parsing import parser

_MOUNT = 5
"""Which word of a line of ``df -P`` tells where it is mounted; the one before, how full it is."""
_PERCENT = re.compile(r"\d{1,3}%|-", re.ASCII)
PACKAGE = Package("nfs-kernel-server", "nfs-utils")
_PARTS = {
    "os": SYSTEM,
    "package": PACKAGE.installed,
    "active": "systemctl is-active nfs-server.service",
    "enabled": "systemctl is-enabled nfs-server.service",
    "realpath": 'readlink -m -- "$path"',
    "directory": "stat -c '%F|%u|%g|%a' -- \"$path\"",
    "entries": '[ ! -d "$path" ] || [ -r "$path" ] || exit 1; ls -A -- "$path" | head -n 200',
    "file": 'cat -- "$file"',
    "others": (
        'for other in /etc/exports /etc/exports.d/*.exports; do\n'
        '  [ "$other" = "$file" ] || [ ! -f "$other" ] || { cat -- "$other"; echo; }\n'
        "done"
    ),
    # who is not root has no sbin on the PATH, and would take what he may not see for absent
    "exported": "PATH=$PATH:/usr/sbin:/sbin; command -v exportfs >/dev/null && exportfs -s",
    "holders": HOLDERS,
    "space": (
        'there=$path; while [ ! -e "$there" ]; do there=$(dirname -- "$there"); done\n'
        'df -Pk -- "$there" | tail -n 1; df -Pi -- "$there" | tail -n 1'
    ),
}  # fmt: skip

_FOREIGN = """
if [ -d "$path" ]; then
  find "$path" -xdev -mindepth 1 ! \\( -uid "$uid" -gid "$uid" \\) 2>/dev/null | wc -l
else
  echo 0
fi
"""


@dataclass(frozen=True)
class Directory:
    """The exported directory as it is."""

    kind: str
    uid: int
    gid: int
    mode: str


@dataclass(frozen=True)
class NfsObserved:
    """The NFS host as it is; ``None`` for what is not there.

    Args:
        exported: options by client, as ``exportfs -s`` has them; None where only root is told.
        holders: IP addresses of clients that have Nexus' data open, where the kernel tells.
        entries: names in the directory; None where not everybody is told.
        names: IP addresses by name of those that the inventory has no addresses of.
        foreign: how many files below are not the account's; 0 where that was not asked.
        pseudo_roots: those of the other exports that are the root of what NFSv4 shows.
        free: bytes that the file system has left; mounted_at: where that is mounted.
    """

    distribution: str
    package: bool
    active: bool
    enabled: bool
    realpath: str
    directory: Directory | None
    entries: tuple[str, ...] | None
    export_file: str | None
    exported: dict[str, frozenset[str]] | None
    other_exports: tuple[str, ...]
    free_percent: int
    free_inodes_percent: int
    holders: frozenset[str] = frozenset()
    free: int = 0
    mounted_at: str = ""
    foreign: int = 0
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pseudo_roots: tuple[str, ...] = ()


def probe(path: str, file: str, owner: int | None = None, names: Sequence[str] = ()) -> Probe:
    """What reads all of it.

    Args:
        owner: uid and gid that all files below are to have; None: it is not looked at them.
        names: of machines that are let in or are to be, where they are no addresses.
    """
    values: dict[str, Value] = {"path": path, "file": file}
    parts = dict(_PARTS)
    if owner is not None:
        parts["foreign"], values["uid"] = _FOREIGN, owner
    if names:
        parts["names"], values["names"] = RESOLVE, tuple(names)
    return Probe(f"read the export of {path}", parts, values)


@parser("the NFS host")
def parse(output: str, path: str, host: str) -> NfsObserved:
    """What the probe's output says.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    asked = [name for name in _PARTS if name != "holders"]
    found = all_sections(output, asked, f"read the export of {path}", host)
    open_by = found.get("holders")
    space, inodes = _filled(found["space"])
    return NfsObserved(
        distribution=found["os"].text.strip(),
        package=is_installed(found["package"]),
        active=found["active"].text.strip() == "active",
        enabled=found["enabled"].text.strip() == "enabled",
        realpath=found["realpath"].text.strip(),
        directory=_directory(found["directory"]),
        entries=_entries(found["entries"]) if found["directory"].ok else (),
        export_file=found["file"].text + "\n" if found["file"].ok else None,
        exported=_exported(found["exported"], path),
        other_exports=tuple(exported_paths(found["others"].text)),
        pseudo_roots=tuple(pseudo_roots(found["others"].text)),
        free_percent=_free(space),
        free_inodes_percent=_free(inodes),
        holders=holders(open_by.text) if open_by else frozenset(),
        free=int(space[3]) * 1024 if space else 0,
        mounted_at=space[_MOUNT] if space else "",
        foreign=int(found["foreign"].text) if "foreign" in found else 0,
        names=resolved(found["names"].text) if "names" in found else {},
    )


def _entries(section: Section) -> tuple[str, ...] | None:
    return tuple(section.text.splitlines()) if section.ok else None


def _exported(section: Section, path: str) -> dict[str, frozenset[str]] | None:
    if section.ok:
        return parse_exportfs(section.text, path)
    return None if "ermission denied" in section.text else {}


def _directory(section: Section) -> Directory | None:
    if not section.ok:
        return None
    kind, uid, gid, mode = section.text.strip().split("|")
    return Directory(kind, int(uid), int(gid), mode.zfill(4))


def _filled(section: Section) -> tuple[list[str], list[str]]:
    """The words of both lines of ``df -P``, of space and of inodes; none where df failed."""
    if not section.ok:
        return [], []
    lines = [line.split(maxsplit=_MOUNT) for line in section.text.splitlines()]
    space, inodes = [words for words in lines if _is_filled(words)]
    return space, inodes


def _is_filled(words: list[str]) -> bool:
    """Whether it is a line of ``df -P``; warnings come in the same stream."""
    return len(words) > _MOUNT and _PERCENT.fullmatch(words[_MOUNT - 1]) is not None


def _free(words: list[str]) -> int:
    """Percent free; 100 where the file system does not count, and where df failed."""
    used = words[_MOUNT - 1].rstrip("%") if words else "-"
    return 100 if used == "-" else 100 - int(used)
