"""The site of many machines with Docker, how they come to be as it asks, the proof of a look."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.converge.whole.answers import Answers, put
from bench.errors import BenchError
from bench.hosts.stage import EXPORT, ROOT, Stage
from bench.side import Side

DAEMON = "/etc/docker/daemon.json"
HOSTS_FILE = "/etc/hosts"
_ENGINE = "20.10.24+dfsg1"
"""As ``docker info`` has it in tests/recorded/docker/20.10."""
_INFO = "info --format {{.ServerVersion}}|{{json .RegistryConfig.Mirrors}}"
_MIRROR = "https://mirror.bench.example"
_SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: 127.0.0.250}}}}
  managers: {{h0: {{address: {manager}}}}}
  nodes: {{{nodes}}}
ssh:
  user: root
  port: {port}
  key: {key}
  config: {ssh_config}
  known_hosts: [{known_hosts}]
nexus: {{version: 3.94.0, domain: nexus.bench.example}}
registry: {{domain: registry.bench.example}}
storage: {{export: {export}, clients: [10.0.0.0/8]}}
ingress: {{version: "3.7", network: proxy, tls: {{ca: {ca}}}}}
nodes: {{hosts_file: 10.0.0.80, mirror: "{mirror}"}}
"""


@dataclass(frozen=True)
class Asked:
    """What each machine is to have.

    Args:
        ca: a local file with the CA.
        ca_file: where Docker looks for it.
        line: in /etc/hosts, with both names.
        names: that are to resolve.
        kernel: the file system of NFS and its module.
        mirror: as Docker is to ask it.
    """

    ca: Path
    ca_file: str
    line: str
    names: tuple[str, ...]
    kernel: tuple[str, str]
    mirror: str

    @property
    def values(self) -> Mapping[str, str]:
        """For the shell of ``peers/nodes.sh`` and of the plain ssh."""
        filesystem, module = self.kernel
        return {
            "CA_FILE": self.ca_file, "CA_DIGEST": hashlib.sha256(self.ca.read_bytes()).hexdigest(),
            "HOSTS_FILE": HOSTS_FILE, "HOSTS_LINE": self.line, "NAMES": " ".join(self.names),
            "FILESYSTEM": filesystem, "MODULE": module, "DAEMON": DAEMON, "MIRROR": self.mirror,
        }  # fmt: skip

    @property
    def shell_values(self) -> str:
        """The same as lines of shell."""
        return "".join(f"{name}={shlex.quote(value)}\n" for name, value in self.values.items())


@dataclass
class Nodes:
    """The site.

    Args:
        stage: its hosts, with the inventory of this site.
        asked: of each of them.
    """

    stage: Stage
    asked: Asked

    def __post_init__(self) -> None:
        self._before = self._files()

    def forget(self) -> None:
        """Count what is asked from here."""
        (self._root / "srv/calls").write_text("")
        self.stage.hosts.served()

    def check(self, side: Side) -> None:
        """See that a side asked every machine, and left all as it was.

        Raises:
            BenchError: it left something out, or changed something; or Moorage took more than one
                command for a machine.
        """
        done = set((self._root / "srv/calls").read_text().splitlines())
        missing = sorted(self.calls - done)
        if missing:
            raise BenchError(f"{side.name} ended well, but never asked: {missing[0]}")
        if self._files() != self._before:
            raise BenchError(f"{side.name} wrote a file that was as it should be")
        served, many = self.stage.hosts.served(), len(self.stage.addresses)
        if side.name == "Moorage" and (served.connects, served.execs, served.sftp) != (
            many,
            many,
            0,
        ):
            raise BenchError(f"Moorage asked {many} machines otherwise than once each: {served}")

    @property
    def calls(self) -> set[str]:
        """What every side's every look makes the stand-ins write down."""
        return {
            f"{call} at {address}: {words}"
            for address in self.stage.addresses
            for call, words in (
                ("docker", _INFO), ("dpkg-query", "-W -f ${db:Status-Status} nfs-common"),
                *(("getent", f"ahosts -- {name}") for name in self.asked.names),
            )
        }  # fmt: skip

    @property
    def _root(self) -> Path:
        return self.stage.hosts.root

    def _files(self) -> list[tuple[int, int]]:
        """Which files there are: one that is written anew is another, or is newer."""
        paths = [self.asked.ca_file, HOSTS_FILE, DAEMON]
        seen = [(self._root / path.lstrip("/")).stat() for path in paths]
        return [(one.st_ino, one.st_mtime_ns) for one in seen]


def answers() -> Answers:
    """What Docker says of itself; it shows a mirror with a slash at its end."""
    return {_INFO: f'{_ENGINE}|["{_MIRROR}/"]'}


def nodes(stage: Stage) -> Nodes:
    """Give the hosts what the inventory asks, as ``fab nodes-setup`` would leave them.

    It is not let do that itself: what it has put on a host it writes down in /var/lib, which is
    this machine's own.
    """
    inventory, ca = stage.folder / "nodes" / "site.yml", stage.folder / "nodes" / "ca.pem"
    inventory.parent.mkdir()
    ca.write_text(_certificate())
    inventory.write_text(site(stage, ca))
    asked = described(inventory, ca)
    root = stage.hosts.root
    put(root / "srv", dict.fromkeys(stage.addresses, answers()))
    for path, text in (
        (asked.ca_file, ca.read_text()),
        (DAEMON, f'{{"registry-mirrors": ["{asked.mirror}"]}}\n'),
    ):
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o644)
    with (root / HOSTS_FILE.lstrip("/")).open("a") as hosts:
        hosts.write(f"{asked.line}\n")
    return Nodes(replace(stage, inventory=inventory), asked)


def site(stage: Stage, ca: Path) -> str:
    """The inventory's text: all hosts are in the Swarm; the NFS host is another, not asked."""
    manager, *others = stage.addresses
    return _SITE.format(
        manager=manager, port=stage.port, key=stage.login.key, ssh_config=stage.login.ssh_config,
        nodes=", ".join(f"h{at}: {{address: {one}}}" for at, one in enumerate(others, start=1)),
        known_hosts=stage.login.known_hosts, export=EXPORT, ca=ca, mirror=_MIRROR,
    )  # fmt: skip


def described(inventory: Path, ca: Path) -> Asked:
    """What the inventory asks, in Moorage's own words."""
    from moorage import documents
    from moorage.config.inventory import load_site
    from moorage.steps.nodes import desired

    loaded = load_site(str(inventory), root=ROOT, environ=os.environ)
    wanted = next(iter(desired(loaded, ca.read_text()).values()))
    return Asked(
        ca=ca,
        ca_file=next(iter(wanted.certificates)),
        line=f"{wanted.address} {' '.join(wanted.names)} # moorage {loaded.stack.name}",
        names=wanted.names,
        kernel=documents.kernel_client(loaded),
        mirror=wanted.mirror,
    )


def _certificate() -> str:
    """A CA, as ``fab certificate-create`` makes it."""
    from datetime import UTC, datetime

    from moorage.certificates.authority import make_authority
    from moorage.values import Secret

    pair = make_authority("bench", Secret("bench"), days=1, now=datetime.now(UTC))
    return pair.certificate.decode()
