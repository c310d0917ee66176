"""What is on a machine with Docker: one script, one exec, and a pure parser of what it prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from moorage.steps import put
from moorage.steps.nodes.desired import CERTIFICATES
from moorage.steps.packages import SYSTEM, Package, is_installed
from moorage.transport.base import Probe, Section, all_sections
from moorage.transport.parsing import parser

CLIENT = Package("nfs-common", "nfs-utils")
DAEMON = "/etc/docker/daemon.json"
HOSTS = "/etc/hosts"
NOT_KNOWN = 99
"""Exit code of :data:`KERNEL` where nothing tells."""

KERNEL = """
grep -qw -- "$filesystem" /proc/filesystems && exit 0
command -v modprobe >/dev/null || exit 99
modprobe -n -- "$module"
"""
"""Shell that tells whether the kernel can mount ``$filesystem``, which is in ``$module``."""

NAMES = """
printf '%s\\n' "$names" | while read -r name; do
  getent ahosts -- "$name" >/dev/null && echo "$name"
done
:
"""
"""Shell that prints those of ``$names`` that resolve, to an address of whatever kind.

``getent hosts`` asks for IPv6 first (glibc, nss/getent.c, hosts_keys), and so DNS even where
/etc/hosts has the name: a machine without a DNS that answers would keep the run waiting.
"""

_PARTS = {
    "os": SYSTEM,
    "package": CLIENT.installed,
    "kernel": KERNEL,
    "mounts": "awk '$3 ~ /^nfs/ { print $2 }' /proc/mounts",
    "certificates": (
        f"for file in {CERTIFICATES}/*/ca.crt; do\n"
        '  [ ! -f "$file" ] || sha256sum -- "$file"\n'
        "done"
    ),
    "hosts": f"cat -- {HOSTS}",
    "names": NAMES,
    "daemon": f"[ ! -e {DAEMON} ] || cat -- {DAEMON}",
    "engine": (
        "timeout 20 docker info --format '{{.ServerVersion}}|{{json .RegistryConfig.Mirrors}}'"
    ),
    "put": put.READ,
}  # fmt: skip


@dataclass(frozen=True)
class NodeObserved:
    """A machine as it is.

    Args:
        kernel: whether it can mount by NFS; None where nothing tells.
        mounts: where something is mounted by NFS now.
        certificates: SHA-256 by path.
        hosts: lines of /etc/hosts.
        known: names that it can resolve, whatever by.
        daemon_json: text of Docker's configuration; None where there is none.
        engine: version of Docker; empty where it does not answer.
        mirrors: those that dockerd uses, without slashes at the end.
        put: what Moorage has put there, as :mod:`moorage.steps.put` has it.
    """

    distribution: str
    package: bool
    kernel: bool | None
    mounts: tuple[str, ...]
    certificates: Mapping[str, str]
    hosts: tuple[str, ...]
    known: frozenset[str]
    daemon_json: str | None
    engine: str
    mirrors: tuple[str, ...]
    put: tuple[str, ...]


def probe(home: str, names: tuple[str, ...], filesystem: str, module: str) -> Probe:
    """What reads all of it.

    Args:
        home: the folder of the stack on each host.
        names: to be resolved there.
        filesystem: the kernel's word for the version of NFS that the volume asks for.
        module: where that is.
    """
    values = {"home": home, "names": names, "filesystem": filesystem, "module": module}
    return Probe("look at what Docker's clients need", _PARTS, values)


@parser("the machine")
def parse(output: str, host: str) -> NodeObserved:
    """What the probe's output says.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _PARTS, "look at what Docker's clients need", host)
    engine, mirrors = _engine(found["engine"])
    kernel = found["kernel"]
    hashes = [line.split(maxsplit=1) for line in found["certificates"].text.splitlines()]
    daemon = found["daemon"].text
    return NodeObserved(
        distribution=found["os"].text.strip(),
        package=is_installed(found["package"]),
        kernel=None if kernel.exit_code == NOT_KNOWN else kernel.ok,
        mounts=tuple(found["mounts"].text.split("\n") if found["mounts"].text else ()),
        certificates={words[1]: words[0] for words in hashes if len(words) > 1},
        hosts=tuple(found["hosts"].text.splitlines()),
        known=frozenset(found["names"].text.splitlines()),
        daemon_json=daemon if daemon.strip() else None,
        engine=engine,
        mirrors=mirrors,
        put=tuple(found["put"].text.splitlines()),
    )  # fmt: skip


def _engine(section: Section) -> tuple[str, tuple[str, ...]]:
    """Docker's version and mirrors; warnings come in the same stream."""
    line = next((line for line in section.text.splitlines() if "|" in line), "")
    version, _, mirrors = line.partition("|")
    if not section.ok or not version:
        return "", ()
    try:
        return version, tuple(item.rstrip("/") for item in json.loads(mirrors) or [])
    except ValueError:
        return version, ()
