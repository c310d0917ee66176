"""HTTP to Nexus and to the registry: timeouts, retries of what may be retried, clear errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from moorage.errors import RequestRefused, Silent, Unreachable, Untrusted
from moorage.quoting import hidden
from moorage.transport.tunnel import Dial, TunnelAdapter
from moorage.values import Secret

_CONNECT_SECONDS = 10
_SENT = ("body", "text", "arguments")
_READ_SECONDS = 60
_Data = bytes | Iterator[bytes] | None
# other: a certificate that is not trusted will not be at the next attempt either
_RETRIES = Retry(
    total=4, connect=2, read=2, other=0, backoff_factor=0.3, backoff_jitter=0.2,
    status_forcelist=(502, 503, 504),
    allowed_methods=("GET", "HEAD"), raise_on_status=False, respect_retry_after_header=False,
)  # fmt: skip


class Web:
    """One server, by its public name.

    Args:
        base: such as ``https://nexus.example.com``, without a slash at its end.
        verify: CA file, or True for those that the machine knows.
        dial: opens a stream to the server where its name does not lead there from here.
        around: the same, where the certificate's time is over and there is no ``dial``.
        login: user and password for Basic authentication.
        retry: False where the caller waits and tries again by itself.
        outlived: told where the certificate's time is over, which is taken all the same by
            ``dial`` or ``around``: SSH leads there, and signature and name still count. None: it is
            refused.
    """

    def __init__(
        self,
        base: str,
        *,
        verify: str | bool = True,
        dial: Dial | None = None,
        around: Dial | None = None,
        login: tuple[str, Secret] | None = None,
        retry: bool = True,
        outlived: Callable[[], None] | None = None,
    ) -> None:
        self.base = base
        self._options: dict[str, Any] = {
            "verify": verify, "dial": dial, "around": around, "retry": retry, "outlived": outlived,
        }  # fmt: skip
        self._outlived = outlived if dial or around else None
        self._session = requests.Session()
        self._session.trust_env = dial is None
        # requests would put a netrc's login over any Authorization header
        self._session.auth = _as_it_is
        # given with each request: requests prefers REQUESTS_CA_BUNDLE to a session's own
        self._verify = verify
        self._mount()
        if login:
            self.log_in(*login)

    def _mount(self, *, at_any_time: bool = False) -> None:
        retries = _RETRIES if self._options["retry"] else 0
        dial = self._options["dial"] or (self._options["around"] if at_any_time else None)
        adapter = TunnelAdapter(dial, at_any_time=at_any_time, max_retries=retries) if dial else (
            HTTPAdapter(max_retries=retries)
        )  # fmt: skip
        self._session.mount(self.base + "/", adapter)

    def another(self) -> Web:
        """The same server by a connection of its own, without a login."""
        return Web(self.base, **self._options)

    def log_in(self, user: str, password: Secret) -> None:
        """Use these credentials from now on."""
        self._session.auth = _Basic(user, password)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        text: Secret | str | None = None,
        arguments: Any = None,
        data: _Data = None,
        params: Mapping[str, str] | None = None,
        headers: dict[str, str] | None = None,
        read_seconds: float = _READ_SECONDS,
    ) -> requests.Response:
        """Send one request and give the answer, whatever its status.

        Args:
            method: GET, PUT and so on.
            path: from the server's root, or a whole address that the server gave.
            body: sent as JSON; a Secret in it is revealed here and nowhere else.
            text: sent as text/plain.
            arguments: sent as JSON in text/plain, for a script of Nexus; of ASCII characters
                alone, so that no two can disagree about their encoding. Secrets as in ``body``.
            data: sent as it is; an iterator's parts as they come.

        Raises:
            Unreachable: no answer; Silent where it took the request.
            Untrusted: its certificate is not trusted.
        """
        kind, content = _content(body, arguments, text, data)
        headers = {"Accept": "application/json", **kind, **(headers or {})}
        address = path if path.startswith("http") else self.base + path
        try:
            return self._sent(partial(
                self._session.request, method, address, data=content, params=params,
                headers=headers, timeout=(_CONNECT_SECONDS, read_seconds), allow_redirects=False,
                verify=self._verify,
            ))  # fmt: skip
        except requests.exceptions.SSLError as cause:
            raise Untrusted(
                f"the certificate of {self.base} is not trusted: {_reason(cause)}",
                hint="name the CA's file in ingress.tls.ca, or look at the certificate there",
            ) from cause
        except (requests.RequestException, OSError) as cause:
            timed_out = isinstance(cause, requests.exceptions.ReadTimeout)
            raise (Silent if timed_out else Unreachable)(
                f"{self.base} does not answer: {_reason(cause)}",
                hint="check the name's address and the ingress; where names do not resolve from "
                "here yet, set api: via-ssh",
            ) from cause

    def _sent(self, send: Callable[[], requests.Response]) -> requests.Response:
        try:
            return send()
        except requests.exceptions.SSLError as cause:
            # the handshake failed, so nothing was sent yet
            if self._outlived is None or "certificate has expired" not in str(cause):
                raise
            told, self._outlived = self._outlived, None
            self._mount(at_any_time=True)
            self._session.trust_env = False
            try:
                answer = send()
            except (requests.RequestException, OSError):
                # by that way it is not reached either: what was found first is the cause
                raise cause from None
            told()
            return answer

    def call(
        self, method: str, path: str, *, ok: Sequence[int] = (200, 201, 204), **options: Any
    ) -> requests.Response:
        """Send one request whose status must be one of ``ok``.

        Raises:
            RequestRefused: any other status, with the server's own messages.
            Unreachable: no answer.
        """
        answer = self.ask(method, path, **options)
        if answer.status_code not in ok:
            sent = (*_secrets_in([options.get(key) for key in _SENT]), *self._known())
            raise refusal(method, path, answer, sent)
        return answer

    def _known(self) -> Iterator[Secret]:
        if isinstance(self._session.auth, _Basic):
            yield self._session.auth.password

    def close(self) -> None:
        """End all connections."""
        self._session.close()


def _secrets_in(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets_in(inner)


def basic(user: str, password: Secret) -> str:
    """The value of an Authorization header for Basic authentication (RFC 7617)."""
    login = f"{user}:{password.reveal()}".encode()
    return "Basic " + base64.b64encode(login).decode()


def _content(
    body: Any, arguments: Any, text: Secret | str | None, data: _Data
) -> tuple[dict[str, str], _Data]:
    """What is sent, and its type where it is known; secrets are revealed here."""
    if body is not None:
        sent = json.dumps(body, ensure_ascii=False, default=_revealed)
        return {"Content-Type": "application/json"}, sent.encode()
    if arguments is not None:
        sent = json.dumps(arguments, default=_revealed)
        return {"Content-Type": "text/plain"}, sent.encode()
    if text is not None:
        sent = text.reveal() if isinstance(text, Secret) else text
        return {"Content-Type": "text/plain"}, sent.encode()
    return {}, data


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Basic(AuthBase):
    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self.password = password

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = basic(self._user, self.password)
        return request


def _revealed(value: object) -> str:
    """What stands for a Secret in a body that is being sent.

    Raises:
        TypeError: it is something else that is no JSON.
    """
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} is no JSON")


def refusal(
    method: str, path: str, answer: requests.Response, sent: Iterable[Secret] = ()
) -> RequestRefused:
    """The error that an answer stands for, with the messages of its body.

    Args:
        sent: secrets that the server was given, and may repeat.
    """
    return RequestRefused(
        f"{method} {path} was refused",
        request=f"{method} {path}",
        status=answer.status_code,
        body=hidden("\n".join(messages(answer.text)), sent),
    )


def messages(text: str) -> list[str]:
    """What an error's body says, in any of the shapes that Nexus uses.

    It may be a list of ``{id, message}``, one such object, a JSON string, the registry's
    ``{"errors": [...]}``, a script's ``{name, result}``, plain text or nothing (nexus-public
    3.77.1, siesta's exception mappers; 3.21.2, ScriptResource.groovy).
    """
    try:
        body = json.loads(text)
    except ValueError:
        return [line for line in text.strip().strip('"').splitlines() if line]
    if isinstance(body, dict) and isinstance(body.get("errors"), list):
        body = body["errors"]
    found = []
    for item in body if isinstance(body, list) else [body]:
        if isinstance(item, dict):
            name = item.get("id") or item.get("code") or ""
            message = item.get("message") or item.get("result") or json.dumps(item, sort_keys=True)
            found.append(f"{name}: {message}" if name and name != "*" else str(message))
        elif item not in (None, ""):
            found.extend(str(item).splitlines())
    return found


def _reason(cause: BaseException) -> str:
    """The innermost reason in the chain that requests and urllib3 wrap around it."""
    text = str(cause)
    for marker in ("certificate verify failed: ", "Caused by "):
        if marker in text:
            text = text.rpartition(marker)[2]
    return text.strip(" ()'\"")[:200] or type(cause).__name__
