"""Nexus' data that are in no export yet: deploying would leave them behind. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from moorage.change import Change, Difference
from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.observe import StackObserved

_MOUNT = "mount /nexus-data"
_LOCAL = ("", "local")


@dataclass(frozen=True)
class MoveFirst:
    """What another command has to do before the stack is deployed."""

    place: str

    @property
    def summary(self) -> str:
        return f"leave the data in {self.place} where they are"


def move_first(wanted: StackDesired, observed: StackObserved, manager: str) -> Change | None:
    """The change that stands in the plan of a site whose data are still to be moved."""
    place = local_place(wanted, observed)
    if not place:
        return None
    target = wanted.volume_options.get("device", "")
    return Change("update", "data of Nexus", manager, (Difference("place", place, target),),
                  (MoveFirst(place),))  # fmt: skip


def local_place(wanted: StackDesired, observed: StackObserved) -> str:
    """Where the data of the running service are, if that is on a node itself; else empty.

    A volume whose options the service does not say may have been made by hand: then the nodes
    have them.
    """
    fields = observed.services.get(wanted.service, {})
    kind, _, source = str(fields.get(_MOUNT, "")).partition(" ")
    if kind == "bind":
        return f"the directory {source}"
    if kind != "volume" or fields.get(f"{_MOUNT} type") or (
        fields.get(f"{_MOUNT} driver", "") not in _LOCAL
    ):  # fmt: skip
        return ""
    known = [node.volumes[source] for node in observed.nodes.values() if source in node.volumes]
    if any(options.get("type") for options in known):
        return ""
    return f"the volume {source}"
