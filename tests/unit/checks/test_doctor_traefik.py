"""The Traefik that is there: network, version, provider, entry points, timeouts."""

import json

import pytest
from doctor_fakes import SAFE_ARGS, answers, found, manager, traefik

from moorage.checks.doctor_ingress import ingress
from moorage.checks.traefik import speaks_only_the_oldest_api
from moorage.ingress.running import tag_version


def _findings(site, *services, **parts):
    inspected = json.dumps(list(services) or [traefik()])
    return list(
        ingress("swarm1", site.ingress, answers(manager(**{"traefik": inspected, **parts})))
    )


def _messages(site, *services, **parts):
    """Level and message of all that is not well with Traefik."""
    findings = found(_findings(site, *services, **parts), "swarm1", "traefik")
    return [pair for pair in findings if pair[0] != "ok"]


def test_a_traefik_set_up_as_it_should_be_is_all_right(site):
    findings = _findings(site())
    assert {finding.level for finding in findings} == {"ok"}
    assert "edge_traefik" in found(findings, "swarm1", "traefik")[0][1]


def test_without_a_timeout_of_zero_long_pushes_are_cut(site):
    args = [word for word in SAFE_ARGS if "readtimeout" not in word]
    ((level, message),) = _messages(site(), traefik(args=args))
    assert level == "warning"
    assert "after 60 s" in message


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("90s", "90"), ("5m", "300"), ("1m30s", "90"), ("120", "120"), ("0s", None), ("2h", None)],
)
def test_the_timeout_is_read_as_go_writes_durations(site, said, seconds):
    args = [word.replace("readtimeout=0", f"readtimeout={said}") for word in SAFE_ARGS]
    messages = _messages(site(), traefik(args=args))
    assert [f"after {seconds} s" in message for _, message in messages] == ([True] * bool(seconds))


@pytest.mark.parametrize(("image", "cut"), [("traefik:2.11.1", False), ("traefik:2.11.2", True)])
def test_version_2_cuts_since_a_patch(site, image, cut):
    wanted = site(ingress={"version": "2.11"})
    args = ["--providers.docker.swarmMode", "--entryPoints.websecure.address=:443"]
    assert bool(_messages(wanted, traefik(image, args), api="1.24")) == cut


def test_options_may_be_in_the_environment(site):
    environment = [
        "TRAEFIK_PROVIDERS_SWARM=true",
        "TRAEFIK_ENTRYPOINTS_WEBSECURE_ADDRESS=:443",
        "TRAEFIK_ENTRYPOINTS_WEBSECURE_TRANSPORT_RESPONDINGTIMEOUTS_READTIMEOUT=0",
        "CF_TOKEN=not-an-option",
    ]
    assert _messages(site(), traefik(args=[], Env=environment)) == []


@pytest.mark.parametrize(
    "container",
    [
        {"args": ["--configFile=/etc/my.yml"]},
        {"Configs": [{"File": {"Name": "/etc/traefik/traefik.yml"}}]},
        {"Mounts": [{"Type": "bind", "Target": "/etc/traefik/traefik.toml"}]},
        {"args": []},
    ],
)
def test_options_in_a_file_are_said_to_be_not_seen(site, container):
    ((level, message),) = _messages(site(), traefik(**container))
    assert level == "warning"
    assert "in a file" in message


@pytest.mark.parametrize(
    ("number", "args"),
    [
        ("3.7", ["--providers.docker=true"]),
        ("3.7", ["--providers.swarm=false"]),
        ("2.11", ["--providers.docker=true"]),
        ("1.7", ["--docker"]),
    ],
)
def test_a_traefik_blind_for_the_swarm_is_a_failure(site, number, args):
    wanted = site(ingress={"version": number, "tls": {}})
    messages = _messages(wanted, traefik(f"traefik:v{number}", args))
    assert ("failure", "it does not read services of the Swarm") in messages


@pytest.mark.parametrize(
    ("number", "args"),
    [
        ("3.7", ["--providers.swarm.endpoint=unix:///var/run/docker.sock"]),
        ("3.7", ["--providers.swarm"]),
        ("2.11", ["--providers.docker.swarmMode=true"]),
        ("1.7", ["--docker", "--docker.swarmMode"]),
    ],
)
def test_each_version_has_its_own_way_to_read_the_swarm(site, number, args):
    messages = _messages(site(ingress={"version": number}), traefik(f"traefik:{number}", args))
    assert not [message for level, message in messages if level == "failure"]


