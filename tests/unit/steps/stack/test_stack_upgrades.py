"""The step stack beside an upgrade: what is half done is not deployed over, nor an older Nexus."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess

import pytest
from recorded_swarm import MANAGER, NEXUS

from moorage.errors import Refused
from moorage.transport.nexus_status import NexusStatus

NOTE = {"before": "3.93.0", "to": "3.94.0", "image": "a:1", "backup": "2026-01-01T000000Z"}


def noted(output, text):
    boundary = output.partition("\n")[0]
    return f"{output}--{boundary} upgrade\n{text}\n\n--{boundary} = 0\n"


def test_an_upgrade_that_is_not_over_is_not_deployed_over(step, recorded, heard):
    one = step(manager=noted(recorded(MANAGER), json.dumps(NOTE)), home="/h")

    with pytest.raises(
        Refused, match=r"an upgrade from 3\.93\.0 to 3\.94\.0 is not over"
    ) as caught:
        one.plan(one.observe(heard))

    assert "fab upgrade --back" in caught.value.hint
    assert "upgrade" in one.probes()["manager"].parts


def test_the_upgrade_itself_deploys(step, recorded, heard):
    one = step(manager=noted(recorded(MANAGER), json.dumps(NOTE)), home="/h", upgrading=True)

    assert one.plan(one.observe(heard)).empty


def test_without_one_nothing_is_in_the_way(step, recorded, heard):
    one = step(manager=noted(recorded(MANAGER), ""), home="/h")

    assert one.plan(one.observe(heard)).empty


@pytest.mark.parametrize(
    ("image", "refused"),
    [
        ("moorage/nexus:3.95.0-abc", True),
        ("registry.example:5000/nexus:3.95.1", True),
        ("moorage/nexus:3.94.0-abc", False),
        ("moorage/nexus:3.93.0-abc", False),
        ("moorage/nexus:ours", False),
        ("moorage/nexus:3.95.0.1", False),
    ],
)
def test_one_that_is_silent_is_as_new_as_its_image(step, observed, image, refused):
    silent = NexusStatus(writable=False, phase="nothing listens")
    services = {NEXUS: {**observed.services[NEXUS], "image": image}}
    seen = dataclasses.replace(observed, nexus=silent, services=services)

    if not refused:
        assert step(version="3.94.0").plan(seen).changes
        return
    with pytest.raises(Refused, match=r"3\.94\.0 cannot read what it has migrated"):
        step(version="3.94.0").plan(seen)


def held(output):
    boundary = output.partition("\n")[0]
    return f"{output}--{boundary} held\nheld\n\n--{boundary} = 0\n"


def at(observed, replicas):
    services = {NEXUS: {**observed.services[NEXUS], "replicas": replicas}}
    return dataclasses.replace(observed, services=services)


def test_on_data_that_are_half_moved_nothing_is_started(step, recorded, heard):
    """A restoration was cut off: what it moved is put right by the next one alone."""
    one = step(manager=held(recorded(MANAGER)), home="/h")
    seen = one.observe(heard)

    with pytest.raises(Refused, match="an exchange of its data was cut off") as caught:
        one.plan(at(seen, 0))
    assert "fab restore" in caught.value.hint
    with pytest.raises(Refused, match="an exchange of its data was cut off"):
        one.plan(dataclasses.replace(seen, services={}))
    # started by hand meanwhile, it is as it is
    assert one.plan(at(seen, 1)).empty
    assert "held" in one.probes()["manager"].parts


def test_the_way_back_of_an_upgrade_deploys_what_it_keeps_stopped(step, recorded, heard):
    one = step(manager=held(noted(recorded(MANAGER), json.dumps(NOTE))), home="/h", upgrading=True)

    assert one.plan(at(one.observe(heard), 0)).changes


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"upgrading": True, "version": "3.94.0"}, True),
        ({"upgrading": True, "version": ""}, False),
        ({"upgrading": False, "version": "3.94.0"}, False),
    ],
)
def test_a_new_version_is_deployed_on_what_this_run_keeps_stopped_alone(
    step, observed, tmp_path, changes, asked
):
    """Started meanwhile, the former one took pushes that the backup lacks; its guard does that."""
    services = {NEXUS: {**observed.services[NEXUS], "image": "moorage/nexus:3.93.0-a"}}
    one = step(home=str(tmp_path), **changes)
    (change,) = one.plan(dataclasses.replace(observed, services=services)).changes
    (deploy,) = [action.script for action in change.actions
                 if action.summary == "deploy the stack registry"]  # fmt: skip
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock/id").write_text("me\n")

    def code():
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run(["sh", "-s"], check=False, input=deploy.text(), text=True, env=env,
                              capture_output=True).returncode  # fmt: skip

    assert (code() != 0) is asked
    (tmp_path / "stopped").write_text("me\nregistry_nexus\n1\nbackup\n")
    assert code() == 0
