"""Which nodes may run Nexus, as labels on them, pure."""

from __future__ import annotations

from dataclasses import replace

from moorage.change import Change, Difference
from moorage.steps.base import RunScript
from moorage.steps.stack import scripts
from moorage.steps.stack.desired import Await, StackDesired
from moorage.steps.stack.observe import StackObserved


def label_changes(
    wanted: StackDesired, observed: StackObserved, manager: str, *, last: bool
) -> list[Change]:
    """Labels on where they are missing, off where they are no more wanted.

    Args:
        last: whether no deployment follows, which would be waited for itself. Before one the
            service may be out of reach for the very reason that is mended by it.
    """
    if wanted.label is None:
        return []
    key, value = wanted.label
    eligible = {node.node for node in observed.nodes.values()}
    # a host that does not answer keeps the label it has
    keep = eligible if not observed.unreachable else {*eligible, *observed.swarm}
    changes = []
    for node, item in observed.swarm.items():
        has = item.labels.get(key)
        after = value if node in eligible else None
        if has == after or (after is None and node in keep):
            continue
        script = scripts.label_node(node, item.hostname, key, after)
        difference = Difference(f"label {key}", has, after)
        changes.append(
            Change("update", f"node {item.hostname}", manager, (difference,),
                   (RunScript(manager, script),), shown_by=("nodes",))
        )  # fmt: skip
    # a node that may run Nexus is there before one may no longer
    changes.sort(key=lambda change: change.differences[0].after is None)
    return _awaited(changes, wanted, observed) if last else changes


def _awaited(changes: list[Change], wanted: StackDesired, observed: StackObserved) -> list[Change]:
    """The same changes; where Swarm moves a running Nexus because of them, it is waited for."""
    if not changes or wanted.service not in observed.services:
        return changes
    last = changes[-1]
    await_ = Await(wanted.service, observed.updates.get(wanted.service, ""), observed.tasks)
    return [*changes[:-1], replace(last, actions=(*last.actions, await_))]