def test_an_entry_point_that_is_not_there_is_a_failure(site):
    ((level, message),) = _messages(site(ingress={"entrypoints": ["https"]}))
    assert level == "failure"
    assert message == "it has no entry point https; it has web, websecure"


def test_a_resolver_that_is_not_there_is_a_failure(site):
    assert _messages(site(ingress={"tls": {"resolver": "le"}})) == []
    ((level, message),) = _messages(site(ingress={"tls": {"resolver": "letsencrypt"}}))
    assert level == "failure"
    assert "letsencrypt; it has le" in message


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("traefik:v3.7.15", None),
        ("registry.test:5000/traefik:3.7", None),
        ("traefik:3", None),
        ("traefik:v3.1", "version 3.1"),
        ("traefik:latest", "not in its image's name"),
        ("traefik:livarot", "not in its image's name"),
    ],
)
def test_the_version_is_held_against_the_inventory(site, image, words):
    messages = [text for _, text in _messages(site(), traefik(image))]
    assert [words in text for text in messages] == ([True] if words else [])


@pytest.mark.parametrize(
    ("image", "levels"),
    [("traefik:v3.7.15", []), ("traefik:v3.1", []), ("traefik:latest", ["warning"]),
     ("traefik:v3", ["warning"])],
)  # fmt: skip
def test_where_the_version_is_asked_any_that_tells_itself_will_do(site, image, levels):
    wanted = site()
    wanted = wanted.model_copy(
        update={"ingress": wanted.ingress.model_copy(update={"version": "auto"})}
    )
    assert [level for level, _ in _messages(wanted, traefik(image))] == levels


def test_reads_versions_from_tags():
    assert tag_version("traefik:v3.7.15") == (3, 7, 15)
    assert tag_version("registry.test:5000/traefik") == ()
    assert tag_version("traefik:v2.11.2-windowsservercore") == (2, 11, 2)


@pytest.mark.parametrize(
    ("seen", "old"),
    [
        ((1, 7, 34), True), ((1, 7), True), ((2, 11, 30), True), ((2, 11, 31), False),
        ((2, 11), False), ((2, 10), True), ((3, 6, 0), True), ((3, 6, 1), False), ((3, 6), False),
        ((3, 1), True), ((3,), False), ((), False),
    ],
)  # fmt: skip
def test_knows_which_versions_docker_29_refuses(seen, old):
    assert speaks_only_the_oldest_api(seen) == old


def test_a_traefik_that_docker_refuses_is_a_failure(site):
    old = traefik("traefik:v3.1.2")
    messages = [text for level, text in _messages(site(), old, api="1.44") if level == "failure"]
    assert ["sees no service at all" in text for text in messages] == [True]
    assert not [level for level, _ in _messages(site(), old, api="1.24") if level == "failure"]


def test_no_traefik_to_be_seen_is_a_warning(site):
    ((level, message),) = _messages(site(), traefik="")
    assert level == "warning"
    assert "not known" in message


def test_a_traefik_without_a_running_task_is_a_failure(site):
    parts = {**manager(), "services": "tttttttttttt|edge_traefik|traefik:v3.7.1|0/1"}
    findings = list(ingress("swarm1", site().ingress, answers(parts)))
    assert found(findings, "swarm1", "traefik")[0][0] == "failure"


def test_a_traefik_off_the_network_is_a_failure(site):
    ((level, message),) = _messages(site(), traefik(networks=["another"]))
    assert level == "failure"
    assert message == "edge_traefik is not on the network proxy"


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("1|ingress|overlay|swarm", "there is no network proxy in the Swarm"),
        ("1|edge_proxy|overlay|swarm", "but edge_proxy"),
        ("1|proxy|bridge|local", "a bridge network of this host alone"),
    ],
)
def test_a_network_that_will_not_do_is_a_failure(site, listed, words):
    ((level, message),) = found(_findings(site(), networks=listed), "swarm1", "network")
    assert level == "failure"
    assert words in message


def test_a_local_network_of_the_same_name_does_not_hide_the_overlay(site):
    listed = "net-proxy|proxy|overlay|swarm\n2|proxy|bridge|local"
    assert found(_findings(site(), networks=listed), "swarm1", "network")[0][0] == "ok"
