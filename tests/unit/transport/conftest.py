"""What the tests of the transport share: a real SSH server, and hosts that connect to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ssh_server import SshServer

from moorage import order
from moorage.transport.ssh import SshHost, Target

Hosts = Callable[..., SshHost]


@pytest.fixture(scope="session")
def running_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    server = SshServer(tmp_path_factory.mktemp("sshd"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sshd(running_sshd: SshServer) -> Iterator[SshServer]:
    """The server, with none but its own programs on the sessions' PATH afterwards."""
    yield running_sshd
    for program in running_sshd.programs.iterdir():
        program.unlink()


@pytest.fixture(scope="session")
def target(running_sshd: SshServer) -> Target:
    """How to reach the server."""
    config = running_sshd.folder / "ssh_config"
    config.touch()
    return Target(
        name="nas",
        address="127.0.0.1",
        user=running_sshd.user,
        port=running_sshd.port,
        key=str(running_sshd.user_key),
        ssh_config=config,
        known_hosts=(running_sshd.known_hosts,),
        connect_timeout=5,
        command_timeout=30,
        connect_kwargs={"allow_agent": False, "look_for_keys": False},
    )


@pytest.fixture
def hosts(target: Target) -> Iterator[Hosts]:
    """Hosts on the server, by what is to be otherwise in their target; closed afterwards."""
    made = []

    def make(*, sudo_password=None, **changes) -> SshHost:
        host = SshHost(dataclasses.replace(target, **changes), sudo_password=sudo_password)
        made.append(host)
        return host

    yield make
    for host in made:
        host.close()


@pytest.fixture(scope="session")
def host(target: Target) -> Iterator[SshHost]:
    """One host for all tests that leave its connection alone."""
    shared = SshHost(target)
    yield shared
    shared.close()


@pytest.fixture
def execs(sshd: SshServer, tmp_path: Path) -> Callable[[], int]:
    """How many commands the server has been asked to run."""
    log = tmp_path / "execs"
    program = sshd.programs / "sh"
    program.write_text(f'#!/bin/sh\necho "$*" >>{log}\nexec /bin/sh "$@"\n')
    program.chmod(0o755)
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def inventory_of(
    sshd: SshServer, target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Path of an inventory whose hosts are all the server, from a text with places to fill in."""
    monkeypatch.setattr(order, "HOME", str(tmp_path / "moorage"))
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    monkeypatch.setenv("NEXUS_ADMIN_PASSWORD", "x")
    for name in ("MOORAGE_YES", "MOORAGE_DRY_RUN", "MOORAGE_VERBOSE"):
        monkeypatch.delenv(name, raising=False)

    def make(text: str) -> str:
        path = tmp_path / "site" / "site.yml"
        path.parent.mkdir()
        path.write_text(text.format(
            port=sshd.port, user=sshd.user, key=sshd.user_key, known=sshd.known_hosts,
            config=target.ssh_config, export=tmp_path / "export",
        ))  # fmt: skip
        return str(path)

    return make
