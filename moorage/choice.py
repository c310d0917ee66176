"""What a run works on: the steps and their order, and the hosts that ``-H`` names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage.errors import Refused

if TYPE_CHECKING:
    from moorage.change import Outcome
    from moorage.config.schema.site import Site

ORDER = ("nfs", "nodes", "image", "certificate", "stack", "nexus", "logins")
NEEDS = {
    "stack": ("nfs", "image", "pull", "certificate", "backup", "restore"), "nexus": ("stack",),
    "logins": ("nexus",), "rehearsal": ("backup",), "relocate": ("image", "pull"),
    "image": ("upgrade",), "pull": ("image",), "backup": ("upgrade", "image", "pull"),
    "gate": ("stack",), "restore": ("stop", "image", "pull"),
}  # fmt: skip
KNOWN_AFTER = {"nexus": ("stack",), "rehearsal": ("backup",), "gate": ("upgrade", "restore")}
"""Nexus is looked at through the stack's service, and a backup is proven once it is made."""

_BY_ITSELF = {"nodes", "logins"}
"""Steps that look at each machine with Docker by itself."""


def chosen(step: str | None) -> list[str]:
    """The steps that ``--step`` names, in their own order; all without it.

    Raises:
        Refused: one of them is no step.
    """
    if step is None:
        return list(ORDER)
    names = [name.strip() for name in step.split(",")]
    wrong = [name for name in names if name not in ORDER]
    if wrong:
        raise Refused(f"there is no step {wrong[0] or 'without a name'}",
                      hint=f"--step takes {', '.join(ORDER)}, with commas")  # fmt: skip
    return [name for name in ORDER if name in names]


def awaited(outcomes: Sequence[Outcome]) -> bool:
    """Whether a plan is still to come, that of a step which is known only after another.

    Where that one has failed none does, as long as it fails.
    """
    failed = {outcome.step for outcome in outcomes if outcome.failure}
    return any(outcome.unknown and failed.isdisjoint(KNOWN_AFTER.get(outcome.step, ()))
               for outcome in outcomes)  # fmt: skip


def on_each_node(steps: Sequence[str]) -> bool:
    """Whether these steps look at each machine with Docker by itself, so that -H takes any."""
    return bool(steps) and _BY_ITSELF.issuperset(steps)


def applicable(site: Site, names: Sequence[str]) -> list[str]:
    """Those of the steps that the inventory has something to say to.

    Raises:
        Refused: it has not for the only one.
    """
    tls = site.ingress.tls
    idle = {}
    if not (tls and tls.certificate):
        idle["certificate"] = ("there is no certificate to hand to Traefik",
                               "set ingress.tls.certificate, key and service")  # fmt: skip
    if site.nexus.image.distribution == "given":
        idle["image"] = ("the image is given: it is not built here",
                         "set nexus.image.distribution: load, or registry")  # fmt: skip
    if len(names) == 1 and names[0] in idle:
        message, hint = idle[names[0]]
        raise Refused(message, step=names[0], hint=hint)
    return [name for name in names if name not in idle]


def choose_manager(site: Site, selected: list[str]) -> str:
    """The manager to work through: the one named by ``-H``, or the first of the inventory.

    Raises:
        Refused: ``-H`` names something else, or several.
    """
    managers = list(site.hosts.managers)
    if not selected:
        return managers[0]
    wrong = [name for name in selected if name not in managers]
    if wrong:
        role = site.named_hosts()[wrong[0]][0]
        raise Refused(
            f"{wrong[0]} is a {role} in this inventory; this step works through a manager",
            hint=f"use -H {managers[0]}, or leave -H out",
        )
    if len(selected) > 1:
        raise Refused(f"one manager is enough: {', '.join(selected)} were named",
                      hint=f"use -H {selected[0]}")  # fmt: skip
    return selected[0]


def asked_hosts(
    site: Site, steps: Sequence[str], manager: str, only: Sequence[str] = ()
) -> list[str]:
    """Names of the hosts that are read whatever these steps find, without this machine.

    Args:
        only: the machines with Docker that are looked at by themselves; empty for all.
    """
    names = [site.nfs_name] if "nfs" in steps else []
    if not _BY_ITSELF.isdisjoint(steps):
        names += only or site.docker_hosts()
    if "image" in steps and site.nexus.image.distribution == "load":
        names += site.swarm_hosts()
    if "stack" in steps:
        names += [manager, *site.eligible_nodes()]
    return list(dict.fromkeys(names))


def refuse_foreign_hosts(site: Site, steps: Sequence[str], hosts: Sequence[str]) -> None:
    """Make sure that ``-H`` names a host that these steps work through.

    Raises:
        Refused: it does not; nothing was contacted.
    """
    nfs = site.nfs_name
    foreign = [name for name in hosts if name != nfs]
    if foreign and list(steps) == ["nfs"]:
        raise Refused(f"{foreign[0]} is not the NFS host of this inventory", step="nfs",
                      hint=f"use -H {nfs}, or leave -H out")  # fmt: skip
    if on_each_node(steps):
        wrong = [name for name in hosts if name not in site.docker_hosts()]
        if wrong:
            raise Refused(
                f"{wrong[0]} is no machine with Docker in this inventory",
                step=steps[0],
                hint=f"-H takes {', '.join(site.docker_hosts())}",
            )
        return
    if nfs in hosts and "nfs" not in steps:
        raise Refused(f"{nfs} is the NFS host; this step works through a manager",
                      step=steps[0], hint="leave -H out, or name a manager")  # fmt: skip
