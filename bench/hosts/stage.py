"""The stage of one measurement: hosts, the way to them, an inventory, and the work item."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.hosts.keys import Login, make_login
from bench.hosts.sshd import Hosts

ROOT = Path(__file__).resolve().parent.parent.parent
EXPORT = "/srv/nexus"
_SITE = """\
schema: 1
hosts:
  nfs: {{{nfs}}}
  managers: {{{managers}}}
  nodes: {{{nodes}}}
ssh:
  user: root
  port: {port}
  key: {key}
  config: {ssh_config}
  known_hosts: [{known_hosts}]
nexus:
  version: 3.94.0
  domain: nexus.bench.example
registry: {{domain: registry.bench.example}}
storage: {{export: {export}, clients: [10.0.0.0/8]}}
ingress: {{version: "3.7", network: proxy}}
"""


@dataclass(frozen=True)
class Stage:
    """Where a measurement takes place.

    Args:
        folder: scratch of this stage.
        hosts: the servers.
        login: how every side logs in.
        addresses: of the hosts, by the way that is measured.
        port: TCP port of the hosts.
        inventory: Moorage's ``site.yml``.
        export_file: where the export file is, on a host.
        exports: a local file with the text that the export file is to have.
    """

    folder: Path
    hosts: Hosts
    login: Login
    addresses: tuple[str, ...]
    port: int
    inventory: Path
    export_file: str
    exports: Path


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def staged(folder: Path, count: int, delay_ms: float = 0) -> Iterator[Stage]:
    """Set up and take down.

    Args:
        folder: scratch folder, made anew.
        count: number of hosts.
        delay_ms: round trip time; 0 for loopback as it is.

    Raises:
        BenchError: the hosts do not start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    port = free_port()
    near = [f"127.0.{1 + at // 250}.{1 + at % 250}" for at in range(count)]
    far = [address.replace("127.0.", "127.1.") for address in near]
    login = make_login(folder, [(address, port) for address in (*near, *far)])
    hosts = Hosts(folder, near, port, login)
    used = far if delay_ms else near
    with contextlib.ExitStack() as stack:
        stack.callback(hosts.stop)
        hosts.start()
        if delay_ms:
            ways = [f"{there}:{port}={here}:{port}" for there, here in zip(far, near, strict=True)]
            stack.enter_context(forwarded(delay_ms, ways))
        inventory = _inventory(folder, used, port, login)
        file, text = _export(inventory)
        exports = folder / "exports"
        exports.write_text(text)
        yield Stage(folder, hosts, login, tuple(used), port, inventory, file, exports)


@contextlib.contextmanager
def forwarded(delay_ms: float, ways: list[str]) -> Iterator[None]:
    """A delaying forwarder while the block runs; see :mod:`bench.forwarder`."""
    argv = [sys.executable, "-m", "bench.forwarder", str(delay_ms), *ways]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def _inventory(folder: Path, addresses: list[str], port: int, login: Login) -> Path:
    names = [f"h{at}: {{address: {address}}}" for at, address in enumerate(addresses)]
    path = folder / "site" / "site.yml"
    path.parent.mkdir()
    path.write_text(
        _SITE.format(
            nfs=names[0],
            managers="spare: {address: 127.0.0.250}" if len(names) == 1 else names[1],
            nodes=", ".join(names[2:]),
            port=port, key=login.key, ssh_config=login.ssh_config, known_hosts=login.known_hosts,
            export=EXPORT,
        )
    )  # fmt: skip
    return path


def _export(inventory: Path) -> tuple[str, str]:
    """The export file's path and text, as Moorage renders it: every side writes the same."""
    from moorage import documents
    from moorage.config.inventory import load_site
    from moorage.config.render import Templates

    site = load_site(str(inventory), root=ROOT, environ=os.environ)
    return documents.exports_path(site), documents.exports(site, Templates(ROOT))
