"""What is still to be done until Nexus is on its new node, wherever a former run was cut off. Pure.

Each change is there as long as what it is for is not so, in the order that never has two nodes
with the data: stop, leave the data alone, close the export, move the label, let in, start.
"""

from __future__ import annotations

from collections.abc import Iterator

from moorage.change import Action, Change, Difference
from moorage.steps.base import RunScript
from moorage.steps.holders import lets_in
from moorage.steps.relocate import scripts
from moorage.steps.relocate.desired import AwaitStart, RelocateDesired
from moorage.steps.relocate.observe import RelocateObserved


def away(wanted: RelocateDesired, seen: RelocateObserved) -> bool:
    """Whether Nexus is, or may come to be, anywhere but on its new node."""
    target = seen.nodes[wanted.to].id
    elsewhere = any(node.containers for name, node in seen.nodes.items() if name != wanted.to)
    labelled = target in seen.members and seen.members[target].labelled
    address = wanted.swarm[wanted.to].address
    known = {address, *seen.server.addresses.get(address, ())}
    let_in = any(lets_in(client, known) for client in seen.server.clients)
    return elsewhere or not labelled or not let_in or bool(held_by_fenced(wanted, seen))


def held_by_fenced(wanted: RelocateDesired, seen: RelocateObserved) -> set[str]:
    """Addresses of fenced machines that have Nexus' data open still."""
    known = seen.server.addresses
    gone = {address for name in wanted.fenced
            for address in known.get(wanted.swarm[name].address, ())}  # fmt: skip
    return gone & seen.server.holders


def changes(
    wanted: RelocateDesired, seen: RelocateObserved, manager: str, server: str
) -> Iterator[Change]:
    """All that is left to do, in order.

    Args:
        manager: inventory name of the manager worked through; server: of the NFS host.
    """
    moving = away(wanted, seen)
    if moving and seen.replicas:
        stop = RunScript(manager, scripts.stop(wanted.service, wanted.home))
        yield Change("remove", f"task of {wanted.service}", manager,
                     (Difference("replicas", seen.replicas, 0),), (stop,),
                     shown_by=("service", "tasks"))  # fmt: skip
    yield from _left_alone(wanted, seen)
    if moving:
        yield from _closed(wanted, seen, server)
    yield from _labels(wanted, seen, manager)
    yield from _let_in(wanted, seen, server, moving=moving)
    yield from _started(wanted, seen, manager, moving=moving)


def _left_alone(wanted: RelocateDesired, seen: RelocateObserved) -> Iterator[Change]:
    for name, node in seen.nodes.items():
        if name == wanted.to or not (node.containers or node.mounts):
            continue
        script = scripts.leave(wanted.service, node.mounts, wanted.path, wanted.grace_seconds)
        differences = [Difference("containers", len(node.containers), 0)] * bool(node.containers)
        differences += [Difference("mounted at", point, None) for point in node.mounts]
        hint = f"see what holds it: fuser -vm {node.mounts[0]}" if node.mounts else ""
        yield Change(
            "remove",
            f"use of {wanted.path}",
            name,
            tuple(differences),
            (RunScript(name, script, hint),),
            shown_by=("containers", "mounts"),
        )


def _closed(wanted: RelocateDesired, seen: RelocateObserved, server: str) -> Iterator[Change]:
    gone = held_by_fenced(wanted, seen)
    if seen.server.file == wanted.closed and not seen.server.clients and not gone:
        return
    differences = [Difference(f"client {client}", "let in", None)
                   for client in sorted(seen.server.clients)]  # fmt: skip
    differences += [Difference(f"what {address} has open", "open", "expired")
                    for address in sorted(gone)]  # fmt: skip
    script = scripts.close(wanted.file, wanted.closed, wanted.path,
                           [wanted.swarm[name].address for name in wanted.fenced])  # fmt: skip
    hint = "Nexus is stopped and nobody is let in: mend what is said, then run the same again"
    yield Change("remove", f"clients of {wanted.path}", server, tuple(differences),
                 (RunScript(server, script, hint),))  # fmt: skip


def _labels(wanted: RelocateDesired, seen: RelocateObserved, manager: str) -> Iterator[Change]:
    """Off the others first."""
    target = seen.nodes[wanted.to].id
    for node, member in sorted(seen.members.items(), key=lambda item: item[0] == target):
        if member.labelled == (node == target):
            continue
        key, value = wanted.label
        before, after = (value, None) if member.labelled else (None, value)
        script = wanted.scripts.label(node, member.hostname, node == target)
        yield Change("update", f"node {member.hostname}", manager,
                     (Difference(f"label {key}", before, after),), (RunScript(manager, script),),
                     shown_by=("nodes",))  # fmt: skip


def _let_in(
    wanted: RelocateDesired, seen: RelocateObserved, server: str, *, moving: bool
) -> Iterator[Change]:
    now = set() if moving else seen.server.clients
    if not moving and seen.server.file == wanted.text and now == set(wanted.clients):
        return
    differences = [Difference(f"client {client}", "let in" if client in now else None,
                              "let in" if client in wanted.clients else None)
                   for client in dict.fromkeys((*sorted(now), *wanted.clients))
                   if (client in now) != (client in wanted.clients)]  # fmt: skip
    actions: list[Action] = [RunScript(server, wanted.scripts.let_in)]
    if wanted.scripts.prove:
        actions.append(
            RunScript(
                wanted.to,
                wanted.scripts.prove,
                "see why it cannot be mounted there, then run the same again",
            )
        )
    yield Change("update", f"export {wanted.path} to {wanted.to}", server, tuple(differences),
                 tuple(actions))  # fmt: skip


def _started(
    wanted: RelocateDesired, seen: RelocateObserved, manager: str, *, moving: bool
) -> Iterator[Change]:
    runs = bool(seen.nodes[wanted.to].containers)
    differences = []
    if moving or not runs:
        where = [name for name, node in seen.nodes.items() if node.containers]
        differences.append(Difference("node", ", ".join(where) or None, wanted.to))
    elif seen.nexus is None or not seen.nexus.writable:
        phase = seen.nexus.phase if seen.nexus else "stopped"
        differences.append(Difference("Nexus", phase, "writable"))
    if not differences:
        return
    actions: list[Action] = []
    if moving or not seen.replicas:
        actions.append(RunScript(manager, scripts.start(wanted.service)))
    actions.append(AwaitStart(wanted.service, seen.update, seen.tasks))
    yield Change("update", f"service {wanted.service}", manager, tuple(differences),
                 tuple(actions))  # fmt: skip
