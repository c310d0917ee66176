"""Requests to Nexus: what is retried, what is told, and what stays secret."""

from __future__ import annotations

import json
import socket
import traceback

import pytest
from authority import Authority, HttpsServer

from moorage.errors import RequestRefused, Unreachable
from moorage.transport.http import Web, messages
from moorage.values import Secret

PASSWORD = "correct-horse-battery"


@pytest.fixture
def serve():
    """A web whose server answers as a function says; and what the server saw."""
    made = []

    def make(answer, **options):
        server = HttpsServer(None, answer)
        web = Web(f"http://127.0.0.1:{server.port}", **options)
        made.extend((web.close, server.stop))
        return web, server.seen

    yield make
    for end in made:
        end()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", []),
        ("null", []),
        ('""', []),
        ('[{"id": "*", "message": "bad"}]', ["bad"]),
        ('[{"id": "PARAMETER name", "message": "empty"}]', ["PARAMETER name: empty"]),
        ('[{"id": "a", "message": "1"}, {"id": "b", "message": "2"}]', ["a: 1", "b: 2"]),
        ('{"id": "*", "message": "one"}', ["one"]),
        ('"a string"', ["a string"]),
        ('"two\\nlines"', ["two", "lines"]),
        ("plain text\nof two lines", ["plain text", "of two lines"]),
        ('{"errors": [{"code": "DENIED", "message": "no", "detail": 1}]}', ["DENIED: no"]),
        ('{"errors": []}', []),
        ('{"other": 1}', ['{"other": 1}']),
        ('["just words", null, ""]', ["just words"]),
        ("<html>502</html>", ["<html>502</html>"]),
        ("42", ["42"]),
    ],
)
def test_every_shape_of_an_errors_body_is_read(body, told):
    assert messages(body) == told


def test_a_get_is_tried_again_while_the_ingress_says_that_nobody_is_there(serve):
    states = iter([503, 502, 200])
    web, seen = serve(lambda _: (next(states), {}, b"there"))

    assert web.call("GET", "/x").text == "there"
    assert len(seen) == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_what_changes_something_is_sent_once(serve, method):
    web, seen = serve(lambda _: (503, {}, b""))

    with pytest.raises(RequestRefused):
        web.call(method, "/x", body={})
    assert len(seen) == 1


def test_a_get_without_retries_is_sent_once(serve):
    web, seen = serve(lambda _: (503, {}, b""), retry=False)

    with pytest.raises(RequestRefused):
        web.call("GET", "/x")
    assert len(seen) == 1


