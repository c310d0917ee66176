"""Which nodes a service's constraints leave, pure.

Source: moby/swarmkit, manager/constraint/constraint.go, ``NodeMatches``: all of them have to hold;
values are compared without regard to case; a label that a node lacks is an empty value.
"""

from __future__ import annotations

from collections.abc import Iterable

from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.observe import NodeObserved, StackObserved, SwarmNode

_LABELS = "node.labels."


def allowed(
    constraints: Iterable[str], node_id: str, node: SwarmNode, label: tuple[str, str] | None = None
) -> bool:
    """Whether a task may run on a node, as far as is known here.

    What looks at the platform, at an address or at a label of the engine shuts no node out.

    Args:
        constraints: as ``composed.constraint`` writes them.
        node: as the managers list it.
        label: the node's label that the same plan sets: taken to be as it is to be.
    """
    known = {"node.id": node_id, "node.hostname": node.hostname, "node.role": node.role}
    labels = {_LABELS + key: value for key, value in node.labels.items()}
    if label:
        labels[_LABELS + label[0]] = label[1]
    for text in constraints:
        key, operator, wanted = text.split(" ", 2)
        value = labels.get(key, "") if key.startswith(_LABELS) else known.get(key)
        if value is not None and (value.lower() == wanted.lower()) != (operator == "=="):
            return False
    return True


def of_use(wanted: StackDesired, observed: StackObserved) -> dict[str, NodeObserved]:
    """Of the nodes that may run Nexus those that the service's own constraints leave."""
    constraints = wanted.fields()[wanted.service]["constraints"]
    return {
        name: node
        for name, node in observed.nodes.items()
        if node.node not in observed.swarm
        or allowed(constraints, node.node, observed.swarm[node.node], wanted.label)
    }
