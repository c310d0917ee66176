"""Which hosts a run locks before it changes a site."""

from __future__ import annotations

from collections.abc import Sequence

from moorage.change import Outcome
from moorage.choice import awaited, on_each_node
from moorage.config.schema.site import Site
from moorage.lock import Lock
from moorage.transport.fleet import Fleet


def where(host: str, site: Site, manager: str) -> str:
    """The host whose lock and journal stand for a change's host.

    Nexus' API, and this machine, are guarded by the manager's.
    """
    return host if host in site.named_hosts() else manager


def lock_of(outcomes: Sequence[Outcome], site: Site, fleet: Fleet, home: str, manager: str) -> Lock:
    """The locks for some plans: of the hosts that they change, in the order that all runs take.

    Whoever works through another manager changes the same Swarm: all of them are locked, those
    that are only locked where they answer.

    Args:
        home: folder of lock and journal.
        manager: inventory name of the one worked through.
    """
    touched = {manager} if awaited(outcomes) else set()
    swarm = bool(touched)
    for outcome in outcomes:
        here: set[str] = set()
        for change in outcome.plan.changes if outcome.plan else ():
            here.add(where(change.host, site, manager))
            here |= {where(host, site, manager) for action in change.actions
                     if (host := getattr(action, "host", None))}  # fmt: skip
        swarm = swarm or (manager in here and not on_each_node([outcome.step]))
        touched |= here
    others = set(site.hosts.managers) - {manager} if swarm else set()
    hosts = [name for name in site.named_hosts() if name in touched | others]
    return Lock(
        fleet, home, hosts, _doing(outcomes), manager=manager if swarm else "",
        others=frozenset(others), besides=frozenset(others - touched),
    )  # fmt: skip


def _doing(outcomes: Sequence[Outcome]) -> str:
    """What a run is to do, for others to read in its lock."""
    names = [outcome.step for outcome in outcomes if outcome.changes or outcome.unknown]
    return f"step{'s' if len(names) > 1 else ''} {', '.join(names)}"
