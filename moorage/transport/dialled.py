"""A connection that is made in the background, and what came of it when it is first used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import paramiko

from moorage.errors import Refused, Unreachable
from moorage.transport.proxy import ProxiedSocket
from moorage.transport.target import Target


class Dialled:
    """Begins to connect at once.

    Args:
        connect: makes the connection; what it raises is kept for :meth:`result`.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._made: Future[Any] = Future()
        # a daemon: nobody waits at the end of a run for a host that does not answer
        threading.Thread(target=self._dial, daemon=True).start()

    def _dial(self) -> None:
        try:
            self._made.set_result(self._connect())
        except BaseException as failure:  # noqa: BLE001  raised again where it is waited for
            self._made.set_exception(failure)

    def result(self) -> Any:
        """The connection, as soon as it stands; raises what came in its way."""
        return self._made.result()

    def hang_up(self) -> None:
        """Close the connection, now or as soon as it stands, which is not waited for."""
        self._made.add_done_callback(lambda made: made.exception() or made.result().close())


def not_connected(
    target: Target, connection: Any, cause: BaseException, proxy: ProxiedSocket | None = None
) -> Refused | Unreachable:
    """The failure that a connection which did not come about is.

    Args:
        connection: Fabric's, which knows what ssh-config made of the target.
        proxy: what it was to go through.
    """
    login = f"{connection.user}@{connection.host}"
    if isinstance(cause, paramiko.PasswordRequiredException):
        return Refused(
            f"the key for {login} is locked by a passphrase",
            host=target.name,
            hint="load it into an SSH agent first: ssh-add, with the key's file",
        )
    refused = isinstance(cause, paramiko.AuthenticationException)
    if refused or "No authentication methods" in str(cause):
        return Refused(
            f"{login}:{connection.port} refused the login",
            host=target.name,
            hint=f"check ssh.user and ssh.key; try: ssh -p {connection.port} {login} true",
        )
    if proxy is not None and (ended := proxy.why_ended()):
        return Unreachable(
            f"no SSH connection to {connection.host}:{connection.port}: {ended}", host=target.name,
            hint=f"look at what ssh-config says for {target.address}, and whether the host is up",
        )  # fmt: skip
    return Unreachable(
        f"no SSH connection to {connection.host}:{connection.port} within "
        f"{target.connect_timeout} s: {_reason(cause)}",
        host=target.name,
        hint="check that the host is up and its address right; run again to carry on",
    )


def _reason(cause: BaseException) -> str:
    """Why there is no connection, in other words than paramiko's where its own mislead."""
    text = str(cause)
    if "No existing session" in text or "protocol banner" in text:
        return "no SSH server answers there"
    return text or type(cause).__name__
