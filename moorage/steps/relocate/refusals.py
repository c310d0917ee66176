"""What stops a move before anything is changed. Pure."""

from __future__ import annotations

from moorage.errors import MoorageError, Refused
from moorage.steps.holders import is_one, lets_in
from moorage.steps.relocate.desired import RelocateDesired
from moorage.steps.relocate.observe import RelocateObserved


def refuse(wanted: RelocateDesired, seen: RelocateObserved, manager: str, server: str) -> None:
    """Make sure that Nexus can be moved, and that nobody else keeps its data.

    Raises:
        Refused: it is not deployed, or stopped by another run, the new node cannot take it, another
            may be at work on the data, or cannot be kept from them.
        Unreachable: the new node does not answer.
    """
    if seen.replicas is None:
        raise Refused(f"the service {wanted.service} is not deployed: there is nothing to move",
                      host=manager, hint=f"put {wanted.to} first in stack.placement.nodes, and "
                      "run fab up")  # fmt: skip
    _refuse_target(wanted, seen, manager)
    _refuse_fenced(wanted, seen)
    _refuse_silent(wanted, seen)
    _refuse_export(wanted, seen, server)


def refuse_stopped(wanted: RelocateDesired, seen: RelocateObserved, manager: str) -> None:
    """Make sure that no other run has stopped it: its guard may start it at any moment.

    Raises:
        Refused: one has, or its data are half moved.
    """
    seen.pending.refuse_start(manager)
    if seen.pending.why:
        raise Refused(
            f"{wanted.service} is stopped for a while: {seen.pending.why}", host=manager,
            hint="where that run has died it is started within two minutes: run the same again "
            "then; where it is not, fab deploy starts it",
        )  # fmt: skip


def _refuse_target(wanted: RelocateDesired, seen: RelocateObserved, manager: str) -> None:
    to = wanted.to
    if to in seen.silent:
        failure: MoorageError = seen.silent[to]
        failure.hint = f"Nexus can be moved to {to} once it answers"
        raise failure
    member = seen.members.get(seen.nodes[to].id)
    if member is None:
        raise Refused(f"{to} is no node of the Swarm that {manager} manages", host=to,
                      hint="make it one: docker swarm join")  # fmt: skip
    if (member.state, member.availability) != ("ready", "active"):
        raise Refused(f"Swarm has {member.hostname} as {member.state} and {member.availability}",
                      host=to, hint="Nexus cannot run there: docker node update --availability "
                      f"active {member.hostname}")  # fmt: skip
    volume = seen.nodes[to].volume
    if volume is not None and dict(volume) != dict(wanted.options):
        raise Refused(
            f"the volume {wanted.volume} exists with other options", host=to,
            hint=f"nothing uses it there; take the definition away: docker volume rm "
            f"{wanted.volume}",
        )  # fmt: skip


def _refuse_fenced(wanted: RelocateDesired, seen: RelocateObserved) -> None:
    """A machine that is off does not answer, and Swarm has seen it go."""
    for name in wanted.fenced:
        if name in seen.nodes:
            raise Refused(
                f"{name} answers, so it is not switched off",
                host=name,
                hint=f"leave --fenced {name} out: Nexus is stopped there in order",
            )
        hostname = wanted.swarm[name].hostname
        up = [one for one in seen.members.values()
              if one.hostname == hostname and one.state == "ready"]  # fmt: skip
        if up:
            raise Refused(
                f"Swarm has {hostname} as ready, so it is not switched off, or only just",
                host=name, hint="wait half a minute where it is off; else bring SSH back there",
            )  # fmt: skip


def _refuse_silent(wanted: RelocateDesired, seen: RelocateObserved) -> None:
    for name, failure in seen.silent.items():
        if name in wanted.fenced or not _involved(wanted, seen, name):
            continue
        raise Refused(
            f"{name} does not answer ({failure.message}), and Nexus may be running there",
            host=name,
            hint=f"bring {name} back; or switch the machine off, see that it is off, and say so: "
            f"fab relocate --to {wanted.to} --fenced {name}",
        )


def _involved(wanted: RelocateDesired, seen: RelocateObserved, name: str) -> bool:
    """Whether a host may be at work on the data, or Swarm would have it so."""
    machine, known = wanted.swarm[name], seen.server.addresses
    addresses = {machine.address, *known.get(machine.address, ())}
    return (
        any(lets_in(client, addresses) for client in seen.server.clients)
        or bool(addresses & seen.server.holders)
        or any(one.labelled and one.hostname == machine.hostname for one in seen.members.values())
    )


def _refuse_export(wanted: RelocateDesired, seen: RelocateObserved, server: str) -> None:
    """Somebody else whom the export lets in cannot be kept from the data."""
    known = seen.server.addresses

    def of(name: str) -> set[str]:
        address = wanted.swarm[name].address
        return {address, *known.get(address, ())}

    if not any(lets_in(client, of(wanted.to)) for client in wanted.clients):
        raise Refused(
            f"storage.clients does not let {wanted.to} in",
            host=server,
            hint="leave storage.clients out: then the node that Nexus is on is let in",
        )
    for name in wanted.others:
        wide = [client for client in wanted.clients
                if not is_one(client) or lets_in(client, of(name))]  # fmt: skip
        if wide and wanted.listed:
            raise Refused(
                f"storage.clients lets in {wide[0]}, so {name} cannot be kept from the data",
                host=server,
                hint="leave storage.clients out: then the node that Nexus is on is let in alone",
            )
        for path, clients in seen.server.above.items():
            if any(lets_in(client, of(name)) or not is_one(client) for client in clients):
                raise Refused(
                    f"the export {path} lets {name} write below {wanted.path} too", host=server,
                    hint="take rw off it, or give Nexus a directory that is not below it",
                )  # fmt: skip
