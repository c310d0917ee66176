"""What a running script does to Nexus, carried out by the handlers of the REST API.

A script may do everything, whoever runs it. Its calls pass the same checks as a body that is sent:
what a version's REST API would refuse, its script API refuses here, in the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..auth import Caller
from ..boot import password_file
from ..log import log
from ..privileges import all_privileges
from ..rest.call import Call, RefusalError, Route
from ..rest.passwords import set_password
from ..task_types import TASK_TYPES
from ..validation import faults
from ..web.body import Body as RequestBody
from ..web.message import Request, json_response
from .configuration import to_attributes, to_body
from .faults import INVALID_CREDENTIALS, ScriptFault, from_refusal
from .stores import blob_store_attributes, blob_store_body, policy_body, policy_shown

if TYPE_CHECKING:
    from ..nexus import Nexus

Given = dict[str, Any]
Operation = Callable[[Given], Any]

_GOOD = 300
_POLICIES = "/internal/cleanup-policies"
_CAPABILITIES = "/v1/capabilities"
_USER = "/v1/security/users/{userId}"
_ROLE = "/v1/security/roles/{id}"


class _System(Caller):
    """The caller of everything that a script does."""

    def may(self, wanted: str) -> bool:  # noqa: ARG002 - it may do all
        return True


class Operations:
    """Carries out what scripts ask.

    Args:
        nexus: The running stand-in.
        routes: The handlers.
    """

    def __init__(self, nexus: Nexus, routes: tuple[Route, ...]) -> None:
        self._nexus = nexus
        self._routes = {(route.method, route.template): route for route in routes}
        self._known = {**self._on_repositories(), **self._on_people_and_tasks()}

    def _on_repositories(self) -> dict[str, Operation]:
        """What is done to the server, its repositories, blob stores and cleanup policies."""
        return {
            "log": lambda given: log(f"script: {given['text']}", level=given["level"]),
            "baseUrl.set": self._set_base_url,
            "baseUrl.remove": self._remove_base_url,
            "capability.browse": lambda _: self._rest("GET", _CAPABILITIES),
            "capability.switch": self._switch_capability,
            "passwordFile.exists": lambda _: self._password_file().exists(),
            "passwordFile.remove": lambda _: self._password_file().unlink(missing_ok=True),
            "repository.browse": self._repositories,
            "repository.create": lambda given: self._save_repository("POST", given),
            "repository.update": lambda given: self._save_repository("PUT", given),
            "repository.delete": self._delete_repository,
            "blobstore.browse": self._blob_stores,
            "blobstore.create": lambda given: self._save_blob_store("POST", given),
            "blobstore.update": lambda given: self._save_blob_store("PUT", given),
            "blobstore.delete": lambda given: self._delete("/v1/blobstores/{name}", given),
            "cleanup.browse": lambda _: self._policies(),
            "cleanup.create": lambda given: self._rest("POST", _POLICIES, body=policy_body(given)),
            "cleanup.update": self._update_policy,
            "cleanup.delete": lambda given: self._delete(f"{_POLICIES}/{{name}}", given),
        }

    def _on_people_and_tasks(self) -> dict[str, Operation]:
        """What is done to users, roles, realms and tasks."""
        return {
            "user.browse": lambda _: self._rest("GET", "/v1/security/users"),
            "user.create": lambda given: self._rest("POST", "/v1/security/users", body=given),
            "user.update": self._update_user,
            "user.delete": lambda given: self._delete(_USER, given),
            "user.password": self._change_password,
            "role.browse": lambda _: self._rest("GET", "/v1/security/roles"),
            "role.create": lambda given: self._rest("POST", "/v1/security/roles", body=given),
            "role.update": lambda given: self._rest("PUT", _ROLE, {"id": given["id"]}, given),
            "role.delete": lambda given: self._delete(_ROLE, given),
            "privilege.browse": lambda _: self._privileges(),
            "anonymous.get": lambda _: self._anonymous(),
            "anonymous.set": lambda given: self._rest("PUT", "/v1/security/anonymous", body=given),
            "realm.get": lambda _: self._nexus.store.state["realms"],
            "realm.set": self._set_realms,
            "task.browse": lambda _: list(self._nexus.store.state["tasks"].values()),
            "task.type": self._task_type,
            "task.save": self._save_task,
            "task.delete": lambda given: self._delete("/v1/tasks/{id}", given),
            "task.run": lambda given: self._rest("POST", "/v1/tasks/{id}/run", given),
        }

    def carry_out(self, name: str, given: Given) -> Any:
        """Do one thing and return what it gives.

        Raises:
            ScriptFault: It is refused.
        """
        try:
            return self._known[name](given)
        except RefusalError as refusal:
            raise from_refusal(refusal) from None

    def _rest(
        self, method: str, template: str, arguments: Given | None = None, body: Any = None
    ) -> Any:
        route = self._routes[method, template]
        schema = route.schema
        if schema is None and route.documented and not route.text:
            schema = self._nexus.document.body_schema(method, template)
        if schema is not None and (found := faults(self._nexus.document, schema, body)):
            raise RefusalError(json_response(400, found))
        response = route.answer(self._call(method, template, arguments or {}, body))
        if response.status >= _GOOD:
            raise RefusalError(response)
        content = response.content
        return json.loads(content) if isinstance(content, bytes) and content else None

    def _call(self, method: str, template: str, arguments: Given, body: Any) -> Call:
        request = Request(method, template, Message(), RequestBody(BytesIO(), 0))
        system = _System("admin", anonymous=False, state=self._nexus.store.state)
        return Call(self._nexus, request, system, arguments, body)

    def _delete(self, template: str, given: Given) -> None:
        self._rest("DELETE", template, given)

    def _set_base_url(self, given: Given) -> None:
        body: Given = {"type": "baseurl", "enabled": True, "properties": {"url": given["url"]}}
        found = self._base_url()
        if found:
            body |= {"notes": found["notes"]}
            self._rest("PUT", f"{_CAPABILITIES}/{{id}}", {"id": found["id"]}, body)
        else:
            self._rest("POST", _CAPABILITIES, body=body | {"notes": "configured through api"})

    def _switch_capability(self, given: Given) -> None:
        with self._nexus.store.change() as draft:
            if given["id"] not in draft["capabilities"]:
                raise ScriptFault(f"Capability not found: {given['id']}")
            draft["capabilities"][given["id"]]["enabled"] = given["enabled"]

    def _remove_base_url(self, _given: Given) -> None:
        if found := self._base_url():
            self._delete(f"{_CAPABILITIES}/{{id}}", {"id": found["id"]})

    def _base_url(self) -> Given | None:
        found = self._nexus.store.state["capabilities"].values()
        return next((item for item in found if item["type"] == "baseurl"), None)

    def _repositories(self, _given: Given) -> list[Given]:
        base = (self._base_url() or {"properties": {"url": ""}})["properties"]["url"]
        return [
            {field: record[field] for field in ("name", "format", "type", "online")}
            | {"url": f"{base}/repository/{name}", "attributes": to_attributes(record)}
            for name, record in sorted(self._nexus.store.state["repositories"].items())
        ]

    def _save_repository(self, method: str, given: Given) -> None:
        type_, body = to_body(given)
        if type_ == "hosted" and not self._nexus.version.since("3.87"):
            body["storage"]["writePolicy"] = body["storage"]["writePolicy"].lower()
        template = f"/v1/repositories/docker/{type_}"
        if method == "POST":
            self._rest(method, template, body=body)
        else:
            name = {"repositoryName": body["name"]}
            self._rest(method, f"{template}/{{repositoryName}}", name, body)

    def _delete_repository(self, given: Given) -> None:
        self._delete("/v1/repositories/{repositoryName}", {"repositoryName": given["name"]})

    def _blob_stores(self, _given: Given) -> list[Given]:
        stores = self._nexus.store.state["blobstores"]
        return [
            {
                "name": row["name"],
                "type": row["type"],
                "attributes": blob_store_attributes(stores[row["name"]]),
                "blobCount": row["blobCount"],
                "totalSize": row["totalSizeInBytes"],
                "availableSpace": row["availableSpaceInBytes"],
            }
            for row in self._rest("GET", "/v1/blobstores")
        ]

    def _save_blob_store(self, method: str, given: Given) -> None:
        kind, body = blob_store_body(given)
        template = f"/v1/blobstores/{kind}"
        if method == "POST":
            self._rest(method, template, body=body)
            return
        if kind == "file":
            del body["name"]
        self._rest(method, f"{template}/{{name}}", {"name": given["name"]}, body)

    def _policies(self) -> list[Given]:
        found = self._nexus.store.state["cleanup_policies"]
        return [policy_shown(policy) for _, policy in sorted(found.items())]

    def _update_policy(self, given: Given) -> None:
        self._rest("PUT", f"{_POLICIES}/{{name}}", {"name": given["name"]}, policy_body(given))

    def _update_user(self, given: Given) -> None:
        body = given | {"source": "default"}
        self._rest("PUT", _USER, {"userId": given["userId"]}, body)

    def _change_password(self, given: Given) -> None:
        user_id, old = given["userId"], given.get("old")
        known = user_id in self._nexus.store.state["users"]
        if known and old is not None and not self._nexus.authenticator.password_is(user_id, old):
            raise ScriptFault("Invalid current password", INVALID_CREDENTIALS)
        # The manager leaves the file of the first password, which the REST API removes.
        set_password(self._call("PUT", _USER, {}, given["password"]), user_id)

    def _password_file(self) -> Path:
        return password_file(self._nexus.settings.data)

    def _privileges(self) -> list[Given]:
        own = ("type", "name", "description", "readOnly")
        return [
            {name: privilege[name] for name in own}
            | {"properties": {key: part for key, part in privilege.items() if key not in own}}
            for _, privilege in sorted(all_privileges(self._nexus.store.state).items())
        ]

    def _anonymous(self) -> Given:
        state = self._nexus.store.state
        configured: Given = state["anonymous"] | {"configured": state["anonymous_saved"]}
        return configured

    def _set_realms(self, given: Given) -> None:
        self._rest("PUT", "/v1/security/realms/active", body=given["names"])

    def _task_type(self, given: Given) -> str:
        found = TASK_TYPES.get(given["type"])
        if found is None:
            raise ScriptFault(f"Unknown task type-id: {given['type']}")
        return found.name

    def _save_task(self, given: Given) -> str:
        body = {
            name: given[name] for name in ("type", "name", "enabled", "properties", "frequency")
        }
        body["notificationCondition"] = "FAILURE"
        if given["alertEmail"]:
            body["alertEmail"] = given["alertEmail"]
        if given["id"]:
            self._rest("PUT", "/v1/tasks/{taskId}", {"taskId": given["id"]}, body)
            return str(given["id"])
        return str(self._rest("POST", "/v1/tasks", body=body)["id"])
