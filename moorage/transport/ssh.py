"""SSH to one host. The only file that imports Fabric."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import paramiko
from fabric import Config, Connection

from moorage.errors import Lost, Refused, SudoRefused, Unfinished, Unreachable
from moorage.quoting import Script, after_ready, command_line
from moorage.transport.base import Result
from moorage.transport.channel import (
    SUDO_PROMPT,
    ChannelOutput,
    CutShortError,
    Dialogue,
    answer_prompt,
    feed_channel,
    run_on_channel,
)
from moorage.transport.dialled import Dialled, not_connected
from moorage.transport.heartbeat import Heartbeat
from moorage.transport.hostkeys import refuse_unknown_keys, reported_host_keys
from moorage.transport.proxy import ProxiedSocket, prepare
from moorage.transport.target import Target
from moorage.values import Secret

_BACK_OFF_SECONDS = 2.0
Told = Callable[[str, str, int | None, float], None]
"""Hears of each command: host, command, exit code (None without an end), seconds."""


class SshHost:
    """A host reached by SSH: one connection, kept for the whole run."""

    def __init__(
        self, target: Target, *, sudo_password: Secret | None = None, told: Told | None = None
    ) -> None:
        self.name = target.name
        self._told = told
        self._target = target
        self._sudo_password = sudo_password
        self._connection: Connection | None = None
        self._heartbeat: Heartbeat | None = None
        self._opening = threading.Lock()
        self._dialled: Dialled | None = None

    @property
    def user(self) -> str:
        """The account on the host."""
        return str(self._open().user)

    def open(self) -> None:
        self._open()

    def dial(self) -> None:
        """Begin to connect; what comes of it is told when the connection is first used."""
        self._dialled = Dialled(self._connect)

    def _open(self) -> Connection:
        with self._opening:
            if dialled := self._dialled:
                self._dialled = None
                self._connection = dialled.result()
            if self._connection is None or not self._connection.is_connected:
                self._connection = self._connect()
            return self._connection

    def _connect(self) -> Connection:
        target = self._target
        if target.key and not Path(target.key).is_file():
            raise Refused(f"there is no key file {target.key}", host=target.name,
                          hint="correct ssh.key, or the key of this host")  # fmt: skip
        connection = connection_to(target)
        known = refuse_unknown_keys(connection, target.known_hosts)
        socket = None
        try:
            with reported_host_keys(target.name, known):
                socket = prepare(connection, target.connect_timeout)
                connection.open()
        except BaseException as cause:
            # the server would count it among those that have yet to log in
            connection.client.close()
            if socket is not None:
                socket.close()
            if isinstance(cause, OSError | EOFError | paramiko.SSHException):
                proxy = socket if isinstance(socket, ProxiedSocket) else None
                raise not_connected(target, connection, cause, proxy) from cause
            raise
        self._heartbeat = Heartbeat(connection.client.get_transport())
        return connection

    def channel(self) -> paramiko.Channel:
        """A new one, on which nothing was begun yet."""
        connection = self._open()
        try:
            channel: paramiko.Channel = connection.client.get_transport().open_session(
                timeout=self._target.connect_timeout
            )
        except (OSError, EOFError, paramiko.SSHException) as cause:
            raise self.lost(cause) from cause
        return channel

    def lost(self, cause: BaseException) -> Unreachable:
        """The failure that the end of the connection is."""
        silent = self._heartbeat is not None and self._heartbeat.silent
        reason = "the host has fallen silent" if silent else cause or type(cause).__name__
        return (Unreachable if silent else Lost)(
            f"the SSH connection was lost: {reason}",
            host=self.name,
            hint="run the same command again: it carries on from what is there",
        )

    def needs_sudo(self) -> bool:
        """Whether commands are run by sudo there."""
        return self._target.sudo and self._open().user != "root"

    @property
    def sudo_asks(self) -> bool:
        """Whether sudo is known to ask for a password."""
        return self._sudo_password is not None

    def run(self, script: Script, *, timeout: float | None = None) -> Result:
        """Run a script; see :meth:`Host.change`."""
        begun, code = time.monotonic(), None
        try:
            result = self._run(script, timeout)
            code = result.exit_code
        finally:
            if self._told:
                self._told(self.name, script.command, code, time.monotonic() - begun)
        return result

    def _run(self, script: Script, timeout: float | None) -> Result:
        channel = self.channel()
        deadline = time.monotonic() + (timeout or self._target.command_timeout)
        text = script.text().encode()
        try:
            with contextlib.closing(channel):
                if not self.needs_sudo():
                    return run_on_channel(channel, "sh -s", Dialogue(text), deadline)
                if self._sudo_password is None:
                    line = command_line(["sh", "-s"], sudo=True)
                    return self._sudo_checked(
                        run_on_channel(channel, line, Dialogue(text), deadline)
                    )
                # sudo reads the password itself only after its prompt was seen, so that a
                # password it does not ask for never reaches the shell
                line = _asking_sudo(["sh", "-s"])
                dialogue = Dialogue(
                    text, prompt=SUDO_PROMPT, answer=self._sudo_password, go_ahead="ready\n"
                )
                return self._sudo_checked(run_on_channel(channel, line, dialogue, deadline))
        except TimeoutError as cause:
            waited = timeout or self._target.command_timeout
            raise Unfinished(
                f"no end after {waited:.0f} s: {script.summary}",
                output=cause.stdout if isinstance(cause, CutShortError) else "",
                host=self.name,
                hint="look at the host; run again to carry on",
            ) from cause
        except (OSError, EOFError, paramiko.SSHException) as cause:
            raise self.lost(cause) from cause

    def _sudo_checked(self, result: Result) -> Result:
        lines = result.stderr.splitlines()
        refused = [line for line in lines if line.startswith(("sudo:", "Sorry,"))]
        if result.exit_code == 1 and refused and not result.stdout:
            raise SudoRefused(
                f"sudo refused: {refused[-1]}",
                host=self.name,
                hint="give the account passwordless sudo, or add --prompt-for-sudo-password",
            )
        return result

    def read(self, script: Script, *, timeout: float | None = None) -> str:
        try:
            result = self.run(script, timeout=timeout)
        except Lost:
            # what only reads may be asked again; a change may have been made already
            time.sleep(_BACK_OFF_SECONDS)
            result = self.run(script, timeout=timeout)
        return result.require(script, self.name)

    def change(self, script: Script, *, timeout: float | None = None) -> Result:
        return self.run(script, timeout=timeout)

    def start(self, argv: Sequence[str]) -> paramiko.Channel:
        """Begin a command with the rights of a script, for who reads and feeds it by himself."""
        needs_sudo = self.needs_sudo()
        channel = self.channel()
        try:
            if needs_sudo and self._sudo_password is not None:
                channel.exec_command(_asking_sudo(argv))
                answer_prompt(channel, SUDO_PROMPT, self._sudo_password, "ready\n", self.name)
            else:
                channel.exec_command(command_line(argv, sudo=needs_sudo))
        except (OSError, EOFError, paramiko.SSHException) as cause:
            raise self.lost(cause) from cause
        except Refused:
            channel.close()
            raise
        return channel

    def output(self, argv: Sequence[str]) -> ChannelOutput:
        begun = time.monotonic()

        def ended(code: int) -> None:
            if self._told:
                self._told(self.name, command_line(argv), code, time.monotonic() - begun)

        return ChannelOutput(self.start(argv), command_line(argv), self.name, self.lost, ended)

    def feed(self, argv: Sequence[str], pieces: Iterator[bytes]) -> str:
        begun = time.monotonic()
        with contextlib.closing(self.start(argv)) as channel:
            try:
                result = feed_channel(channel, pieces)
            except EOFError as cause:
                raise self.lost(cause) from cause
        if self._told:
            self._told(self.name, command_line(argv), result.exit_code, time.monotonic() - begun)
        return result.require(Script("load what was sent", command_line(argv)), self.name)

    def tunnel(self, address: str, port: int) -> paramiko.Channel:
        """A TCP connection from the host to ``address:port``, as a channel."""
        transport = self._open().client.get_transport()
        try:
            channel: paramiko.Channel = transport.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=10
            )
        except (OSError, EOFError, paramiko.SSHException) as cause:
            raise ConnectionRefusedError(f"{address}:{port} from {self.name}: {cause}") from cause
        return channel

    def close(self) -> None:
        if self._dialled:
            self._dialled.hang_up()
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connection_to(target: Target) -> Connection:
    """Fabric's connection for a target, not yet open; ssh-config fills what is left out."""
    paths = {"runtime_ssh_path": str(target.ssh_config)} if target.ssh_config else {}
    # lazy: no invoke files of the working directory decide how hosts are reached
    config = Config(lazy=True, **paths)
    config.load_ssh_config()
    connect_kwargs: dict[str, Any] = {
        "banner_timeout": target.connect_timeout,
        "auth_timeout": target.connect_timeout,
        "channel_timeout": target.connect_timeout,
        **target.connect_kwargs,
    }
    if target.key:
        connect_kwargs["key_filename"] = [target.key]
    gateway = None
    if target.jump:
        gateway = Connection(
            target.jump,
            config=config.clone(),
            connect_timeout=target.connect_timeout,
            connect_kwargs=dict(connect_kwargs),
        )
    return Connection(
        target.address,
        user=target.user,
        port=target.port,
        gateway=gateway,
        config=config,
        connect_timeout=target.connect_timeout,
        connect_kwargs=connect_kwargs,
    )


def _asking_sudo(argv: Sequence[str]) -> str:
    """What runs a command by a sudo that asks for a password, and says when it has taken it."""
    return command_line(["sudo", "-S", "-p", SUDO_PROMPT, "--", *after_ready(argv)])
