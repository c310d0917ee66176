"""A pure model of a Nexus: takes requests as the real one does, gives what its GETs would give.

It refuses what the real one refuses (what is not there, what is there already), replaces the whole
on a PUT, keeps secrets to itself, and gives null or a default for what was never set. Source: the
OpenAPI documents; nexus-public 3.77.1, SimpleApiRepositoryAdapter and
S3BlobStoreConfigurationMapper.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from typing import Any

from nexus_shapes import ports, shown_repository, shown_store, shown_task, stored

from moorage.steps.nexus.api import Holding, NexusObserved, Request
from moorage.steps.nexus.versions import capabilities_path, cleanup_path
from moorage.values import Secret

_ALL_TASKS = frozenset({"repository.docker.gc", "repository.docker.upload-purge",
                        "blobstore.compact"})  # fmt: skip
_ACTIONS = ("browse", "read", "edit", "add", "delete", "*")


class ModelError(AssertionError):
    """The real server would have refused this."""


def _revealed(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda secret: secret.reveal()))


class NexusModel:
    """One server; a :class:`moorage.steps.nexus.api.NexusApi` in memory."""

    def __init__(self, version=(3, 94, 0), edition="PRO"):
        self.version, self.edition = version, edition
        self.cleanup = cleanup_path(version, edition)
        self.capabilities_at = capabilities_path(version)
        self.ids = itertools.count(1)
        self.sent: list[Request] = []
        self.repositories: dict[str, Any] = {}
        self.blob_stores: dict[str, Any] = {"default": {"kind": "file", "path": "default"}}
        self.policies: dict[str, Any] = {}
        self.tasks: dict[str, Any] = {}
        self.capabilities: dict[str, Any] = {}
        self.roles: dict[str, Any] = {
            name: {"id": name, "name": name, "description": "", "readOnly": True,
                   "privileges": ["nx-all"], "roles": []}
            for name in ("nx-admin", "nx-anonymous")
        }  # fmt: skip
        self.users: dict[str, Any] = {"admin": _user("admin", ["nx-admin"])}
        self.passwords = {"admin": "initial"}
        self.anonymous = {"enabled": False, "userId": "anonymous", "realmName": "x"}
        self.realms = ["NexusAuthenticatingRealm"]
        self.asked = {"ConfigureAnonymousAccess"}
        self.eula = {"accepted": False, "disclaimer": "Use of Nexus…"}
        self.ssrf = {"enabled": True, "allowedIPs": [], "allowedDomains": []}
        self.held: dict[str, Holding] = {}

    def takes(self, user: str, password: Secret) -> bool:
        return self.passwords.get(user) == password.reveal()

    def log_in(self, password: Secret) -> None:
        assert self.takes("admin", password)

    def change_password(self, user: str, password: Secret) -> None:
        assert user in self.users
        self.passwords[user] = password.reveal()

    def read(self, scope, login) -> NexusObserved:
        found: dict[str, Any] = {
            "repositories": {name: shown_repository(item, self.version)
                             for name, item in self.repositories.items()},
            "blob_stores": {name: shown_store(name, store, detailed=name in scope.blob_stores)
                            for name, store in self.blob_stores.items()},
            "anonymous": self.anonymous,
            "realms": tuple(self.realms),
            "onboarding": frozenset(self.asked),
            "eula": self.eula,
            "ssrf_protection": self.ssrf if scope.allowed_remotes else None,
            "capabilities": tuple(self.capabilities.values())
            if scope.base_url and self.capabilities_at else None,
            "cleanup_policies": self.policies if scope.cleanup_policies and self.cleanup else None,
            "roles": {name: {"source": "default", **role} for name, role in self.roles.items()}
            if scope.roles else None,
        }  # fmt: skip
        if scope.tasks:
            known = self.tasks.values()
            found["tasks"] = tuple(shown_task(task, self.version) for task in known)
            if scope.tasks - {task["name"] for task in known}:
                found["task_types"] = _ALL_TASKS
        if scope.users is not None:
            found["users"] = self.users
            found["right_passwords"] = frozenset(
                name for name, secret in scope.users.items()
                if name in self.users and self.takes(name, secret)
                and self.users[name]["status"] == "active"
            )  # fmt: skip
        if scope.held is not None:
            others = set(self.repositories) - scope.held
            found["holdings"] = {name: self.held.get(name, Holding()) for name in others}
        return copy.deepcopy(NexusObserved(version=self.version, edition=self.edition,
                                           login=login, **found))  # fmt: skip

    def send(self, request: Request) -> None:
        """Carry out a request.

        Raises:
            ModelError: the real server would refuse.
        """
        self.sent.append(request)
        body = _revealed(request.body)
        path = request.path.removeprefix("/service/rest")
        for pattern, method, work in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                work(*found.groups(), *(() if request.method == "DELETE" else (body,)))
                return
        raise ModelError(f"{request.method} {request.path} is not known")

    def _routes(self):
        cleanup = (self.cleanup or "-").removeprefix("/service/rest")
        capabilities = (self.capabilities_at or "-").removeprefix("/service/rest")
        one = r"/([^/]+)"
        return [
            (r"/v1/system/eula", "POST", self.eula.update),
            (r"/v1/security/anonymous", "PUT", self._anonymous),
            (r"/v1/security/realms/active", "PUT", self._realms),
            (r"/v1/security/ssrf-protection", "PUT", self.ssrf.update),
            (capabilities, "POST", self._capability),
            (capabilities + one, "PUT",
             self.capabilities.__setitem__),
            (r"/v1/repositories/docker/(hosted|proxy|group)", "POST", self._new_repository),
            (r"/v1/repositories/docker/(hosted|proxy|group)" + one, "PUT", self._repository),
            (r"/v1/repositories" + one, "DELETE", self._no_repository),
            (r"/v1/blobstores/(file|s3)", "POST", self._new_store),
            (r"/v1/blobstores/(file|s3)" + one, "PUT", self._store),
            (r"/v1/blobstores" + one, "DELETE", self._no_store),
            (cleanup, "POST", lambda body: self._new(self.policies, body["name"], body)),
            (cleanup + one, "PUT", lambda name, body: self._old(self.policies, name, body)),
            (cleanup + one, "DELETE", self.policies.pop),
            (r"/v1/tasks", "POST", self._new_task),
            (r"/v1/tasks" + one, "PUT", lambda ident, body: self._old(
                self.tasks, ident, {"id": ident, **body})),
            (r"/v1/tasks" + one, "DELETE", self.tasks.pop),
            (r"/v1/security/roles", "POST", self._new_role),
            (r"/v1/security/roles" + one, "PUT", self._role),
            (r"/v1/security/roles" + one, "DELETE", self.roles.pop),
            (r"/v1/security/users", "POST", self._new_user),
            (r"/v1/security/users" + one, "PUT", self._user),
            (r"/v1/security/users" + one, "DELETE", self.users.pop),
        ]  # fmt: skip

    def _new(self, things, name, body):
        if name in things:
            raise ModelError(f"{name} is there already")
        things[name] = body

    def _old(self, things, name, body):
        if name not in things:
            raise ModelError(f"{name} is not there")
        things[name] = body

    def _anonymous(self, body):
        self.anonymous = body
        self.asked.discard("ConfigureAnonymousAccess")

    def _realms(self, body):
        self.realms = body

    def _capability(self, body):
        ident = f"c{next(self.ids)}"
        self.capabilities[ident] = {**body, "id": ident}

    def _new_repository(self, kind, body):
        self._check_repository(kind, body)
        self._new(self.repositories, body["name"], {**body, "format": "docker", "type": kind})

    def _repository(self, kind, name, body):
        before = self.repositories.get(name)
        if before is None or before["type"] != kind or body["name"] != name:
            raise ModelError(f"there is no {kind} {name}")
        if before["storage"]["blobStoreName"] != body["storage"]["blobStoreName"]:
            raise ModelError("blobs do not move")
        self._check_repository(kind, body)
        self.repositories[name] = {**body, "format": "docker", "type": kind}

    def _check_repository(self, kind, body):
        if body["storage"]["blobStoreName"] not in self.blob_stores:
            raise ModelError("no such blob store")
        for policy in (body.get("cleanup") or {}).get("policyNames") or ():
            if policy not in self.policies:
                raise ModelError(f"no such cleanup policy {policy}")
        if kind == "group":
            for member in body["group"]["memberNames"]:
                if member not in self.repositories or member == body["name"]:
                    raise ModelError(f"no such member {member}")
        mine = ports(body)
        for other, item in self.repositories.items():
            if other != body["name"] and set(ports(item)) & set(mine):
                raise ModelError(f"{other} has that port")

    def _no_repository(self, name):
        del self.repositories[name]
        for item in self.repositories.values():
            members = item.get("group", {}).get("memberNames", [])
            if name in members:
                members.remove(name)

    def _new_store(self, kind, body):
        self._new(self.blob_stores, body["name"], {"kind": kind, **stored(kind, body)})

    def _store(self, kind, name, body):
        if self.blob_stores[name]["kind"] != kind:
            raise ModelError("another type")
        self.blob_stores[name] = {"kind": kind, **stored(kind, body)}

    def _no_store(self, name):
        if any(item["storage"]["blobStoreName"] == name for item in self.repositories.values()):
            raise ModelError("in use")
        del self.blob_stores[name]

    def _new_task(self, body):
        ident = f"t{next(self.ids)}"
        self.tasks[ident] = {**body, "id": ident}

    def _new_role(self, body):
        self._check_role(body)
        self._new(self.roles, body["id"], {**body, "readOnly": False})

    def _role(self, name, body):
        if self.roles[name]["readOnly"] or body["id"] != name:
            raise ModelError("this role cannot be changed")
        self._check_role(body)
        self.roles[name] = {**body, "readOnly": False}

    def _check_role(self, body):
        known = {f"nx-repository-view-docker-{name}-{action}"
                 for name in self.repositories for action in _ACTIONS} | {"nx-all"}  # fmt: skip
        if missing := set(body["privileges"]) - known:
            raise ModelError(f"no such privileges {missing}")
        if missing := set(body["roles"]) - set(self.roles):
            raise ModelError(f"no such roles {missing}")

    def _new_user(self, body):
        self._check_user(body)
        self.passwords[body["userId"]] = body.pop("password")
        shown = {**body, "source": "default", "readOnly": False, "externalRoles": []}
        self._new(self.users, body["userId"], shown)

    def _user(self, name, body):
        self._check_user(body)
        if body["source"] != "default" or body["userId"] != name:
            raise ModelError("another user")
        self._old(self.users, name, body)

    def _check_user(self, body):
        if missing := set(body["roles"]) - set(self.roles):
            raise ModelError(f"no such roles {missing}")


def _user(name, roles):
    return {"userId": name, "firstName": name, "lastName": name, "emailAddress": f"{name}@x",
            "status": "active", "roles": roles, "source": "default", "readOnly": False,
            "externalRoles": []}  # fmt: skip