def test_a_get_that_is_never_answered_well_ends_in_the_last_answer(serve, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    web, seen = serve(lambda _: (503, {}, b"still starting"))

    with pytest.raises(RequestRefused) as caught:
        web.call("GET", "/x")

    assert caught.value.status == 503
    assert len(seen) == 5


def test_a_refusal_says_request_status_and_the_servers_words(serve):
    body = b'[{"id": "PARAMETER httpPort", "message": "Port is already in use"}]'
    web, _ = serve(lambda _: (400, {}, body))

    with pytest.raises(RequestRefused) as caught:
        web.call("POST", "/service/rest/v1/repositories/docker/hosted", body={})

    told = "\n".join(caught.value.lines())
    assert "POST /service/rest/v1/repositories/docker/hosted (HTTP 400)" in told
    assert "| PARAMETER httpPort: Port is already in use" in told


def test_a_redirection_is_told_and_not_followed(serve):
    """A login page would turn a PUT into a GET that succeeds."""
    web, seen = serve(lambda _: (302, {"Location": "/login"}, b""))

    assert web.ask("PUT", "/x", body={}).status_code == 302
    assert len(seen) == 1


def test_json_goes_out_as_utf8(serve):
    got = []

    def answer(request):
        got.append((request.headers["Content-Type"], request.body))
        return 204, {}, b""

    web, _ = serve(answer)
    web.call("PUT", "/x", body={"name": "größe"})

    assert got[0][0] == "application/json"
    assert json.loads(got[0][1].decode("utf-8")) == {"name": "größe"}


def test_a_secret_goes_out_as_text_and_nowhere_else(serve):
    got = []

    def answer(request):
        got.append((request.headers["Content-Type"], request.body))
        return 400, {}, b"no"

    web, _ = serve(answer)
    with pytest.raises(RequestRefused) as caught:
        web.call("PUT", "/change-password", text=Secret(PASSWORD))

    assert got == [("text/plain", PASSWORD.encode())]
    assert PASSWORD not in "\n".join(caught.value.lines())


def test_no_password_is_in_what_is_printed_of_a_web_or_its_failure(serve):
    web, _ = serve(lambda _: (401, {}, b"no"), login=("admin", Secret(PASSWORD)))

    try:
        web.call("GET", "/x")
    except RequestRefused as failure:
        told = "".join(traceback.format_exception(failure))
        told += "\n".join(failure.lines())

    assert "HTTP 401" in told
    for text in (told, repr(web), repr(vars(web)), repr(web._session.auth)):
        assert PASSWORD not in text
        assert "YWRtaW4" not in text


def test_the_login_wins_over_a_netrc_of_the_operator(serve, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    got = []

    def answer(request):
        got.append(request.headers.get("Authorization"))
        return 200, {}, b""

    web, _ = serve(answer, login=("admin", Secret("x")))
    web.call("GET", "/x")

    assert got == ["Basic YWRtaW46eA=="]


def test_a_web_without_login_sends_none_even_where_a_netrc_has_one(serve, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    got = []

    def answer(request):
        got.append(request.headers.get("Authorization"))
        return 200, {}, b""

    web, _ = serve(answer)
    web.call("GET", "/x", headers={"Authorization": "Bearer token"})

    assert got == ["Bearer token"]


def test_a_closed_port_is_unreachable_with_a_way_out():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        web = Web(f"http://127.0.0.1:{probe.getsockname()[1]}", retry=False)

    with pytest.raises(Unreachable) as caught:
        web.call("GET", "/x")

    assert "onnection refused" in caught.value.message
    assert "api: via-ssh" in caught.value.hint
    assert "object at 0x" not in caught.value.message


def test_a_name_that_does_not_resolve_is_unreachable():
    with pytest.raises(Unreachable) as caught:
        Web("http://no-such-name.invalid", retry=False).call("GET", "/x")

    assert "no-such-name.invalid" in caught.value.message


def test_an_untrusted_certificate_is_told_at_once_and_asked_for_once(tmp_path, monkeypatch):
    authority = Authority(tmp_path)
    server = HttpsServer(authority.context("localhost"), lambda _: (200, {}, b""))
    web = Web(f"https://localhost:{server.port}")

    with pytest.raises(Unreachable, match="not trusted") as caught:
        web.call("GET", "/x")

    assert "ingress.tls.ca" in caught.value.hint
    assert server.seen.count(("SNI", "localhost")) == 1
    web.close()
    server.stop()


def test_an_answer_that_does_not_come_is_unreachable(serve):
    import time

    def answer(_):
        time.sleep(1)
        return 200, {}, b""

    web, _ = serve(answer, retry=False)

    with pytest.raises(Unreachable):
        web.call("GET", "/x", read_seconds=0.1)


def test_a_whole_address_that_the_server_gave_is_used_as_it_is(serve):
    web, seen = serve(lambda _: (202, {}, b""))

    web.call("PUT", f"{web.base}/v2/upload?state=abc", ok=(202,), params={"digest": "d"})

    assert seen == [("PUT", "/v2/upload?state=abc&digest=d", web.base.removeprefix("http://"))]


@pytest.mark.parametrize("given", ["body", "text", "arguments"])
def test_a_server_that_repeats_a_secret_is_not_quoted_with_it(serve, given):
    own = 'a "secret" of\nits own'
    web, _ = serve(lambda request: (400, {}, request.body + request.headers[
        "Authorization"].encode() + PASSWORD.encode()))  # fmt: skip
    web.log_in("admin", Secret(PASSWORD))
    value = Secret(own) if given == "text" else {"password": [Secret(own)]}

    with pytest.raises(RequestRefused) as caught:
        web.call("POST", "/x", **{given: value})

    told = "".join(traceback.format_exception(caught.value)) + "\n".join(caught.value.lines())
    assert "***" in told
    for word in (PASSWORD, own, "its own", json.dumps(own)[1:-1]):
        assert word not in told
