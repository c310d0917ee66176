"""Roles with the rights that are needed and no more, and the users that have them.

Source: the OpenAPI documents, ``/v1/security/{roles,users}``; nexus-public 3.77.1,
SecurityFacetSupport and SecurityHandler: a request is checked against the repository that it was
sent to, so to pull from a group takes no right on its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from moorage.change import Change, Difference
from moorage.config.schema.people import READY_MADE_ROLES, Role, User
from moorage.config.schema.suggest import suggestion
from moorage.errors import Refused
from moorage.steps.nexus.api import REST, Body, ChangePassword, NexusObserved, Request
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.fields import compared, given, merged, present

_ROLES, _USERS = f"{REST}/security/roles", f"{REST}/security/users"
_SETS = ("privileges", "roles")
PULL = ("browse", "read")
PUSH = ("browse", "read", "add", "edit")
DELETE = ("browse", "read", "delete")


def roles(wanted: NexusDesired) -> dict[str, Role]:
    """The inventory's, and those ready-made ones that it uses, each after the roles in it."""
    ready = {
        "docker-pull": Role(description="pull images", pull=[wanted.pull_from]),
        "docker-push": Role(description="push and pull images", pull=[wanted.pull_from],
                            push=[wanted.push_to]),
    }  # fmt: skip
    used = {name for user in wanted.users.values() for name in user.roles}
    used |= {name for role in wanted.roles.values() for name in role.roles}
    found = {**{name: ready[name] for name in READY_MADE_ROLES if name in used}, **wanted.roles}
    order = TopologicalSorter({
        name: [part for part in role.roles if part in found] for name, role in found.items()
    })  # fmt: skip
    return {name: found[name] for name in order.static_order()}


def role_body(name: str, role: Role) -> Body:
    """A role; privileges are Nexus' own, which come with each repository."""
    privileges = {
        *role.privileges,
        *_privileges(role.pull, PULL),
        *_privileges(role.push, PUSH),
        *_privileges(role.delete, DELETE),
    }
    return {
        "id": name,
        **given(description=role.description),
        "privileges": sorted(privileges),
        "roles": sorted(set(role.roles)),
    }


def _privileges(repositories: Iterable[str], actions: Iterable[str]) -> Iterator[str]:
    return (f"nx-repository-view-docker-{repository}-{action}"
            for repository in repositories for action in actions)  # fmt: skip


def role_changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Roles of the inventory.

    Raises:
        Refused: one is Nexus' own, or has a role in it that is not there.
    """
    declared, there_are = roles(wanted), seen.roles or {}
    for name, role in declared.items():
        field = f"nexus.roles.{name}"
        _refuse_unknown_roles(field, role.roles, declared, there_are)
        body = role_body(name, role)
        there = there_are.get(name)
        if there is None:
            request = Request(f"create role {name}", "POST", _ROLES, {"name": name, **body}, field,
                              (_ROLES, "id", name))  # fmt: skip
            shown = tuple(Difference(key, None, body[key]) for key in _SETS if body[key])
            yield Change("create", f"role {name}", "nexus", shown, (request,))
            continue
        found = compared(body, there, sets=_SETS)
        if found and there.get("readOnly"):
            raise Refused(f"{field}: this role is Nexus' own and cannot be changed",
                          hint="give yours another name")  # fmt: skip
        if found:
            whole = merged(body, there, answers=("source", "readOnly"))
            request = Request(f"update role {name}", "PUT", f"{_ROLES}/{name}", whole,
                              field)  # fmt: skip
            yield Change("update", f"role {name}", "nexus", found, (request,))


def user_changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Users of the inventory.

    Raises:
        Refused: one would have a role that is not there.
    """
    declared, there_are = roles(wanted), seen.roles or {}
    for name, user in wanted.users.items():
        field = f"nexus.users.{name}"
        _refuse_unknown_roles(field, user.roles, declared, there_are)
        there = (seen.users or {}).get(name)
        if there is None:
            yield _new_user(name, user, wanted)
            continue
        found = compared(user_body(name, user), there, sets=_SETS)
        actions: list[Request | ChangePassword] = []
        if found:
            whole = merged(user_body(name, user), there) | {"source": "default"}
            actions.append(Request(f"update user {name}", "PUT", f"{_USERS}/{name}", whole, field))
        if user.status == "active" and name not in seen.right_passwords:
            found += (Difference("password", "another", f"that of {field}.password"),)
            actions.append(ChangePassword(name, f"set the password of {name}",
                                          wanted.secret(user.password)))  # fmt: skip
        if found:
            yield Change("update", f"user {name}", "nexus", found, tuple(actions))


def user_body(name: str, user: User) -> Body:
    """What Moorage manages of a user who is there, but for the password."""
    return {
        "userId": name,
        **given(firstName=user.first_name, lastName=user.last_name, emailAddress=user.email),
        "status": user.status,
        "roles": sorted(set(user.roles)),
    }


def _new_user(name: str, user: User, wanted: NexusDesired) -> Change:
    body = {
        "firstName": name,
        "lastName": name,
        "emailAddress": f"{name}@{wanted.mail_domain}",
        **user_body(name, user),
        "password": wanted.secret(user.password),
    }
    request = Request(f"create user {name}", "POST", _USERS, present(body), f"nexus.users.{name}",
                      (f"{_USERS}?source=default", "userId", name))  # fmt: skip
    shown = tuple(Difference(key, None, body[key]) for key in ("roles", "status"))
    return Change("create", f"user {name}", "nexus", shown, (request,))


def _refuse_unknown_roles(
    field: str, names: Iterable[str], declared: Mapping[str, Role], seen: Mapping[str, Body]
) -> None:
    known = {**dict.fromkeys(READY_MADE_ROLES), **declared, **seen}
    for name in names:
        if name not in known:
            raise Refused(
                f"{field}.roles: there is no role {name} in Nexus, nor in nexus.roles"
                f"{suggestion(name, known)}", hint="declare it, or name one that is there",
            )  # fmt: skip
