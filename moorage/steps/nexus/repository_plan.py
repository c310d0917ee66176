"""What is to be done about repositories: made, changed where they differ, in waves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from moorage.change import Change, Difference
from moorage.config.schema.registry import Group, Repository
from moorage.errors import Refused
from moorage.steps.nexus.api import REST, Body, NexusObserved, Request
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.fields import at, compared, merged, present, secrets_in
from moorage.steps.nexus.preflight import ports_of
from moorage.steps.nexus.repositories import ANSWERS, SETS, kept_logins, spelt, wanted_body

_LIST = f"{REST}/repositories"
_SHOWN = (
    "docker.httpPort", "docker.httpsPort", "proxy.remoteUrl", "httpClient.authentication.username",
    "group.memberNames", "cleanup.policyNames",
)  # fmt: skip


def changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """All of them; those of one wave do not depend on each other.

    Raises:
        Refused: two exchange their ports, or a change would erase a login that the inventory does
            not have.
    """
    for number, names in enumerate(in_waves(wanted.repositories, seen.repositories)):
        for name in names:
            change = _one(name, wanted, seen)
            if change is not None:
                yield dataclasses.replace(change, together=f"repositories {number}")


def in_waves(wanted: Mapping[str, Repository], seen: Mapping[str, Body]) -> Iterator[list[str]]:
    """Names so that a group comes after the members that are still to be made, and who takes a
    port after who gives it up.
    """
    holder = {port: name for name, settings in seen.items() for port in ports_of(settings)}
    after = {}
    for name, repository in wanted.items():
        members = repository.members if isinstance(repository, Group) else ()
        ports = (repository.port, repository.https_port)
        givers = {holder[port] for port in ports if port in holder} & set(wanted) - {name}
        after[name] = givers | {member for member in members
                                if member in wanted and member not in seen}  # fmt: skip
    sorter = TopologicalSorter(after)
    try:
        sorter.prepare()
    except CycleError as found:
        names = ", ".join(dict.fromkeys(found.args[1]))
        raise Refused(
            f"repositories {names} would exchange ports, which Nexus cannot do at once",
            hint="give one of them a port of its own in a run before",
        ) from None
    order = list(wanted)
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=order.index)
        yield ready
        sorter.done(*ready)


def _one(name: str, wanted: NexusDesired, seen: NexusObserved) -> Change | None:
    repository = wanted.repositories[name]
    path = f"{_LIST}/docker/{repository.type}"
    field = f"registry.repositories.{name}"
    body = wanted_body(name, repository, wanted.secret)
    there = seen.repositories.get(name)
    if there is None:
        request = Request(f"create {repository.type} repository {name}", "POST", path,
                          spelt(present(body), seen.version), field,
                          (_LIST, "name", name))  # fmt: skip
        shown = tuple(Difference(leaf, None, value) for leaf in _SHOWN
                      if (value := at(body, leaf)) is not None)  # fmt: skip
        return Change("create", f"repository {name}", "nexus", shown, (request,))
    found = compared(body, there, sets=SETS)
    if wanted.resend_passwords:
        found += tuple(Difference(leaf, "kept by Nexus", "sent again") for leaf in secrets_in(body))
    if not found:
        return None
    _refuse_to_erase(name, body, there)
    whole = merged(body, _without_other_login(body, there), answers=ANSWERS)
    request = Request(f"update repository {name}", "PUT", f"{path}/{name}",
                      spelt(whole, seen.version), field)  # fmt: skip
    return Change("update", f"repository {name}", "nexus", found, (request,))


def _refuse_to_erase(name: str, body: Body, seen: Body) -> None:
    """Stop where a PUT would lose a secret that only Nexus has.

    Raises:
        Refused: the server keeps a login, and the inventory says nothing of one.
    """
    for path, key in kept_logins(seen):
        above, _, block = path.rpartition(".")
        if block not in (at(body, above) or {}):
            raise Refused(
                f"repository {name} logs in to its remote with a password that Nexus does not "
                "give out: changing it would erase that",
                hint=f"say it in registry.repositories.{name}.{key}, so that it can be sent along, "
                "or make this change in Nexus by hand",
            )


def _without_other_login(body: Body, seen: Body) -> Body:
    """What was seen, without a login of another type: its fields mean nothing to the new one."""
    login = at(body, "httpClient.authentication")
    if not login or at(seen, "httpClient.authentication.type") == login["type"]:
        return seen
    return {**seen, "httpClient": {**(seen.get("httpClient") or {}), "authentication": None}}
