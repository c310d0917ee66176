"""All hosts of a site: one connection each, opened on first use, worked on side by side."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, runtime_checkable

from moorage.config.schema.base import seconds
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, Refused
from moorage.quoting import Script
from moorage.transport.base import Host
from moorage.values import Secret

if TYPE_CHECKING:
    import paramiko

    from moorage.transport.http import Web
    from moorage.transport.ssh import SshHost, Told
    from moorage.transport.target import Target
    from moorage.transport.tunnel import Stream

_MOST_AT_ONCE = 64
_TURN_SECONDS = 0.001
"""How long one thread works while another has something to do; Python's own default is 5 ms."""
Given = TypeVar("Given")


@runtime_checkable
class Tunnels(Protocol):
    """A host that carries connections to others."""

    def tunnel(self, address: str, port: int) -> Stream:
        """A TCP connection from the host to ``address:port``."""
        ...


class Fleet:
    """The hosts of a site.

    Args:
        site: whose hosts.
        manager: inventory name of the manager to work through; default: the first.
        sudo_password: for hosts whose sudo asks.
        connect_kwargs: further options of paramiko's connect, such as key files from
            ``fab --identity``.
        told: hears of each remote command.
        warn: hears of what is gone on with, and should not stay so.
    """

    def __init__(
        self,
        site: Site,
        *,
        manager: str = "",
        sudo_password: Secret | None = None,
        connect_kwargs: Mapping[str, Any] | None = None,
        told: Told | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.site = site
        self.manager = manager or next(iter(site.hosts.managers))
        self._sudo_password = sudo_password
        self._connect_kwargs = dict(connect_kwargs or {})
        self._told = told
        self._warn = warn
        self._warned: set[str] = set()
        self._hosts: dict[str, SshHost] = {}
        self._others: dict[str, Host] = {}
        self._making = threading.Lock()

    def host(self, name: str) -> Host:
        """A host by its inventory name, or one that was added."""
        return self._others.get(name) or self._ssh(name)

    def add(self, host: Host) -> None:
        """Let a host that is not of the site be worked on too, such as this machine."""
        self._others[host.name] = host

    def _ssh(self, name: str) -> SshHost:
        from moorage.transport.ssh import SshHost

        with self._making:
            if name not in self._hosts:
                self._hosts[name] = SshHost(
                    self.target(name), sudo_password=self._sudo_password, told=self._told
                )
            return self._hosts[name]

    def dial(self, names: Iterable[str]) -> None:
        """Begin to connect to hosts that are certain to be asked, while other work goes on.

        No command is run; a host that does not answer is told by whoever asks it first.
        """
        # a handshake waits for its turn several times, while much is imported beside it
        sys.setswitchinterval(_TURN_SECONDS)
        for name in list(names)[:_MOST_AT_ONCE]:
            self._ssh(name).dial()

    def target(self, name: str) -> Target:
        """Where and how a host is reached.

        Raises:
            Refused: the ssh-config file that the inventory names is not there.
        """
        from moorage.transport.target import Target

        ssh = self.site.ssh
        _, host = self.site.named_hosts()[name]
        key = host.key or ssh.key
        return Target(
            name=name,
            address=host.address,
            user=host.user or ssh.user,
            port=host.port or ssh.port,
            key=str(self.site.file(key)) if key else None,
            jump=self._jump(host.jump),
            sudo=ssh.sudo if host.sudo is None else host.sudo,
            ssh_config=self._ssh_config(),
            known_hosts=tuple(self.site.file(path) for path in ssh.known_hosts),
            connect_timeout=seconds(ssh.connect_timeout),
            command_timeout=seconds(ssh.command_timeout),
            connect_kwargs=dict(self._connect_kwargs),
        )

    def _ssh_config(self) -> Path | None:
        if not self.site.ssh.config:
            return None
        path = self.site.file(self.site.ssh.config)
        if not path.is_file():
            raise Refused(f"there is no file {path}, which ssh.config names",
                          hint="name one that is there, or leave ssh.config out")  # fmt: skip
        return path

    def _jump(self, jump: str | None) -> str | None:
        named = self.site.named_hosts()
        if jump is None or jump not in named:
            return jump
        host = named[jump][1]
        user = host.user or self.site.ssh.user
        port = host.port or self.site.ssh.port
        return (f"{user}@" if user else "") + host.address + (f":{port}" if port else "")

    def each(
        self, names: Iterable[str], work: Callable[[Host], Given]
    ) -> dict[str, Given | MoorageError]:
        """Do the same on several hosts at once; keep every host's result or failure."""
        names = list(names)

        def one(name: str) -> Given | MoorageError:
            try:
                return work(self.host(name))
            except MoorageError as failure:
                failure.host = failure.host or name
                return failure

        if len(names) == 1:
            return {names[0]: one(names[0])}
        pool = ThreadPoolExecutor(max_workers=min(len(names), _MOST_AT_ONCE) or 1)
        try:
            return dict(zip(names, pool.map(one, names), strict=True))
        finally:
            # after Ctrl-C nobody waits for slow hosts: closing the fleet ends what still runs
            pool.shutdown(wait=False, cancel_futures=True)

    def to_ingress(self) -> Stream:
        """A connection to Traefik from the manager that is worked through.

        Raises:
            ConnectionRefusedError: it is at none of :meth:`Site.ingress_addresses`.
        """
        port = self.site.ingress.port
        host = self.host(self.manager)
        if not isinstance(host, Tunnels):
            raise ConnectionRefusedError(f"{host.name} carries no connections")
        *others, last = self.site.ingress_addresses(self.manager)
        for address in others:
            with contextlib.suppress(ConnectionRefusedError):
                return host.tunnel(address, port)
        return host.tunnel(last, port)

    def web(self, domain: str, *, login: tuple[str, Secret] | None = None,
            retry: bool = True) -> Web:  # fmt: skip
        """HTTP to one of the site's public names, by the way that the inventory says."""
        from moorage.transport.http import Web

        scheme = "https" if self.site.ingress.tls else "http"
        verify: str | bool = True
        ca = ca_file(self.site)
        if ca:
            verify = str(ca)
        dial = None
        if self.site.api == "via-ssh":
            dial = self.to_ingress
        url = f"{scheme}://{self.site.with_port(domain)}"
        return Web(url, verify=verify, dial=dial, around=self.to_ingress, login=login, retry=retry,
                   outlived=lambda: self._outlived(domain))  # fmt: skip

    def _outlived(self, domain: str) -> None:
        """Warn once of a certificate whose time is over."""
        if self._warn and domain not in self._warned:
            self._warned.add(domain)
            self._warn(f"the certificate of {domain} has expired: gone on by way of SSH, but "
                       "Docker and browsers refuse it; fab doctor says more")  # fmt: skip

    def web_through(self, name: str, script: Script) -> Web:
        """HTTP to what a script on a host connects to; it goes through SSH alone.

        Args:
            name: inventory name of the host.
            script: says ``ready``, then passes bytes to and fro.
        """
        from moorage.transport.channel import await_ready
        from moorage.transport.http import Web

        def dial() -> paramiko.Channel:
            return await_ready(self._ssh(name).start(["sh", "-s"]), script)

        return Web("http://localhost", dial=dial, retry=False)

    def close(self) -> None:
        """End all connections."""
        for host in self._hosts.values():
            host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ca_file(site: Site) -> Path | None:
    """The file with the site's own CA; None where there is none.

    Raises:
        Refused: the inventory names one that is not there.
    """
    if not (site.ingress.tls and site.ingress.tls.ca):
        return None
    path = site.file(site.ingress.tls.ca)
    if not path.is_file():
        raise Refused(f"there is no file {path}, which ingress.tls.ca names",
                      hint="put the CA's certificate there, in PEM form")  # fmt: skip
    return path


def all_or_first_failure(results: Mapping[str, Given | MoorageError]) -> dict[str, Given]:
    """The results where no host failed.

    Raises:
        MoorageError: that of the first host that failed, which tells of the others.
    """
    failures = [result for result in results.values() if isinstance(result, MoorageError)]
    if failures:
        first, *first.also = failures
        raise first
    return {name: result for name, result in results.items()
            if not isinstance(result, MoorageError)}  # fmt: skip
