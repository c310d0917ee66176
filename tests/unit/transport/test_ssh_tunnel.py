"""HTTPS through SSH: the right name in SNI and Host, the certificate checked, all bytes through."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from authority import Authority, HttpsServer

from moorage.errors import Unreachable
from moorage.transport.http import Web
from moorage.transport.tunnel import socket_over
from moorage.values import Secret

NAME = "nexus.example.com"
BLOB = os.urandom(5 * 2**20)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def _answer(request):
    if request.path == "/blob":
        return 200, {}, BLOB
    if request.path == "/count":
        return 200, {}, str(len(request.body)).encode()
    if request.path == "/login":
        return 200, {}, request.headers.get("Authorization", "nobody").encode()
    return 200, {"Server": "Nexus/3.94.0-01 (COMMUNITY)"}, b"hello"


@pytest.fixture(scope="module")
def https(authority):
    server = HttpsServer(authority.context(NAME), _answer)
    yield server
    server.stop()


@pytest.fixture
def web(host, https, authority):
    def make(**options):
        options = {"verify": str(authority.certificate), **options}
        dial = lambda: host.tunnel("127.0.0.1", https.port)  # noqa: E731
        made.append(Web(f"https://{NAME}", dial=dial, **options))
        return made[-1]

    made = []
    yield make
    for one in made:
        one.close()


def test_a_name_that_resolves_nowhere_is_reached_through_the_host(web, https):
    https.seen.clear()

    answer = web().call("GET", "/page")

    assert answer.text == "hello"
    assert https.seen == [("SNI", NAME), ("GET", "/page", NAME)]


def test_a_certificate_of_another_authority_is_not_trusted(web):
    with pytest.raises(Unreachable) as caught:
        web(verify=True).call("GET", "/page")

    assert "is not trusted" in caught.value.message
    assert "ingress.tls.ca" in caught.value.hint


@pytest.mark.parametrize(
    ("domain", "days", "reason"),
    [("other.example.com", 1, "not valid for"), (NAME, -1, "expired")],
)
def test_a_certificate_that_is_not_for_the_name_or_too_old_is_refused(
    host, authority, domain, days, reason
):
    server = HttpsServer(authority.context(domain, days=days), _answer)
    dial = lambda: host.tunnel("127.0.0.1", server.port)  # noqa: E731
    web = Web(f"https://{NAME}", verify=str(authority.certificate), dial=dial)

    with pytest.raises(Unreachable) as caught:
        web.call("GET", "/page")

    assert reason in caught.value.message
    web.close()
    server.stop()


@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_one_whose_time_is_over_is_warned_of_and_gone_on_with_where_that_is_said(host, authority):
    told = []
    for domain, days, taken in ((NAME, -1, True), ("other.example.com", -1, False)):
        server = HttpsServer(authority.context(domain, days=days), _answer)
        dial = lambda: host.tunnel("127.0.0.1", server.port)  # noqa: B023, E731
        web = Web(f"https://{NAME}", verify=str(authority.certificate), dial=dial,
                  outlived=lambda: told.append(NAME))  # fmt: skip
        if taken:
            assert web.call("PUT", "/count", data=b"abc").text == "3"
            assert web.call("GET", "/page").text == "hello"
            assert told == [NAME]
        else:
            with pytest.raises(Unreachable, match="not trusted"):
                web.call("GET", "/page")
        web.close()
        server.stop()


@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_where_the_name_leads_there_one_whose_time_is_over_is_gone_around_by_ssh(host, authority):
    told, ways = [], []
    server = HttpsServer(authority.context("localhost", days=-1), _answer)

    def around():
        ways.append("ssh")
        return host.tunnel("127.0.0.1", server.port)

    web = Web(f"https://localhost:{server.port}", verify=str(authority.certificate), around=around,
              outlived=lambda: told.append("once"))  # fmt: skip

    assert web.call("PUT", "/count", data=b"abc").text == "3"
    assert web.call("GET", "/page").text == "hello"
    assert (told, ways) == (["once"], ["ssh"])
    web.close()
    server.stop()


def test_where_ssh_leads_nowhere_the_certificate_is_the_cause(host, authority):
    told = []
    server = HttpsServer(authority.context("localhost", days=-1), _answer)
    web = Web(f"https://localhost:{server.port}", verify=str(authority.certificate),
              around=lambda: host.tunnel("127.0.0.1", 1), outlived=lambda: told.append("x"),
              retry=False)  # fmt: skip

    with pytest.raises(Unreachable, match=r"not trusted.*expired"):
        web.call("GET", "/page")
    assert told == []
    web.close()
    server.stop()


def test_one_of_another_authority_stays_refused_when_its_time_is_over(host, authority, tmp_path):
    stranger = Authority(tmp_path)
    server = HttpsServer(stranger.context(NAME, days=-1), _answer)
    web = Web(f"https://{NAME}", verify=str(authority.certificate), outlived=lambda: None,
              dial=lambda: host.tunnel("127.0.0.1", server.port))  # fmt: skip

    with pytest.raises(Unreachable, match="not trusted"):
        web.call("GET", "/page")
    web.close()
    server.stop()


def test_five_megabytes_come_through_whole(web):
    assert web().call("GET", "/blob").content == BLOB


def test_five_megabytes_go_through_whole(web):
    assert web().call("PUT", "/count", data=BLOB).text == str(len(BLOB))


def test_a_connection_is_kept_for_the_next_request(web, https):
    https.seen.clear()
    one = web()

    for _ in range(3):
        one.call("GET", "/page")

    assert https.seen.count(("SNI", NAME)) == 1


def test_requests_side_by_side_each_get_their_answer(web):
    one = web()
    sizes = [1, 1000, 100_000, 1_000_000]

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda n: one.call("PUT", "/count", data=bytes(n)).text, sizes))

    assert told == [str(size) for size in sizes]


def test_the_login_goes_along(web):
    assert web(login=("admin", Secret("x"))).call("GET", "/login").text == "Basic YWRtaW46eA=="


def test_a_closed_port_behind_the_host_is_unreachable_and_says_where(host, authority):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    dial = lambda: host.tunnel("127.0.0.1", port)  # noqa: E731
    web = Web(f"https://{NAME}", verify=str(authority.certificate), dial=dial, retry=False)

    with pytest.raises(Unreachable) as caught:
        web.call("GET", "/page")

    assert NAME in caught.value.message
    assert f"127.0.0.1:{port} from nas" in caught.value.message


def test_a_host_that_refuses_the_connection_is_not_hidden_by_the_tunnel(hosts, tmp_path):
    """The SSH failure itself is told, not that of HTTP above it."""
    from moorage.errors import HostKeyRefused

    stranger = hosts(known_hosts=(tmp_path / "none",))
    web = Web(f"https://{NAME}", dial=lambda: stranger.tunnel("127.0.0.1", 1))

    with pytest.raises(HostKeyRefused):
        web.call("GET", "/page")


def test_proxies_of_the_environment_do_not_catch_what_goes_through_ssh(web, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert web().call("GET", "/page").text == "hello"


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("ended", ["near", "far"])
def test_a_connection_that_is_gone_already_is_no_failure_of_its_own(ended):
    """paramiko answers EOFError to whatever is asked of a channel then."""
    over = threading.Event()

    class Gone:
        def recv(self, size):
            over.wait(5)
            return b""

        def sendall(self, data):
            raise EOFError

        def shutdown_write(self):
            raise EOFError

        def close(self):
            raise EOFError

    near = socket_over(Gone())
    if ended == "near":
        near.sendall(b"x")
    over.set()
    assert near.recv(1) == b""
    near.close()
