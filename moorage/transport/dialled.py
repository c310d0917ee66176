"""A connection that is made in the background, and told of when it is first used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


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


def reason_of(cause: BaseException) -> str:
    """Why there is no connection, in other words than paramiko's where its own mislead."""
    text = str(cause)
    if "No existing session" in text or "protocol banner" in text:
        return "no SSH server answers there"
    return text or type(cause).__name__
