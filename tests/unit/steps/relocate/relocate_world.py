"""A site whose Nexus is moved, played: it does what actions say, and holds the fence."""

from __future__ import annotations

from moorage.errors import Unreachable
from moorage.steps.relocate.desired import AwaitStart
from moorage.steps.relocate.observe import Member, NodeSeen, RelocateObserved, ServerSeen
from moorage.steps.relocate.step import RelocateStep
from moorage.transport.nexus_status import NexusStatus

PATH, OPEN, CLOSED = "/srv/nexus", "to two\n", "closed, to two\n"
ADDRESS = {"one": "10.0.0.1", "two": "10.0.0.2", "boss": "10.0.0.3"}
OPTIONS = {"type": "nfs", "o": "addr=10.0.0.10", "device": ":/srv/nexus"}


class World:
    """A site whose Nexus runs on the first node; does what actions say.

    Args:
        silent: nodes that do not answer, and go on with what they do.
    """

    def __init__(self, silent=()):
        self.silent = silent
        self.file, self.clients = "to one\n", {ADDRESS["one"]}
        self.labels = {"one"}
        self.containers = {"one"}
        self.mounts = {"one"}
        self.holders = {ADDRESS["one"]}
        self.replicas = 1
        self.waited = False

    def seen(self):
        there = "two" in self.containers
        return RelocateObserved(
            server=ServerSeen(
                self.file, frozenset(self.clients), {}, frozenset(self.holders),
                {address: frozenset({address}) for address in ADDRESS.values()},
            ),
            nodes={
                name: NodeSeen(
                    f"id-{name}",
                    ("c1",) if name in self.containers else (),
                    (f"/var/{name}",) if name in self.mounts else (),
                )
                for name in ADDRESS if name not in self.silent
            },
            silent={name: Unreachable("no SSH connection", host=name) for name in self.silent},
            members={
                f"id-{name}": Member(
                    f"host-{name}", "down" if name in self.silent else "ready", "active",
                    name in self.labels,
                )
                for name in ADDRESS
            },
            replicas=self.replicas,
            nexus=NexusStatus(self.waited, "writable" if self.waited else "starting")
            if there else None,
        )  # fmt: skip

    def carry_out(self, action):
        if isinstance(action, AwaitStart):
            self.containers |= {"two"}
            self.mounts |= {"two"}
            self.holders |= {ADDRESS["two"]}
            self.waited = True
            return
        summary = action.script.summary
        if summary.startswith("stop "):
            self.replicas = 0
            stopped = self.containers - set(self.silent)
            self.containers -= stopped
            self.holders -= {ADDRESS[name] for name in stopped}
        elif summary.startswith("prove that registry_nexus is stopped"):
            self.containers.discard(action.host)
            self.mounts.discard(action.host)
        elif summary.startswith("let nobody in"):
            self.file, self.clients = CLOSED, set()
            self.holders -= set(action.script.variables["names"])
            assert not self.holders, "the script would have failed"
        elif summary.startswith("label id-"):
            _, node, on = summary.split()
            name = node.removeprefix("id-")
            (self.labels.add if on == "True" else self.labels.discard)(name)
        elif summary == "let in":
            assert not self.holders
            self.file, self.clients = OPEN, {ADDRESS["two"]}
        elif summary == "prove":
            assert ADDRESS["two"] in self.clients
        elif summary.startswith("start "):
            assert self.labels == {"two"}
            self.replicas = 1
        else:
            raise AssertionError(summary)
        self.check()

    def check(self):
        """Whoever holds the data is the only one, and nobody who may write is another."""
        assert len(self.holders) <= 1
        assert len(self.clients) <= 1
        if ADDRESS["two"] in self.clients:
            assert not self.holders - {ADDRESS["two"]}


def step(wanted):
    return RelocateStep(None, "boss", "nas", None, wanted)


def moved(world, wanted, most=None):
    """Carry out what is planned, at most so many actions; give how many there were."""
    plan = step(wanted).plan(world.seen())
    actions = [action for change in plan.changes for action in change.actions]
    for action in actions[:most]:
        world.carry_out(action)
    return len(actions)


def finished(world):
    return (world.file, world.clients, world.labels, world.containers, world.replicas) == (
        OPEN, {ADDRESS["two"]}, {"two"}, world.containers & {"two", *world.silent}, 1,
    )  # fmt: skip
