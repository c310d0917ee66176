"""Where Nexus is, of the nodes that it stays on one of, pure."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.errors import MoorageError
from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.observe import NodeObserved, SwarmNode


def holder(
    wanted: StackDesired, nodes: Mapping[str, NodeObserved], swarm: Mapping[str, SwarmNode]
) -> str:
    """The name of the node that Nexus stays on: of those allowed, where it runs, else the one that
    has the label, which ``fab relocate`` moves, else the first.

    Args:
        nodes: those of them that answer.
        swarm: all nodes of the Swarm by node id.
    """
    assert wanted.label is not None  # noqa: S101  pinned by it
    key, value = wanted.label
    labelled = {node for node, item in swarm.items() if item.labels.get(key) == value}
    hostnames = {swarm[node].hostname for node in labelled}
    named = [
        name
        for name, hostname in wanted.pinned.items()
        if (nodes[name].node in labelled if name in nodes else hostname in hostnames)
    ]
    running = [name for name in (named or wanted.pinned) if name in nodes and nodes[name].runs]
    return next(iter([*running, *named, *wanted.pinned]))


def where_to(failure: MoorageError, name: str, wanted: StackDesired) -> MoorageError:
    """The failure of the node that Nexus is on, with the two ways out."""
    other = next((one for one in wanted.pinned if one != name), "NODE")
    failure.hint = (
        f"Nexus is on {name}: bring it back; or, once it is switched off, move Nexus: "
        f"fab relocate --to {other} --fenced {name}"
    )
    return failure
