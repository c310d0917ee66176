"""Data that are in no export: the stack's plan names them, and no deployment leaves them behind."""

from __future__ import annotations

import dataclasses

import pytest

from moorage.errors import Refused
from moorage.steps.stack.local_data import MoveFirst, local_place, move_first
from moorage.steps.stack.observe import NodeObserved, StackObserved
from moorage.steps.stack.step import StackStep

OPTIONS = {"type": "nfs", "o": "addr=10.0.0.10,hard", "device": ":/srv/nexus"}
SERVICE = "registry_nexus"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """As much of what is wanted as matters here."""

    service: str = SERVICE
    volume_options: dict = dataclasses.field(default_factory=lambda: OPTIONS)
    advice: tuple = ("advice",)
    limits: tuple = ()


def seen(volumes=None, **mount):
    fields = {f"mount /nexus-data{' ' if key else ''}{key.replace('_', ' ')}": value
              for key, value in mount.items()}  # fmt: skip
    node = NodeObserved("id", None, None, volumes=volumes or {})
    return StackObserved({"worker": node}, {}, {}, frozenset(), {SERVICE: fields})


LOCAL = {"": "volume registry_data", "driver": ""}


@pytest.mark.parametrize(
    "observed,place",
    [
        (seen(**LOCAL), "the volume registry_data"),
        (seen({"registry_data": {}}, **LOCAL), "the volume registry_data"),
        (seen(**{"": "bind /opt/nexus"}), "the directory /opt/nexus"),
        (seen({"registry_data": {"type": "nfs4"}}, **LOCAL), ""),
        (seen(**LOCAL, type="nfs"), ""),
        (seen(**{**LOCAL, "driver": "rexray"}), ""),
        (StackObserved({}, {}, {}, frozenset(), {}), ""),
        (seen(), ""),
    ],
)
def test_where_data_are_on_a_node(observed, place):
    assert local_place(Wanted(), observed) == place
    change = move_first(Wanted(), observed, "manager")
    assert (change is None) is (place == "")


def test_the_plan_says_so_and_to_carry_it_out_is_refused():
    step = StackStep(None, "manager", None, Wanted())
    plan = step.plan(seen(**LOCAL))

    [change] = plan.changes
    assert change.differences[0].before == "the volume registry_data"
    assert change.differences[0].after == ":/srv/nexus"
    assert change.actions == (MoveFirst("the volume registry_data"),)
    with pytest.raises(Refused, match="leave them behind") as caught:
        step.carry_out(change.actions[0], lambda _: None)
    assert "fab data-move" in caught.value.hint
