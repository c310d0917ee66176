"""Reading export tables: exports(5) lines and what ``exportfs -s`` prints, pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

_CLIENT = re.compile(r"([^\s()]+)\(([^()]*)\)")
_PATH = re.compile(r'"([^"]+)"|(\S+)')
_PSEUDO_ROOT = re.compile(r"\bfsid=(?:0|root)\b")
_OPPOSITES = (
    ("ro", "rw"), ("sync", "async"), ("root_squash", "no_root_squash"),
    ("no_all_squash", "all_squash"), ("secure", "insecure"), ("wdelay", "no_wdelay"),
    ("hide", "nohide"), ("no_subtree_check", "subtree_check"),
)  # fmt: skip
_SAID = {"no_auth_nlm": "insecure_locks", "mp": "mountpoint", "fsid=root": "fsid=0"}
"""How ``exportfs`` tells an option that was said otherwise (nfs-utils, exportfs.c, ``dump``)."""
_NEVER_TOLD = {"defaults", "acl", "nocrossmnt", "auth_nlm", "secure_locks", "no_pnfs",
               "anonuid=65534", "anongid=65534"}  # fmt: skip
"""Options that it does not tell: they are what is so without them."""
_OPPOSITE = {**dict(_OPPOSITES), **{other: usual for usual, other in _OPPOSITES}}


def complete(options: list[str]) -> frozenset[str]:
    """Options as the kernel has them: what is left unsaid filled in.

    Defaults: exports(5), "General Options", and nfs-utils' choice of ``no_subtree_check``.
    """
    said = {_SAID.get(option, option) for option in options} - _NEVER_TOLD
    unsaid = {usual for usual, other in _OPPOSITES if not said & {usual, other}}
    security = set() if any(option.startswith("sec=") for option in said) else {"sec=sys"}
    return frozenset(said | unsaid | security)


def parse_exportfs(output: str, path: str) -> dict[str, frozenset[str]]:
    """Clients of one path and their options, from the output of ``exportfs -s``."""
    clients: dict[str, frozenset[str]] = {}
    for line in output.splitlines():
        exported, _, rest = line.strip().partition(" ")
        if exported != path:
            continue
        for client, options in _CLIENT.findall(rest):
            told = [option for option in options.split(",") if option]
            # the one option that is told by saying nothing (nfs-utils, exportfs.c, dump)
            if "no_subtree_check" not in told:
                told.append("subtree_check")
            clients[client] = complete(told)
    return clients


def let_in(client: str, entries: Iterable[str]) -> bool:
    """Whether an address is one of an export's clients, by itself, a network, or for all.

    Names, wildcards in them and netgroups cannot be told from here: they count as letting it in.
    """
    for entry in entries:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            # with or without wildcards it is a name, which any address may have
            return True
        try:
            if ipaddress.ip_network(client, strict=False).subnet_of(network):  # type: ignore[arg-type]
                return True
        except (ValueError, TypeError):
            continue
    return False


def _exported(text: str) -> list[tuple[str, str]]:
    """Paths in the text of exports(5) files, each with what follows it."""
    joined = text.replace("\\\n", " ")
    lines = (line.partition("#")[0].strip() for line in joined.splitlines())
    found = ((line, _PATH.match(line)) for line in lines if not line.startswith("-"))
    return [((path[1] or path[2]).replace("\\040", " "), line[path.end():])
            for line, path in found if path]  # fmt: skip


def exported_paths(text: str) -> list[str]:
    """Paths in the text of exports(5) files, comments and continuation lines understood."""
    return [path for path, _ in _exported(text)]


def pseudo_roots(text: str) -> list[str]:
    """Those of them that are the root of all that NFSv4 shows (exports(5), ``fsid=0``)."""
    return [path for path, rest in _exported(text) if _PSEUDO_ROOT.search(rest)]


def overlapping(path: str, others: Sequence[str], roots: Sequence[str] = ()) -> str | None:
    """The first of ``others`` that is ``path``, lies in it or holds it.

    Args:
        roots: which may hold it, as ``/`` may: an NFSv4 pseudo-root is common and no harm.
    """
    for other in others:
        if other == path or other.startswith(path + "/"):
            return other
        if path.startswith(other.rstrip("/") + "/") and other != "/" and other not in roots:
            return other
    return None


def above(output: str, path: str, mountpoint: str) -> dict[str, list[str]]:
    """Exports above a path by which its files can be written too, with who is let in by them.

    Args:
        output: of ``exportfs -s``.
        mountpoint: where the path's file system is mounted: an export above that does not reach
            into it, unless it says ``crossmnt`` (exports(5)).
    """
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        exported, _, rest = line.strip().partition(" ")
        if not exported or not path.startswith(exported.rstrip("/") + "/"):
            continue
        outside = len(exported) < len(mountpoint)
        for client, options in _CLIENT.findall(rest):
            words = options.split(",")
            if "rw" in words and (not outside or "crossmnt" in words):
                found.setdefault(exported, []).append(client)
    return found


def listed_clients(text: str) -> list[str]:
    """Clients in the text of exports(5) files, whichever path they are of."""
    lines = [line.partition("#")[0] for line in text.replace("\\\n", " ").splitlines()]
    return [client for line in lines for client, _ in _CLIENT.findall(line)]
