"""Scenarios 1, 2 and 12: from hosts with nothing on them to a registry, on a lab made anew."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from test_7_plan_and_drift import asked
from two_nodes import containers
from witness import EXPORTS, HOSTS, SPEC, TASKS, history, state, until, writable

pytestmark = [pytest.mark.lab, pytest.mark.long]

_NODES = ("10.77.0.11", "10.77.0.12")
_STEPS = ("nfs", "nodes", "image", "stack", "nexus", "logins")
_EULA = "https://links.sonatype.com/products/nxrm/ce-eula"


@pytest.fixture(scope="module", autouse=True)
def fresh(lab, fab):
    """Guests with fresh disks, and an empty directory that belongs to Nexus' account."""
    lab.reset()
    lab.wait_ready()
    lab.run("nfs", "install -d -m 0750 -o 200 -g 200 /srv/nexus")
    yield
    ran = fab("up")
    assert ran.code == 0, ran.text


@pytest.fixture
def without_sudo(lab, variant):
    """An account that may ask Docker, and nothing that is root's."""
    for host in HOSTS:
        lab.run(host, "! getent group docker >/dev/null || usermod -aG docker ops")
    yield variant(("user: root", "user: ops\n  sudo: false"))
    for host in HOSTS:
        lab.run(host, "! getent group docker >/dev/null || gpasswd -d ops docker >/dev/null")


@pytest.mark.scenario(2, "Plan touches nothing")
def test_a_plan_of_a_site_that_is_not_there_shows_all_and_touches_nothing(lab, fab, without_sudo):
    before = state(lab)

    ran = fab("plan", "--json", "--check")
    told = fab("plan", "--verbose")
    plain = fab("plan", inventory=without_sudo)

    assert ran.code == 2, ran.text
    steps = {step["step"]: step for step in json.loads(ran.out)["steps"]}
    [export] = [one for one in steps["nfs"]["changes"] if one["subject"].startswith("export ")]
    assert "+/srv/nexus 10.77.0.11(" in export["diff"]
    [service] = [one for one in steps["stack"]["changes"]
                 if one["subject"] == "service registry_nexus"]  # fmt: skip
    assert any(one["field"].startswith("mount ") for one in service["differences"])
    assert steps["nexus"]["state"] == "unknown"
    for name in ("docker-private (hosted)", "docker-hub (proxy)", "docker-all (group)"):
        assert name in steps["nexus"]["reason"]
    # each host is asked once, and only looked at
    for host in HOSTS:
        assert len([line for line in told.out.splitlines() if line.startswith(f"{host}$ ")]) == 1
    # a server that does not run exports nothing; who is let into the directory is root's business
    assert "unknown: what is in /srv/nexus, which not everybody is told" in plain.out, plain.text
    assert "create export /srv/nexus" in plain.out
    assert "create service registry_nexus" in plain.out
    assert state(lab) == before


@pytest.mark.scenario(1, "First apply, all green")
def test_the_first_apply_is_all_green_and_the_second_changes_nothing(lab, fab):
    ran = fab("up")

    assert ran.code == 0, ran.text
    exports = [line for line in lab.run("nfs", f"cat {EXPORTS}").splitlines()
               if line and not line.startswith("#")]  # fmt: skip
    assert {line.split()[0] for line in exports} == {"/srv/nexus"}
    clients = re.findall(r"(\d+\.\d+\.\d+\.\d+)\(", "".join(exports))
    assert sorted(clients) == sorted(_NODES)
    assert "registry_nexus 1/1" in lab.run(
        "manager", "docker service ls --format '{{.Name}} {{.Replicas}}'"
    )
    on = "worker" if containers(lab, "worker") else "manager"
    names = lab.run(on, "docker volume ls -q --filter label=com.docker.stack.namespace=registry")
    volume = json.loads(lab.run(on, f"docker volume inspect {names.split()[0]}"))[0]
    assert volume["Options"]["type"] == "nfs"
    spec = json.loads(lab.run("manager", "docker service inspect registry_nexus"))[0]["Spec"]
    [mount] = spec["TaskTemplate"]["ContainerSpec"]["Mounts"]
    assert mount["VolumeOptions"]["NoCopy"] is True
    assert writable(lab) == "200"
    ours = {one["name"] for one in asked(lab, "GET", "repositories") if one["format"] == "docker"}
    assert ours == {"docker-private", "docker-hub", "docker-all"}
    _pushed_is_what_is_pulled(lab)

    look = {"nfs": f"stat -c %y {EXPORTS}", "manager": f"{SPEC}; {TASKS}"}
    before = {host: lab.run(host, script) for host, script in look.items()}
    entries = len(history(fab))
    again = fab("up")

    assert again.code == 0, again.text
    for step in _STEPS:
        assert f"{step}: no changes" in again.out
    assert {host: lab.run(host, script) for host, script in look.items()} == before
    assert len(history(fab)) == entries


def _pushed_is_what_is_pulled(lab):
    """A real Docker pushes on one machine, and another pulls the same through the group."""
    password = shlex.quote((lab.paths.secrets / "admin_password").read_text())
    login = f"printf %s {password} | docker login -u admin --password-stdin registry.lab 2>&1"
    image, end = "registry.lab/first/tiny:1", "docker logout registry.lab"
    pushed = lab.run(
        "worker", f"set -e; {login}; docker tag lab/tiny:1 {image}; docker push {image}; {end}"
    )
    pulled = lab.run(
        "manager", f"set -e; {login}; docker pull {image}; docker image rm {image}; {end}"
    )
    digest = re.search(r"digest: (sha256:\w+)", pushed)[1]
    assert f"Digest: {digest}" in pulled


@pytest.mark.scenario(12, "EULA not accepted")
def test_a_licence_that_is_not_accepted_is_named_and_then_accepted_by_somebody(lab, fab, variant):
    """Nexus begins anew, upon an empty directory."""
    lab.run("manager", "docker service scale registry_nexus=0 >/dev/null")
    until(lambda: containers(lab, "manager") + containers(lab, "worker") == 0)
    lab.run("nfs", "find /srv/nexus -mindepth 1 -delete")
    lab.run("manager", "docker service scale -d registry_nexus=1 >/dev/null")
    until(lambda: writable(lab) == "200")

    refused = fab("up", inventory=variant(("accept_eula: true", "accept_eula: false")))
    still = _eula(lab, lab.run("nfs", "cat /srv/nexus/admin.password"))
    ran = fab("up")
    now = _eula(lab, (lab.paths.secrets / "admin_password").read_text())

    assert refused.code == 3, refused.text
    assert _EULA in refused.err
    assert "nexus.accept_eula: true" in refused.err
    assert ran.code == 0, ran.text
    assert (still["accepted"], now["accepted"]) == (False, True)
    assert still["disclaimer"] == now["disclaimer"]
    *_, entry = [one for one in history(fab) if one["change"] == "update licence"]
    assert (entry["result"], "@" in entry["who"]) == ("done", True)


def _eula(lab, password):
    config = f'user = "admin:{password.strip()}"'
    return json.loads(lab.run(
        "manager", f"printf %s {shlex.quote(config)} | curl -sfk --config - "
        "--resolve nexus.lab:443:127.0.0.1 https://nexus.lab/service/rest/v1/system/eula",
    ))  # fmt: skip
