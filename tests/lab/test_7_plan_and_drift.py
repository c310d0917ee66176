"""What was changed by hand is found, shown and mended; the plan is what is done; data stay."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from witness import until

from moorage.steps.nexus.repositories import ANSWERS

pytestmark = [pytest.mark.lab, pytest.mark.long]

_CLIENT = "10.77.0.12:/srv/nexus"
_HOME = "/var/lib/moorage/registry"
_UPDATE = "docker service update -d -q"
_RULE = "traefik.http.routers.registry-nexus.rule"
_IMAGE = "$(docker image ls --format '{{.Repository}}:{{.Tag}}' moorage/nexus | head -n 1)"
_VOLUME = "$(docker volume ls -q --filter label=com.docker.stack.namespace=registry | head -n 1)"


@dataclass(frozen=True)
class Drift:
    """One thing changed by hand.

    Args:
        host: the guest; nexus for its API.
        by: shell, or a path of the API.
        subject: the beginning of what the plan names; field: the field in it.
    """

    host: str
    by: str
    step: str
    subject: str
    field: str


DRIFTS = {
    # exportfs puts back what files say of all others, so this one comes first
    "a client of the export": Drift(
        "nfs", "exportfs -o rw,no_subtree_check 10.77.0.99:/srv/nexus",
        "nfs", "export", "10.77.0.99"),
    "an option of the export": Drift(
        "nfs", f"exportfs -u {_CLIENT} && exportfs -o rw,no_root_squash {_CLIENT}",
        "nfs", "export", "10.77.0.12"),
    "the owner of the directory": Drift(
        "nfs", "chgrp 0 /srv/nexus", "nfs", "directory", "owner"),
    "the mode of the directory": Drift(
        "nfs", "chmod 0777 /srv/nexus", "nfs", "directory", "mode"),
    "the service at boot": Drift(
        "nfs", "systemctl disable -q nfs-server", "nfs", "service nfs-server", "at boot"),
    "the content of an image": Drift(
        "manager", f"i={_IMAGE}; printf 'FROM %s\\nENV BY=hand\\n' $i | docker build -q -t $i -",
        "image", "image", "content"),
    "a label of the service": Drift(
        "manager", f"{_UPDATE} --label-add '{_RULE}=Host(`x.lab`)' registry_nexus",
        "stack", "service registry_nexus", f"label {_RULE}"),
    "a limit of the service": Drift(
        "manager", "docker service update -d -q --limit-memory 480m registry_nexus",
        "stack", "service registry_nexus", "memory limit"),
    "the logging of the service": Drift(
        "manager", "docker service update -d -q --log-driver json-file "
        "--log-opt max-size=1m registry_nexus",
        "stack", "service registry_nexus", "logging max-size"),
    "the update policy": Drift(
        "manager", "docker service update -d -q --update-failure-action continue registry_nexus",
        "stack", "service registry_nexus", "update failure action"),
    "the label of a node": Drift(
        "manager", "docker node update --label-rm moorage.registry manager",
        "stack", "node manager", "label moorage.registry"),
    "the volume on one node": Drift(
        "manager", "docker volume rm -f NAME; docker volume create -d local -o type=nfs "
        "-o device=:/srv/nexus "
        "-o o=addr=10.77.0.10,nfsvers=4.2,soft,rw NAME",
        "stack", "volume", "o"),
    "the realms of Nexus": Drift(
        "nexus", "security/realms/active", "nexus", "realms", "active"),
}  # fmt: skip


def asked(lab, method, path, body=None):
    password = (lab.paths.secrets / "admin_password").read_text()
    words = ["curl", "-s", "--fail-with-body", "-m", "30", "-u", f"admin:{password}",
             "--cacert", str(lab.paths.home / "ca.crt"), "-X", method]  # fmt: skip
    words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)] if body else []
    said = lab.exec([*words, f"https://nexus.lab/service/rest/v1/{path}"])
    return json.loads(said) if said.strip() else None


def body_of(lab, repository):
    """What Nexus says of a Docker repository, as a request may have it.

    Args:
        repository: type and name, such as ``hosted/docker-private``.
    """
    body = asked(lab, "GET", f"repositories/docker/{repository}")
    return {key: value for key, value in body.items() if key not in ANSWERS}


def break_by_hand(lab, drift):
    if drift.host != "nexus":
        volume = lab.run("worker", f"echo {_VOLUME}").strip()
        volume = volume or lab.run("manager", f"echo {_VOLUME}").strip()
        lab.run(drift.host, drift.by.replace("NAME", volume))
        return
    realms = asked(lab, "GET", drift.by)
    asked(lab, "PUT", drift.by, [realm for realm in realms if realm != "DockerToken"])


def planned(fab, *words, code):
    ran = fab("plan", "--json", "--check", *words)
    assert ran.code == code, ran.text
    return json.loads(ran.out)


def _fields(plan):
    return {
        (step["step"], change["subject"], difference["field"])
        for step in plan["steps"]
        for change in step["changes"]
        for difference in change["differences"]
    }


@dataclass(frozen=True)
class Mended:
    """A site with every drift at once, and what Moorage said and did."""

    before: dict[str, Any]
    after: dict[str, Any]
    text: str
    history: list[dict[str, Any]]


@pytest.fixture(scope="module")
def mended(lab, fab, site_up) -> Mended:
    # the task runs on one node: the volume of the other is nobody's
    lab.run("manager", "docker node update --label-rm moorage.registry manager >/dev/null")
    assert fab("up").code == 0
    begun = len(fab("history", "--json", "--lines", "1000").out.splitlines())
    # what needs Nexus first, then what makes Swarm start it anew
    for drift in sorted(DRIFTS.values(), key=lambda drift: drift.host != "nexus"):
        break_by_hand(lab, drift)
    before = planned(fab, "--step", "nfs,image,stack", code=2)
    ran = fab("up")
    assert ran.code == 0, ran.text
    history = [json.loads(line) for line in
               fab("history", "--json", "--lines", "1000").out.splitlines()[begun:]]  # fmt: skip
    return Mended(before, planned(fab, code=0), ran.text, history)


@pytest.mark.parametrize("name", DRIFTS)
def test_drift_by_hand_is_found_shown_and_mended(mended, name):
    drift = DRIFTS[name]

    def found(fields):
        return [one for one in fields if one[0] == drift.step and one[2] == drift.field
                and one[1].startswith(drift.subject)]  # fmt: skip

    if drift.step != "nexus":
        # Nexus is known only once the stack is as asked
        assert found(_fields(mended.before)), mended.before
    assert f"      {drift.field}: " in mended.text
    assert not found(_fields(mended.after))


def test_afterwards_nothing_is_left_to_change(mended):
    assert (mended.after["changes"], mended.after["drift"]) == (0, False)
    assert all(step["state"] == "unchanged" for step in mended.after["steps"])


def test_what_was_done_is_what_was_shown(mended):
    shown = [(step["step"], f"{change['verb']} {change['subject']}", change["host"])
             for step in mended.before["steps"] for change in step["changes"]]  # fmt: skip
    done = [(entry["step"], entry["change"], entry["host"]) for entry in mended.history
            if entry["step"] != "nexus"]  # fmt: skip

    assert sorted(done) == sorted(shown)
    assert {entry["result"] for entry in mended.history} == {"done"}


@pytest.mark.scenario(2, "Plan touches nothing")
def test_a_plan_touches_nothing(lab, fab, mended):
    look = "docker service inspect --format '{{.Version.Index}}' registry_nexus; ls -A " + _HOME
    before = lab.run("manager", look)

    ran = fab("plan", "--check", "--verbose")

    assert ran.code == 0, ran.text
    assert ran.out.splitlines()[-1] == "plan: no changes; nothing was done"
    assert lab.run("manager", look) == before
    # one exec a host, whichever steps look at it
    for host in ("nfs", "manager", "worker"):
        assert len([line for line in ran.out.splitlines() if line.startswith(f"{host}$ ")]) == 1


def test_a_host_that_is_off_is_named_and_the_others_are_told_of(lab, fab, mended):
    lab.run("manager", "docker service update -d -q --label-add by.hand=1 registry_nexus")
    lab.kill("nfs")
    try:
        ran = fab("plan")
    finally:
        lab.boot("nfs")
        lab.wait_ready()

    assert ran.code == 4
    assert "nfs: failed: no SSH connection" in ran.out
    assert "label by.hand: 1 → absent" in ran.out
    assert fab("up").code == 0


def _with_the_volume_in_use(lab, fab, changed):
    """A container of somebody else has it: Nexus is stopped for nothing, and started again."""
    for host in ("manager", "worker"):
        lab.run(host, "docker volume inspect registry-fixed >/dev/null 2>&1 || exit 0; "
                f"docker create --name by-hand -v registry-fixed:/mnt {_IMAGE} true")  # fmt: skip
    ran = fab("deploy", inventory=changed)
    for host in ("manager", "worker"):
        lab.run(host, "docker rm by-hand 2>/dev/null; true")

    assert (ran.code, "volume is in use" in ran.text) == (1, True), ran.text
    assert "start registry_nexus again" in ran.text
    replicas = "docker service ls --filter name=registry_nexus --format '{{.Replicas}}'"
    until(lambda: lab.run("manager", replicas).strip() == "1/1")


@pytest.mark.scenario(26, "Volume exists with other driver_opts")
def test_a_volume_with_new_options_is_made_anew_and_the_data_stay(lab, fab, variant, mended):
    name = "nocopy: true\n    name: registry-fixed"
    fixed = variant(("export: /srv/nexus", f"export: /srv/nexus\n  volume:\n    {name}"))
    first = fab("deploy", inventory=fixed)
    assert first.code == 0, first.text
    assert "- remove volume registry-data-" in first.out
    options = f"{name}\n    options: [nfsvers=4.2, hard, rw, noatime]"
    changed = variant(("export: /srv/nexus", f"export: /srv/nexus\n  volume:\n    {options}"))
    before = lab.run("nfs", "ls -A /srv/nexus | sort")

    shown = fab("deploy", "--dry-run", inventory=changed)
    _with_the_volume_in_use(lab, fab, changed)
    ran = fab("deploy", inventory=changed)

    assert "~ update volume registry-fixed" in shown.out
    assert ran.code == 0, ran.text
    for words in (
        "prove that the same data are behind the new options",
        "stop registry_nexus",
        "remove the definition",
        "prove that the data are still there",
    ):
        assert words in ran.out
    assert lab.run("nfs", "ls -A /srv/nexus | sort") == before
    mounts = lab.run("worker", "cat /proc/mounts") + lab.run("manager", "cat /proc/mounts")
    assert "noatime" in next(line for line in mounts.splitlines() if ":/srv/nexus " in line)
    back = fab("up")
    assert back.code == 0, back.text
    # a name that the operator chose is the operator's own to remove
    for host in ("manager", "worker"):
        lab.run(host, "docker volume rm registry-fixed 2>/dev/null; true")
