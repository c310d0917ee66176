"""Traefik's static file: what doctor sees of it in a Swarm config or a bind mount."""

import base64
import json
import subprocess

import pytest
from doctor_fakes import answers, found, manager, traefik

from moorage.checks.doctor_ingress import ingress
from moorage.checks.doctor_probe import _MANAGER

YAML = """\
providers: {swarm: {}}
entryPoints:
  websecure:
    address: ":443"
"""
SAFE = YAML + "    transport: {respondingTimeouts: {readTimeout: 0}}\n"
TOML = """\
[providers.swarm]
[entryPoints.websecure]
address = ":443"
[entryPoints.websecure.transport.respondingTimeouts]
readTimeout = "30s"
"""
CONFIG = {"Configs": [{"ConfigID": "c1", "File": {"Name": "/etc/traefik/traefik.yml"}}]}
FILE = {
    "Mounts": [{"Type": "bind", "Source": "/srv/t.toml", "Target": "/etc/traefik/traefik.toml"}]
}
FOLDER = {"Mounts": [{"Type": "bind", "Source": "/srv/edge", "Target": "/etc/traefik"}]}


def _said(site, container, *, config="", path="", text="", args=()):
    inspected = [{"ID": "c1", "Spec": {"Data": base64.b64encode(config.encode()).decode()}}]
    parts = {
        "traefik": json.dumps([traefik(args=list(args), **container)]),
        "traefik configs": json.dumps(inspected) if config else "",
        "traefik files": f"{path}|{base64.b64encode(text.encode()).decode()}" if path else "",
    }
    findings = list(ingress("swarm1", site.ingress, answers(manager(**parts))))
    return [pair for pair in found(findings, "swarm1", "traefik") if pair[0] != "ok"]


@pytest.mark.parametrize(
    ("container", "more"),
    [
        (CONFIG, {"config": YAML}),
        (FOLDER, {"path": "/srv/edge/traefik.yml", "text": YAML}),
        (FOLDER, {"path": "/srv/edge/my.yml", "text": YAML,
                  "args": ["--configFile=/etc/traefik/my.yml"]}),
    ],
)  # fmt: skip
def test_the_default_is_found_in_a_file(site, container, more):
    ((level, message),) = _said(site(), container, **more)
    assert level == "warning"
    assert "cut after 60 s" in message


def test_a_short_timeout_in_toml(site):
    ((_, message),) = _said(site(), FILE, path="/srv/t.toml", text=TOML)
    assert "cut after 30 s" in message


def test_a_file_that_is_right(site):
    assert _said(site(), CONFIG, config=SAFE) == []


@pytest.mark.parametrize("text", ["a: [", "- a list"])
def test_what_cannot_be_read_is_said_to_be_not_seen(site, text):
    ((_, message),) = _said(site(), CONFIG, config=text)
    assert "not seen" in message


def test_the_probe_reads_the_files_of_bind_mounts(tmp_path):
    (tmp_path / "traefik.yml").write_text(SAFE)
    (tmp_path / "key.pem").write_text("not wanted")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\n[ $2 = ls ] && echo 'id1 traefik:v3.7' || echo {tmp_path}\n")
    docker.chmod(0o755)
    ran = subprocess.run(["sh", "-c", _MANAGER["traefik files"]], capture_output=True, text=True,
                         check=True, env={"PATH": f"{docker.parent}:/usr/bin:/bin"})  # fmt: skip
    ((path, content),) = [line.split("|") for line in ran.stdout.splitlines()]
    assert path == str(tmp_path / "traefik.yml")
    assert base64.b64decode(content).decode() == SAFE
