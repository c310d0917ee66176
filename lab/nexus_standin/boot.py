"""The first boot: an empty data directory becomes a fresh Nexus."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from . import passwords
from .auth import ANONYMOUS, AUTHORIZING_REALM, LOCAL_REALM
from .default_repositories import default_repositories
from .log import log
from .settings import Settings
from .store import State, Store, write_durably
from .task_types import first_tasks
from .versions import number


def password_file(data: Path) -> Path:
    """Return where the first password of ``admin`` is written."""
    return data / "admin.password"


def boot(store: Store, settings: Settings) -> None:
    """Load the state, or make the first one as Nexus does (StaticSecurityConfigurationSource)."""
    if store.exists():
        store.load()
        _migrate(store, settings)
        return
    log("first boot: the data directory holds no state yet")
    password, status = _first_password(settings)
    with store.change() as draft:
        draft.update(_fresh(password, status))
        draft["version"] = ".".join(map(str, settings.version.number))


class NewerData(Exception):
    """The data were written by a later version."""


def refuse_newer(store: Store, settings: Settings) -> None:
    """Make sure that no later version has written the data: a migrated database does not go back.

    Raises:
        NewerData: One has.
    """
    if store.exists():
        store.load()
        written = store.state.get("version", "0")
        if number(written) > settings.version.number:
            ours = settings.version.full
            raise NewerData(f"the data were written by {written}, and this is {ours}")


def _migrate(store: Store, settings: Settings) -> None:
    """Bring the state of an earlier version up to this one, for good."""
    written, ours = store.state.get("version", "0"), settings.version
    if number(written) < ours.number:
        log(f"migrating the data of {written} to {ours.full}")
        with store.change() as draft:
            draft["version"] = ".".join(map(str, ours.number))


def _first_password(settings: Settings) -> tuple[str, str]:
    """Return the password of ``admin`` and the user's status, in Nexus' order of precedence."""
    if settings.initial_password is not None and settings.version.initial_password:
        return settings.initial_password, "active"
    if not settings.version.random_password:
        return "admin123", "active"
    path = password_file(settings.data)
    if path.exists():
        return path.read_text("utf-8"), "changepassword"
    if not settings.random_password:
        return "admin123", "active"
    password = str(uuid.uuid4())
    write_durably(path, password.encode("utf-8"), mode=0o600)
    return password, "changepassword"


def _fresh(password: str, status: str) -> State:
    return {
        "secret": secrets.token_hex(32),
        "eula_accepted": False,
        "realms": [LOCAL_REALM, AUTHORIZING_REALM],
        "anonymous": {
            "enabled": False,
            "userId": ANONYMOUS,
            "realmName": AUTHORIZING_REALM,
        },
        "anonymous_saved": False,
        "ssrf_protection": {"enabled": True, "allowedDomains": [], "allowedIPs": []},
        "users": {
            "admin": _user("admin", "Administrator", status, "nx-admin", password),
            ANONYMOUS: _user(ANONYMOUS, "Anonymous", "active", "nx-anonymous", str(uuid.uuid4())),
        },
        "roles": {
            "nx-admin": _role("nx-admin", "Administrator Role", ["nx-all"]),
            "nx-anonymous": _role(
                "nx-anonymous",
                "Anonymous Role",
                [
                    "nx-healthcheck-read",
                    "nx-search-read",
                    "nx-repository-view-*-*-browse",
                    "nx-repository-view-*-*-read",
                ],
            ),
        },
        "privileges": {},
        "blobstores": {"default": {"type": "File", "path": "default", "softQuota": None}},
        "cleanup_policies": {},
        "routing_rules": [],
        "scripts": {},
        "components": {},
        "capabilities": {item["id"]: item for item in (_outreach(),)},
        "tasks": first_tasks(),
        "repositories": {record["name"]: record for record in default_repositories()},
    }


def _outreach() -> State:
    """A capability that Nexus adds by itself; a client must find its own beside it."""
    return {
        "id": secrets.token_hex(8),
        "type": "OutreachManagementCapability",
        "enabled": True,
        "notes": "Automatically added",
        "properties": {},
    }


def _user(user_id: str, first_name: str, status: str, role: str, password: str) -> State:
    return {
        "userId": user_id,
        "firstName": first_name,
        "lastName": "User",
        "emailAddress": f"{user_id}@example.org",
        "status": status,
        "roles": [role],
        "password": passwords.hashed(password),
    }


def _role(role_id: str, description: str, privileges: list[str]) -> State:
    return {
        "id": role_id,
        "name": role_id,
        "description": description,
        "privileges": privileges,
        "roles": [],
        "readOnly": True,
    }
