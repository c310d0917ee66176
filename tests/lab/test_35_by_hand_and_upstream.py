"""Scenarios 13, 14 and 21: what was changed in Nexus by hand, and a Docker Hub that is away."""

from __future__ import annotations

import json
import time

import pytest
from test_7_plan_and_drift import asked, body_of
from witness import SPEC, TASKS, history

pytestmark = [pytest.mark.lab, pytest.mark.long]

_HOSTED = "repositories/docker/hosted"


@pytest.mark.scenario(14, "Drift in UI")
def test_what_was_clicked_is_shown_field_by_field_and_mended_alone(lab, fab, variant, site_up):
    hosted = "docker-private: {type: hosted, port: 8083"
    strict = variant((f"{hosted}}}", f"{hosted}, write_policy: allow_once}}"))
    assert fab("nexus-seed", inventory=strict).code == 0
    mine = body_of(lab, "hosted/docker-private")
    mine["storage"]["writePolicy"] = "ALLOW"
    # a field that no inventory has
    mine["component"] = {"proprietaryComponents": True}
    asked(lab, "PUT", f"{_HOSTED}/docker-private", mine)
    other = json.loads(json.dumps(mine))
    other["name"] = "by-hand"
    other["docker"]["httpPort"] = 8099
    asked(lab, "POST", _HOSTED, other)
    clicked = asked(lab, "GET", f"{_HOSTED}/by-hand")
    try:
        plan = fab("plan", "--check", inventory=strict)
        ran = fab("nexus-seed", inventory=strict)
        after = asked(lab, "GET", f"{_HOSTED}/docker-private")
        left = asked(lab, "GET", f"{_HOSTED}/by-hand")
    finally:
        asked(lab, "DELETE", "repositories/by-hand")
        mine["component"] = {"proprietaryComponents": False}
        asked(lab, "PUT", f"{_HOSTED}/docker-private", mine)
        back = fab("nexus-seed")

    assert plan.code == 2, plan.text
    assert "update repository docker-private" in plan.out
    assert "ALLOW → ALLOW_ONCE" in plan.out
    assert "not managed, left alone: " in plan.out
    assert "by-hand" in plan.out
    assert ran.code == 0, ran.text
    assert after["storage"]["writePolicy"] == "ALLOW_ONCE"
    assert after["component"] == {"proprietaryComponents": True}
    assert left == clicked
    assert back.code == 0, back.text


@pytest.mark.scenario(13, "Admin password changed by hand")
def test_up_names_the_passwords_it_has_tried_and_resets_nothing(
    lab, fab, variant, site_up, tmp_path
):
    secret = tmp_path / "secret"
    secret.write_text("another")
    secret.chmod(0o600)
    before = lab.run("manager", f"{SPEC}; {TASKS}")
    data = lab.run("nfs", "sha256sum /srv/nexus/db/standin.json; ls -A /srv/nexus")
    entries = len(history(fab))

    ran = fab(
        "up", inventory=variant(("admin_password: file:", f"admin_password: file:{secret} # "))
    )

    assert ran.code == 3, ran.text
    assert "tried: the password of nexus.admin_password; no admin.password on the export" in ran.err
    assert "nexus.admin_password's reference" in ran.err
    assert "nothing was reset" in ran.err
    assert lab.run("manager", f"{SPEC}; {TASKS}") == before
    assert lab.run("nfs", "sha256sum /srv/nexus/db/standin.json; ls -A /srv/nexus") == data
    assert len(history(fab)) == entries


@pytest.mark.scenario(21, "Proxy repo remote unreachable")
def test_without_docker_hub_all_but_the_proxy_is_proven(lab, fab, site_up):
    """The proxy is made anew, so that it has nothing in its cache."""
    alone = body_of(lab, "group/docker-all")
    alone["group"]["memberNames"] = ["docker-private"]
    asked(lab, "PUT", "repositories/docker/group/docker-all", alone)
    asked(lab, "DELETE", "repositories/docker-hub")
    lab.run("manager", "systemctl stop lab-hub")
    try:
        ran = fab("up")
    finally:
        lab.run("manager", "systemctl start lab-hub")

    assert ran.code == 0, ran.text
    assert "warning: pull of hello-world: skipped: docker-hub" in ran.out
    assert "auto-blocked" in ran.out
    for words in ("push of ", "it is in docker-private", "pull of moorage-verify"):
        assert words in ran.out, words
    deadline = time.monotonic() + 180
    while "pull of hello-world: skipped" in (again := fab("verify")).out:
        assert time.monotonic() < deadline, again.text
        time.sleep(10)
    assert again.code == 0, again.text
