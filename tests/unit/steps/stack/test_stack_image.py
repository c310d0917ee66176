"""The step stack and Nexus' image: another build, other content, and one that a hand gave it."""

from __future__ import annotations

import dataclasses

import pytest
from recorded_swarm import NEXUS, summaries

from moorage.errors import Refused


def test_another_build_under_the_same_name_is_refused(step, observed):
    other = dataclasses.replace(observed.nodes["worker"], image={"moorage.dockerfile": "0" * 64})

    with pytest.raises(Refused, match="is another build"):
        step().plan(dataclasses.replace(observed, nodes={"worker": other}))


def test_a_task_that_runs_another_image_under_the_same_name_is_started_anew(step, observed):
    node = dataclasses.replace(observed.nodes["worker"], runs="sha256:" + "0" * 64)
    nodes = {**observed.nodes, "worker": node}

    (change,) = step().plan(dataclasses.replace(observed, nodes=nodes)).changes

    assert [item.field for item in change.differences] == ["content of the image it runs"]
    assert [summary for _, summary in summaries(change)][:2] == [
        "deploy the stack registry", f"start the task of {NEXUS} anew",
    ]  # fmt: skip


def test_an_image_that_a_hand_gave_it_is_not_kept_by_the_deployment(step, observed):
    """Docker keeps it where the stack file asks for the image that it asked for before."""
    services = {NEXUS: {**observed.services[NEXUS], "image": "by/hand:1"}}

    (change,) = step().plan(dataclasses.replace(observed, services=services)).changes

    done = [summary for _, summary in summaries(change)]
    assert done.index(f"have {NEXUS} forget which image it was deployed with") < done.index(
        "deploy the stack registry"
    )
