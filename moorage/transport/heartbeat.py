"""Tells a slow command from a dead host: an SSH request that must be answered, now and then."""

from __future__ import annotations

import threading

import paramiko

_PAUSE_SECONDS = 10.0
SILENCE_SECONDS = 40.0
"""A host that has answered nothing for so long is taken for lost."""


class Heartbeat:
    """Asks over a connection, in the background, whether the other end is still there.

    OpenSSH answers requests that it does not know with a refusal (RFC 4254, section 4), which is
    an answer. paramiko's own keepalive does not look for one. A connection without an answer is
    closed, which ends whatever waits on it.
    """

    def __init__(self, transport: paramiko.Transport) -> None:
        self._transport = transport
        self._stopped = threading.Event()
        self.silent = False
        """Whether the connection was closed for want of an answer."""
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while not self._stopped.wait(_PAUSE_SECONDS) and self._transport.is_active():
            limit = threading.Timer(SILENCE_SECONDS, self._give_up)
            limit.daemon = True
            limit.start()
            try:
                self._transport.global_request("keepalive@openssh.com", wait=True)
            except (OSError, EOFError, paramiko.SSHException):
                return
            finally:
                limit.cancel()

    def _give_up(self) -> None:
        self.silent = True
        self._transport.close()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()
