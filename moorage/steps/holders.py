"""Who has Nexus' data open by NFS: clients that hold a state on its lock file, as the kernel tells.

Nexus locks the first byte of ``/nexus-data/lock`` as long as it runs (nexus-public,
NexusFileLock), and NFSv4 keeps that lock on the server. Since Linux 5.3 ``/proc/fs/nfsd/clients``
has each client with its states (linux, fs/nfsd/nfs4state.c, ``states_show``); root alone may read
it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

LOCK_FILE = "lock"
CLIENTS = "/proc/fs/nfsd/clients"
HOLDERS = f"""
inode=$(stat -c %i -- "$path/{LOCK_FILE}" 2>/dev/null) || exit 0
for client in {CLIENTS}/*/; do
  [ -r "$client/states" ] || continue
  open=$(grep -E "superblock: \\"[0-9a-f:]*:$inode\\"" "$client/states") || continue
  case $open in
    *'filename: "{LOCK_FILE}"'* | *'filename: "'*'/{LOCK_FILE}"'* | *'filename: "/"'*) ;;
    *'filename: '*) continue ;;
  esac
  sed -n 's/^address: *"\\(.*\\)"$/\\1/p' "$client/info"
done
"""
"""Shell that prints the address of each client that has the lock file of ``$path`` open.

It goes by the inode and, where the kernel tells it, the name (with that of its folder): btrfs has
other device numbers for stat(2) than the kernel has here. What was open while the server was
started anew is known by its handle alone, and is called ``/``.
"""
EXPIRE_DEAD = f"""
for client in {CLIENTS}/*/; do
  [ -w "$client/ctl" ] || continue
  grep -qE '^status: (courtesy|expirable)' "$client/info" || continue
  ! grep -q . "$client/states" || echo expire >"$client/ctl"
done
"""
"""Shell that ends what clients have open whose lease is over.

Since Linux 5.19 the server keeps that up until somebody else asks for it (fs/nfsd/nfs4state.c,
``NFSD4_COURTESY``): a node that has crashed and never mounted the export again would have Nexus'
data open for good. Only for when nobody is let in any more.
"""
RESOLVE = """
printf '%s\\n' "$names" | while IFS= read -r name; do
  for address in $(getent ahosts -- "$name" | cut -d ' ' -f 1 | sort -u); do
    echo "$name $address"
  done
done
"""
"""Shell that prints the addresses of each of ``$names``."""

_ADDRESS = re.compile(r"\[?(.*?)\]?:\d+")


def holders(text: str) -> frozenset[str]:
    """IP addresses of those that have Nexus' lock file open, from what :data:`HOLDERS` prints."""
    return frozenset(bare(line) for line in text.splitlines() if line)


def bare(address: str) -> str:
    """The IP address in what the kernel calls a client: with a port, and brackets for IPv6."""
    match = _ADDRESS.fullmatch(address)
    return match[1] if match else address


def resolved(text: str) -> dict[str, frozenset[str]]:
    """Addresses by name, from what :data:`RESOLVE` prints."""
    found: dict[str, set[str]] = {}
    for name, _, address in (line.partition(" ") for line in text.splitlines()):
        found.setdefault(name, set()).add(address)
    return {name: frozenset(addresses) for name, addresses in found.items()}


def lets_in(client: str, addresses: Iterable[str]) -> bool:
    """Whether a client of exports(5) surely is, or has in it, one of some IP addresses."""
    if client == "*":
        return True
    try:
        network = ipaddress.ip_network(client, strict=False)
    except ValueError:
        return client in set(addresses)
    return any(ipaddress.ip_address(one) in network for one in addresses if _is_ip(one))


def is_one(client: str) -> bool:
    """Whether it is one machine: no network, pattern or netgroup."""
    return not any(char in client for char in "*?[]@/")


def is_name(client: str) -> bool:
    """Whether it is one machine, by a name."""
    return is_one(client) and not _is_ip(client)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
