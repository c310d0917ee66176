"""The definitions of the volume on the nodes: Swarm never changes one that is there. Pure.

The definition of an NFS mount holds no data: it may be removed once no container uses it, and the
next task makes it anew with the options that the service has (docs.docker.com, "docker volume
create", and moby, daemon/cluster/executor/container).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from moorage.change import Action, Change, Difference
from moorage.steps.base import RunScript
from moorage.steps.stack import volume_scripts as scripts
from moorage.steps.stack.constraints import of_use
from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.observe import StackObserved

PROVEN = "volume definition"
"""The field of a service that is deployed again because its volume's definition went."""


def stale_nodes(wanted: StackDesired, observed: StackObserved) -> list[str]:
    """Hosts whose volume of that name has other options than asked."""
    other = [name for name, node in observed.nodes.items()
             if node.volume is not None and node.volume != dict(wanted.volume_options)]  # fmt: skip
    # most often there is none, and this is asked several times a plan
    left = of_use(wanted, observed) if other else {}
    return [name for name in other if name in left]


def must_stop(wanted: StackDesired, observed: StackObserved) -> bool:
    """Whether Nexus runs with a definition that has to go."""
    return any(observed.nodes[name].uses for name in stale_nodes(wanted, observed))


def volume_changes(wanted: StackDesired, observed: StackObserved, manager: str) -> list[Change]:
    """Proof that the same data are behind the new options, stop, and each definition removed."""
    stale, stop = stale_nodes(wanted, observed), must_stop(wanted, observed)
    return [
        Change(
            "update", f"volume {wanted.volume}", name, _differences(wanted, observed, name),
            tuple(_actions(wanted, observed, name, manager if stop else None,
                           first=name == stale[0], last=name == stale[-1])),
            shown_by=("volumes",), otherwise=start_again(wanted, manager) if stop else (),
        )
        for name in stale
    ]  # fmt: skip


def start_again(wanted: StackDesired, manager: str) -> tuple[Action, ...]:
    """What lets Nexus run on where its volume could not be made anew while it stood still."""
    return (RunScript(manager, scripts.start(wanted.service)),)


def _differences(
    wanted: StackDesired, observed: StackObserved, name: str
) -> tuple[Difference, ...]:
    before, after = observed.nodes[name].volume or {}, wanted.volume_options
    return tuple(Difference(key, before.get(key), after.get(key))
                 for key in {**after, **before} if before.get(key) != after.get(key))  # fmt: skip


def _actions(
    wanted: StackDesired,
    observed: StackObserved,
    name: str,
    stop: str | None,
    *,
    first: bool,
    last: bool,
) -> Iterator[Action]:
    """What is done on one node; ``stop`` is the manager to stop Nexus through first."""
    if first:
        prove = scripts.leave_proof(wanted, observed.nodes[name].volume or {})
        yield RunScript(name, prove, "nothing was stopped or removed yet")
    if first and stop:
        yield RunScript(stop, scripts.stop(wanted.service))
    yield RunScript(name, scripts.remove(wanted.volume, wanted.service))
    if last and not stop:
        # where Nexus was stopped, it is proven once it runs again
        yield RunScript(name, scripts.see_proof(wanted))


def former_changes(wanted: StackDesired, observed: StackObserved) -> list[Change]:
    """Definitions that earlier options had, by their own names, removed after all else."""
    own = re.compile(rf"{re.escape(wanted.stack)}-data-[0-9a-f]{{8}}")
    return [
        Change(
            "remove", f"volume {former}", name,
            (Difference("definition", _told(options), None),),
            (RunScript(name, scripts.remove(former, wanted.service)),),
            shown_by=("volumes",),
        )
        for name, node in observed.nodes.items()
        for former, options in node.volumes.items()
        if own.fullmatch(former) and former not in wanted.declared
        and options.get("type", "").startswith("nfs")
    ]  # fmt: skip


def _told(options: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(options.items())) or "none"
