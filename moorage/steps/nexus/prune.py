"""What is on the server and not in the inventory: told, and with ``--prune`` removed.

Only kinds of things that the inventory has at all are looked at, and nothing that Nexus came with
is removed. A repository of another format goes only when it is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from moorage.change import Change, Difference
from moorage.steps.nexus.api import REST, Body, Holding, NexusObserved, Request
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.people import roles
from moorage.steps.nexus.tasks import TYPES
from moorage.steps.nexus.versions import cleanup_path

_OWN_USERS = {"admin", "anonymous"}
_OWN_ROLES = {"nx-admin", "nx-anonymous"}
_OWN_STORE = "default"
_REMOVABLE_STORES = {"File", "S3"}


@dataclass(frozen=True)
class Kind:
    """One kind of thing, such as users.

    Args:
        words: singular and plural.
        unmanaged: names of what is there and not asked for.
        path: of one of them, by its name.
        label: what one is called, where that is not its name in paths.
    """

    words: tuple[str, str]
    unmanaged: tuple[str, ...]
    path: Callable[[str], str]
    label: Callable[[str], str] = str


def changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Removals, in the reverse order of what things are made of."""
    if not wanted.prune:
        return
    tasks, users, roles_, repositories, policies, stores = _kinds(wanted, seen)
    for kind in (tasks, users, roles_):
        yield from (_removal(kind, name) for name in kind.unmanaged)
    going = removable(seen.repositories, repositories.unmanaged, seen.holdings)
    for name in going:
        yield _removal(repositories, name, told(seen.repositories[name], seen.holdings[name]))
    yield from (_removal(policies, name) for name in policies.unmanaged)
    used = {(settings.get("storage") or {}).get("blobStoreName")
            for name, settings in seen.repositories.items() if name not in going}  # fmt: skip
    used |= {repository.blob_store for repository in wanted.repositories.values()}
    yield from (_removal(stores, name) for name in stores.unmanaged if name not in used)


def notes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[str]:
    """What is left alone, and with ``--prune`` why."""
    kinds = _kinds(wanted, seen)
    if not wanted.prune:
        for kind in kinds:
            if kind.unmanaged:
                names = ", ".join(map(kind.label, kind.unmanaged))
                yield f"not managed, left alone: {kind.words[1]} {names}"
        return
    repositories, stores = kinds[3], kinds[5]
    going = removable(seen.repositories, repositories.unmanaged, seen.holdings)
    for name in sorted(set(repositories.unmanaged) - set(going)):
        settings = seen.repositories[name]
        yield (
            f"repository {name} ({settings['format']} {settings['type']}) "
            f"{told(settings, seen.holdings[name])}: left alone, remove it by hand"
        )
    gone = {change.subject for change in changes(wanted, seen)}
    for name in stores.unmanaged:
        if f"blob store {name}" not in gone:
            yield f"blob store {name} is in use: left alone"


def removable(
    there: Mapping[str, Body], unmanaged: Iterable[str], holdings: Mapping[str, Holding]
) -> list[str]:
    """Names of repositories that may go, groups before their members.

    A Docker repository always; of another format an empty one, and a group whose members all go.
    """
    names = set(unmanaged)
    leaves = {
        name
        for name in names
        if there[name]["format"] == "docker"
        or (there[name]["type"] != "group" and holdings[name].empty)
    }
    groups = {name for name in names if there[name]["type"] == "group"}
    going = leaves
    while more := {name for name in groups - going if set(_members(there[name])) <= going}:
        going |= more
    members = TopologicalSorter({
        name: [member for member in _members(there[name]) if member in going]
        for name in sorted(going)
    })  # fmt: skip
    return list(members.static_order())[::-1]


def told(settings: Body, holding: Holding) -> str:
    """What a repository holds, in words."""
    if settings["type"] == "group":
        return f"is a group of {', '.join(_members(settings)) or 'nothing'}"
    if holding.empty:
        return "is empty"
    if not holding.components:
        return "holds files, or does not tell"
    more = "more than " if holding.more else ""
    word = "component" if holding.components == 1 else "components"
    return f"holds {more}{holding.components} {word}"


def _members(settings: Body) -> list[str]:
    return list((settings.get("group") or {}).get("memberNames") or ())


def _removal(kind: Kind, name: str, holds: str = "") -> Change:
    subject = f"{kind.words[0]} {kind.label(name)}"
    request = Request(f"remove {subject}", "DELETE", kind.path(name))
    difference = Difference("in Nexus", holds or "yes", None)
    return Change("remove", subject, "nexus", (difference,), (request,))


def _kinds(wanted: NexusDesired, seen: NexusObserved) -> tuple[Kind, ...]:
    """Tasks, users, roles, repositories, cleanup policies, blob stores."""
    policies = {name: item for name, item in (seen.cleanup_policies or {}).items()
                if item["format"] == "docker"}  # fmt: skip
    stores = {name for name, item in seen.blob_stores.items()
              if item["type"] in _REMOVABLE_STORES}  # fmt: skip
    local = {name for name, item in (seen.roles or {}).items() if not item.get("readOnly")}
    ids = {task["id"]: task for task in seen.tasks or () if task["type"] in TYPES.values()}
    other_tasks = [ident for ident, task in ids.items() if task["name"] not in wanted.tasks]
    cleanup = cleanup_path(seen.version, seen.edition)
    return (
        Kind(("task", "tasks"), tuple(other_tasks if wanted.tasks else ()),
             lambda ident: f"{REST}/tasks/{ident}", lambda ident: str(ids[ident]["name"])),
        Kind(("user", "users"),
             _others(wanted.users, set(seen.users or ()) - _OWN_USERS, wanted.users),
             lambda name: f"{REST}/security/users/{name}"),
        Kind(("role", "roles"), _others(wanted.roles, local - _OWN_ROLES, roles(wanted)),
             lambda name: f"{REST}/security/roles/{name}"),
        Kind(("repository", "repositories"),
             _others({"": 1}, set(seen.repositories), wanted.repositories),
             lambda name: f"{REST}/repositories/{name}"),
        Kind(("cleanup policy", "cleanup policies"),
             _others(wanted.cleanup_policies, set(policies), wanted.cleanup_policies),
             lambda name: f"{cleanup}/{name}"),
        Kind(("blob store", "blob stores"),
             _others(wanted.blob_stores, stores - {_OWN_STORE}, wanted.blob_stores),
             lambda name: f"{REST}/blobstores/{name}"),
    )  # fmt: skip


def _others(
    declared: Mapping[str, object], there: set[str], managed: Mapping[str, object]
) -> tuple[str, ...]:
    return tuple(sorted(there - set(managed))) if declared else ()
