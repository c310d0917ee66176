"""The way to servers from 3.26 on: their REST API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Any, TypeVar

import stamina
import stamina.instrumentation

from moorage.errors import RequestRefused, Unreachable, Untrusted
from moorage.steps.nexus.api import REST, Login, NexusObserved, Request, Scope, Version
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.reading import read
from moorage.transport.http import Web
from moorage.transport.parsing import parser
from moorage.values import Secret

if TYPE_CHECKING:
    import requests

_Given = TypeVar("_Given")

AT_ONCE = 8
"""Requests side by side; each has a connection of its own."""

_EDITION = re.compile(r"^Nexus/\S+ \((\w+)\)")
_READ_SECONDS = 60.0
_ATTEMPTS = 5
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 10.0
_PASSING = {502, 503, 504}
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404

# by itself it would print each retry; what matters is told by the error
stamina.instrumentation.set_on_retry_hooks(())


class RestApi:
    """A server with the REST API.

    Args:
        web: Nexus by its name, without retries of its own.
        version: what the server says it is.
        deadline: for all requests together.
    """

    def __init__(self, web: Web, version: Version, deadline: Deadline) -> None:
        self._web = web
        self.version = version
        self._deadline = deadline
        self._password: Secret | None = None
        self._idle: LifoQueue[Web] = LifoQueue()
        self.edition = ""

    def takes(self, user: str, password: Secret) -> bool:
        """One request that needs a login but no right: 403 says that the login was taken.

        ``status`` would be answered to anybody (nexus-public 3.77.1, StatusResource).
        """
        return self.login_taken(f"{REST}/security/users", user, password, userId=user)

    def login_taken(self, path: str, user: str, password: Secret, **params: str) -> bool:
        """Whether a path that needs a login takes one."""
        answer = self.asked("GET", path, login=(user, password), params=params,
                            ok=(200, _UNAUTHORIZED, _FORBIDDEN))  # fmt: skip
        found = _EDITION.match(answer.headers.get("Server", ""))
        self.edition = found[1].upper() if found else self.edition
        return answer.status_code != _UNAUTHORIZED

    def log_in(self, password: Secret) -> None:
        self._password = password

    @parser("Nexus")
    def read(self, scope: Scope, login: Login) -> NexusObserved:
        return read(self, scope, self.version, self.edition, login)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        missing: tuple[int, ...] = (),
    ) -> Any:
        """What a path gives; None where the answer is one of ``missing``."""
        answer = self.asked("GET", path, ok=(200, *missing), params=params)
        return None if answer.status_code in missing else answer.json()

    def together(self, readings: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """Several readings side by side, by name."""
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            return dict(zip(readings, pool.map(lambda one: one(), readings.values()), strict=True))
        finally:
            # after a failure or Ctrl-C nobody waits for the rest
            pool.shutdown(wait=False, cancel_futures=True)

    def send(self, request: Request) -> None:
        """A PUT or DELETE is sent again after what may pass; a POST only when it did not take."""
        again = False

        def once() -> None:
            nonlocal again
            if again and request.method == "POST" and self._took(request):
                return
            gone = (_NOT_FOUND,) if again and request.method == "DELETE" else ()
            again = True
            self.once(request.method, request.path, ok=(200, 201, 204, *gone), body=request.body)

        if request.method == "POST" and request.listed is None:
            once()
        else:
            self._tried(once)

    def change_password(self, user: str, password: Secret) -> None:
        self.asked("PUT", f"{REST}/security/users/{user}/change-password", text=password)

    def _took(self, request: Request) -> bool:
        assert request.listed is not None  # noqa: S101
        path, key, value = request.listed
        found = self.once("GET", path, ok=(200,)).json()
        items = found["items"] if isinstance(found, dict) else found
        return any(item.get(key) == value for item in items)

    def asked(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, sent again after what may pass."""
        return self._tried(lambda: self.once(method, path, **options))

    def once(
        self, method: str, path: str, *, login: tuple[str, Secret] | None = None, **options: Any
    ) -> requests.Response:
        seconds = self._deadline.left(_READ_SECONDS)
        with self._borrowed() as web:
            if login:
                web.log_in(*login)
            elif self._password:
                web.log_in("admin", self._password)
            return web.call(method, path, read_seconds=seconds, **options)

    @contextmanager
    def _borrowed(self) -> Iterator[Web]:
        """A connection that nobody else uses meanwhile."""
        try:
            web = self._idle.get_nowait()
        except Empty:
            web = self._web.another()
        try:
            yield web
        finally:
            self._idle.put(web)

    def _tried(self, work: Callable[[], _Given]) -> _Given:
        """Do it, and again after what may pass, with growing pauses and some chance in them."""
        for attempt in stamina.retry_context(
            on=_may_pass, attempts=_ATTEMPTS, timeout=self._deadline.left(),
            wait_initial=_FIRST_WAIT, wait_max=_LONGEST_WAIT, wait_jitter=_FIRST_WAIT,
        ):  # fmt: skip
            with attempt:
                return work()
        raise AssertionError("the last attempt raises")


def _may_pass(failure: Exception) -> bool:
    if isinstance(failure, RequestRefused):
        return failure.status in _PASSING
    return isinstance(failure, Unreachable) and not isinstance(failure, Untrusted)
