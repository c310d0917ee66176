"""Volumes of other options: made anew in the safe way, removed after all else, or refused."""

from __future__ import annotations

import dataclasses

import pytest
from recorded_swarm import NEXUS, summaries

from moorage.change import Difference
from moorage.errors import Refused

SOFT = "addr=10.77.0.10,soft"


def with_volume(observed, name, *, uses, **options):
    """The Swarm with a volume that has other options on one node."""
    node = observed.nodes[name]
    usual = observed.nodes["worker"].volume
    changed = dataclasses.replace(node, volume={**usual, **options}, uses=uses)
    return dataclasses.replace(observed, nodes={**observed.nodes, name: changed})


def test_a_volume_with_other_options_in_use_is_made_anew_in_the_safe_way(step, observed, wanted):
    """Proof, stop, the definition removed, deployed again, and proof again."""
    volume, service = step().plan(with_volume(observed, "worker", uses=True, o=SOFT)).changes

    assert volume.subject == f"volume {wanted.volume}"
    assert volume.differences == (Difference("o", SOFT, wanted.volume_options["o"]),)
    assert summaries(volume) == [
        ("worker", "prove that the same data are behind the new options"),
        ("manager", f"stop {NEXUS}"),
        ("worker", f"remove the definition of the volume {wanted.volume}"),
    ]
    assert [item.field for item in service.differences] == ["volume definition"]
    assert summaries(service) == [
        ("manager", "deploy the stack registry"),
        (None, f"wait until {NEXUS} has converged and Nexus can be written to"),
        ("worker", "prove that the data are still there"),
    ]
    for change in (volume, service):
        (again,) = change.otherwise
        assert (again.host, again.script.summary) == ("manager", f"start {NEXUS} again")


def test_a_volume_that_nothing_uses_is_made_anew_without_a_stop(step, observed, wanted):
    (volume,) = step().plan(with_volume(observed, "manager", uses=False, o=SOFT)).changes

    assert [summary for _, summary in summaries(volume)] == [
        "prove that the same data are behind the new options",
        f"remove the definition of the volume {wanted.volume}",
        "prove that the data are still there",
    ]
    assert volume.otherwise == ()


@pytest.mark.parametrize("key", ["o", "device", "type"])
def test_each_option_of_the_volume_on_each_node_counts(step, observed, key):
    for name in ("manager", "worker"):
        (change, *_) = (
            step().plan(with_volume(observed, name, uses=False, **{key: "nfs-other"})).changes
        )
        assert (change.host, [item.field for item in change.differences]) == (name, [key])


def test_a_volume_that_is_no_nfs_mount_may_hold_data_and_is_refused(step, observed):
    node = dataclasses.replace(observed.nodes["worker"], volume={})

    with pytest.raises(Refused, match="its data are on this node") as caught:
        step().plan(dataclasses.replace(observed, nodes={**observed.nodes, "worker": node}))
    assert caught.value.host == "worker"


def test_without_an_image_at_hand_the_way_by_hand_is_told(step, observed):
    with pytest.raises(Refused) as caught:
        step(from_registry=True).plan(with_volume(observed, "worker", uses=True, o=SOFT))
    assert "docker volume rm" in caught.value.hint


def test_a_definition_of_former_options_is_removed_after_all_else(step, observed, wanted):
    former = {"registry-data-00000000": {"type": "nfs", "o": SOFT, "device": ":/srv/nexus"}}
    node = observed.nodes["worker"]
    others = {"registry-data-11111111": {}, "registry_own": {"type": "nfs", "o": SOFT}}
    node = dataclasses.replace(node, volumes={**node.volumes, **former, **others})
    nodes = {**observed.nodes, "worker": node}

    (change,) = step().plan(dataclasses.replace(observed, nodes=nodes)).changes

    assert (change.verb, change.subject, change.host) == (
        "remove", "volume registry-data-00000000", "worker",
    )  # fmt: skip
    assert change.actions[0].script.variables["volume"] == "registry-data-00000000"


def test_a_node_without_the_volume_yet_is_fine(step, observed):
    nodes = {name: dataclasses.replace(node, volume=None) for name, node in observed.nodes.items()}

    assert step().plan(dataclasses.replace(observed, nodes=nodes)).empty


def test_a_volume_that_would_change_is_proven_first(step, observed):
    fields = {**observed.services[NEXUS], "mount /nexus-data device": ":/elsewhere"}

    (change,) = step().plan(dataclasses.replace(observed, services={NEXUS: fields})).changes

    assert "prove that the export can be mounted" in change.actions[0].summary
