"""The public names: where they lead, what answers there, and its certificate."""

import contextlib
import socket

import pytest
from doctor_fakes import FakeFleet, FakeHost, found
from tls_door import Authority
from tls_door import Door as Server

from moorage.checks import doctor_names
from moorage.checks.base import About
from moorage.checks.doctor_certificate import Shown, judge
from moorage.checks.doctor_names import Door, from_here
from moorage.errors import Unreachable


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def unresolved(monkeypatch):
    """Leave the machine's resolver out: no name is known."""
    monkeypatch.setattr(doctor_names, "resolved", lambda _: [])


@pytest.fixture
def look(site, authority, unresolved):
    """Findings about registry.test, reached through the manager's tunnel."""

    def looked(files=None, *, tls=None, deployed=True, door=None, domain="registry.test"):
        server = Server(files) if door is None else None
        with contextlib.closing(server) if server else contextlib.nullcontext():
            ca = {"ca": str(authority.file), **(tls or {})}
            wanted = site(ingress={"tls": ca})
            host = FakeHost("swarm1", {}, door=server.port if server else None)
            fleet = FakeFleet(wanted, {"swarm1": host})
            return list(from_here(Door(wanted, fleet, "registry", domain, deployed)))

    return looked


def _certificate(findings):
    ((level, message),) = found(findings, "registry", "certificate")
    return level, message


@pytest.mark.parametrize(
    ("days", "level"),
    [(90, "ok"), (21, "ok"), (20, "warning"), (7, "warning"), (6, "failure"), (0, "failure")],
)
@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_days_left_decide(look, authority, days, level):
    seen, message = _certificate(look(authority.certificate("registry.test", days=days)))
    assert (seen, f"{days} days left" in message) == (level, True)


@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_an_expired_one_says_since_when_and_whose_it_is(look, authority):
    level, message = _certificate(look(authority.certificate("registry.test", days=-2.5)))
    assert level == "failure"
    assert message == "registry.test: expired 2 d ago (CN=registry.test, issuer=Test CA)"


def test_one_of_the_future_is_told(look, authority):
    level, message = _certificate(look(authority.certificate("registry.test", since=3)))
    assert level == "failure"
    assert "not valid before" in message


def test_another_name_is_told(look, authority):
    level, message = _certificate(look(authority.certificate("www.test", "a.registry.test")))
    assert level == "failure"
    assert message == "it is not for registry.test but for www.test, a.registry.test"


def test_a_star_counts_for_one_label(look, authority):
    files = authority.certificate("*.company.test")
    assert _certificate(look(files, domain="r.company.test"))[0] == "ok"
    for domain in ("a.r.company.test", "company.test"):
        assert "it is not for" in _certificate(look(files, domain=domain))[1]
    assert "it is not for" in _certificate(look(authority.certificate("*.test")))[1]


@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_the_default_certificate_is_told_apart(look, authority):
    files = authority.certificate("0123.traefik.default", subject="TRAEFIK DEFAULT CERT")
    level, message = _certificate(look(files, tls={"resolver": "le"}))
    assert level == "failure"
    assert message == "Traefik default certificate: resolver le failed"
    level, message = _certificate(look(files))
    assert level == "failure"
    assert "the entry point has none" in message


def test_a_resolver_has_no_certificate_before_the_stack_is_there(look, authority):
    files = authority.certificate("0123.traefik.default", subject="TRAEFIK DEFAULT CERT")
    assert _certificate(look(files, tls={"resolver": "le"}, deployed=False))[0] == "warning"


def test_a_stranger_is_not_trusted(look, authority, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    level, message = _certificate(look(Authority(elsewhere).certificate("registry.test")))
    assert level == "failure"
    assert "not trusted here" in message


def test_an_unreadable_ca_file_is_told(look, authority):
    level, message = _certificate(look(tls={"ca": "/nowhere/ca.crt"}, door=False))
    assert level == "failure"
    assert "/nowhere/ca.crt" in message


def test_something_without_tls_is_told_apart_from_nothing(look):
    ((level, message),) = found(look(), "registry", "port")
    assert level == "failure"
    assert "not by TLS" in message
    ((level, message),) = found(look(door=False), "registry", "port")
    assert level == "failure"
    assert "does not answer" in message


def test_a_manager_that_is_away_is_the_reason(site, unresolved):
    class Away(FakeHost):
        def tunnel(self, address, port):
            raise Unreachable(f"no SSH connection to {address}", host="swarm1")

    fleet = FakeFleet(site(), {"swarm1": Away("swarm1", {})})
    findings = list(from_here(Door(site(), fleet, "registry", "registry.test", None)))
    ((level, message),) = found(findings, "registry", "port")
    assert level == "failure"
    assert message == "not tried: swarm1 is not reached by SSH"


def test_without_tls_the_port_is_enough(site, unresolved):
    with contextlib.closing(Server()) as server:
        wanted = site(ingress={"tls": None})
        fleet = FakeFleet(wanted, {"swarm1": FakeHost("swarm1", {}, door=server.port)})
        findings = list(from_here(Door(wanted, fleet, "nexus", "nexus.test", None)))
    assert [level for level, _ in found(findings, "nexus", "port")] == ["ok"]


@pytest.mark.parametrize(("api", "level"), [("via-ssh", "warning"), ("direct", "failure")])
def test_a_name_that_does_not_resolve(site, unresolved, monkeypatch, api, level):
    def refuse(*_):
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(doctor_names.socket, "create_connection", refuse)
    wanted = site(api=api)
    fleet = FakeFleet(wanted, {"swarm1": FakeHost("swarm1", {})})
    findings = list(from_here(Door(wanted, fleet, "nexus", "nexus.test", None)))
    assert found(findings, "nexus", "name")[0][0] == level


def test_a_name_that_does_not_resolve_is_looked_for_at_the_manager(site, unresolved, monkeypatch):
    asked = []

    def refuse(place, _):
        asked.append(place)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(doctor_names.socket, "create_connection", refuse)
    wanted = site(api="direct", ingress={"port": 8443})
    list(from_here(Door(wanted, FakeFleet(wanted, {}), "nexus", "nexus.test", None)))
    assert asked == [("10.0.0.11", 8443)]


def test_resolves_by_the_machine_itself(monkeypatch):
    def answer(*_, **__):
        entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*entry, ("10.0.0.11", 0)), (*entry, ("10.0.0.11", 0)), (*entry, ("fd00::1", 0))]

    monkeypatch.setattr(doctor_names.socket, "getaddrinfo", answer)
    assert doctor_names.resolved("nexus.test") == ["10.0.0.11", "fd00::1"]


def test_a_failure_of_renewal_names_the_resolver():
    shown = Shown("r", "CA", ("r.test",), 0.0, 3 * 86400.0)
    finding = judge(
        About("registry", "certificate"), "r.test", shown, 1.0, resolver="le", deployed=True
    )
    assert finding.level == "failure"
    assert "resolver le" in finding.hint
