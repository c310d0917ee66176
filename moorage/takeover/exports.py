"""Who may mount the export, as the inventory has it or leaves it; pure."""

from __future__ import annotations

import re

from moorage.steps.exports import exported_paths, parse_exportfs
from moorage.takeover.seen import Nfs
from moorage.takeover.taken import Taken

_CLIENT = re.compile(r"([^\s()]+)\(([^()]*)\)")


def take_exports(taken: Taken, nfs: Nfs, *, own_file: str, addresses: list[str]) -> None:
    """Moorage's own export file is read; another's line is left to whoever wrote it.

    Args:
        own_file: path of the file that Moorage has for this stack.
        addresses: those of all managers and nodes, in their order.
    """
    path = taken.data["storage"]["export"]
    if own_file in nfs.files:
        _own(taken, nfs.files[own_file], addresses)
        return
    others = [name for name, text in nfs.files.items() if path in exported_paths(text)]
    live = parse_exportfs(nfs.exported or "", path)
    if not others and not live:
        return
    where = " and ".join(others) or "the kernel's table alone"
    taken.put("storage.manage_export", value=False)
    taken.say("storage.manage_export", f"{path} is exported by {where}:")
    for client, options in live.items():
        taken.say("storage.manage_export", f"  {client}({','.join(sorted(options))})")
    taken.say("storage.manage_export", "To let the nodes in alone: take that line out, set this to")
    taken.say("storage.manage_export", "true, run fab nfs-setup.")
    taken.leave(f"the export {path} in {where}: left as it is (storage.manage_export)")


def _own(taken: Taken, text: str, addresses: list[str]) -> None:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = _CLIENT.findall(lines[0].partition(" ")[2]) if lines else []
    clients = [client for client, _ in found]
    if clients and clients != list(dict.fromkeys(addresses)):
        taken.put("storage.clients", clients)
    if found:
        taken.put("storage.export_options", found[0][1].split(","))
