"""The version of the Traefik that runs: what a manager prints, and what is made of it."""

import os
import subprocess

import pytest

from moorage.errors import Refused
from moorage.ingress.running import PROBE, Running, running_version, services

DOCKER = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$1 $2" in
  "service ls") printf '%s\\n' "a1 nginx:1" "b2 $IMAGE" ;;
  "service inspect") echo "edge_traefik|n1,n2," ;;
  "image inspect") [ -z "$LABEL" ] || echo "$LABEL" ;;
  "ps -q") [ -z "$SAID" ] || echo c3 ;;
  "exec c3") printf 'Version:      %s\\nCodename: x\\n' "$SAID" ;;
esac
"""


@pytest.fixture
def printed(tmp_path):
    """What the probe prints with a docker that has one Traefik, and how often it was called."""

    def run(image, label="", said=""):
        program, calls = tmp_path / "docker", tmp_path / "calls"
        program.write_text(DOCKER)
        program.chmod(0o755)
        calls.write_text("")
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "IMAGE": image,
               "LABEL": label, "SAID": said}  # fmt: skip
        done = subprocess.run(["sh", "-c", PROBE], env=env, check=True, capture_output=True)
        return done.stdout.decode(), len(calls.read_text().splitlines())

    return run


@pytest.mark.parametrize(
    "image,label,said,version,calls",
    [
        ("traefik:v3.7.15", "", "", "3.7.15", 2),
        ("traefik:v3.7@sha256:0123", "", "", "3.7", 2),
        ("registry.test:5000/library/traefik:2.11", "", "", "2.11", 2),
        ("traefik:1.7.34-alpine", "", "", "1.7.34", 2),
        ("traefik:latest", "v3.2.1", "", "3.2.1", 4),
        ("traefik:v3", "v3.6.0", "3.5.0", "3.6.0", 5),
        ("traefik:saintmarcelin", "", "3.2.0", "3.2.0", 5),
        ("mirror.test/Traefik", "", "", "", 4),
        ("traefik:latest", "4.0.0", "dev", "", 5),
    ],
)
def test_what_tells_the_version(printed, image, label, said, version, calls):
    text, called = printed(image, label, said)
    assert services(text, {"n1": "proxy"}) == (
        Running("edge_traefik", image, frozenset({"proxy", "n2"}), version),
    )
    assert called == calls


def running(version, *networks, name="edge"):
    return Running(name, f"traefik:v{version}", frozenset(networks), version)


def test_the_one_on_the_network_goes_before_others():
    found = (running("1.7"), running("3.7", "proxy"))
    assert running_version(found, "proxy") == "3.7"


def test_two_of_the_same_version_are_one():
    assert running_version((running("3.7", "proxy"), running("3.7", "proxy")), "proxy") == "3.7"


@pytest.mark.parametrize(
    "found,said",
    [
        ((), "no service of the Swarm has an image named traefik"),
        ((running(""),), r"nothing tells the version of edge \(traefik:v\)"),
        ((running("2.11", name="a"), running("3.7", name="b")), "several: a 2.11, b 3.7"),
    ],
)
def test_where_it_cannot_be_told_the_key_to_set_is_named(found, said):
    with pytest.raises(Refused, match=said) as caught:
        running_version(found, "proxy")
    assert "ingress.version" in str(caught.value.hint)
