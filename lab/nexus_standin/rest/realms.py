"""``/v1/security/realms``: which realms check credentials, in their order.

From 3.60 on ``NexusAuthorizingRealm`` is hidden: it is neither listed nor accepted, and always
there (RealmManagerImpl.java).
"""

from __future__ import annotations

from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_text

_AVAILABLE = {
    "ConanToken": "Conan Bearer Token Realm",
    "DefaultRole": "Default Role Realm",
    "DockerToken": "Docker Bearer Token Realm",
    "LdapRealm": "LDAP Realm",
    "NexusAuthenticatingRealm": "Local Authenticating Realm",
    "NpmToken": "npm Bearer Token Realm",
    "NuGetApiKey": "NuGet API-Key Realm",
    "rutauth-realm": "Rut Auth Realm",
}


def _active(call: Call) -> Response:
    return json_response(200, call.state["realms"])


def _available(_call: Call) -> Response:
    return json_response(200, [{"id": id_, "name": name} for id_, name in _AVAILABLE.items()])


def _set(call: Call) -> Response:
    wanted = list(dict.fromkeys(call.body))
    if unknown := [realm for realm in wanted if realm not in _AVAILABLE]:
        raise refuse_text(400, f"Unknown realmIds: [{', '.join(unknown)}]")
    with call.nexus.store.change() as draft:
        draft["realms"] = wanted
    return empty(204)


ROUTES = (
    Route("GET", "/v1/security/realms/active", _active, "nexus:settings:read"),
    Route("PUT", "/v1/security/realms/active", _set, "nexus:settings:update"),
    Route("GET", "/v1/security/realms/available", _available, "nexus:settings:read"),
)
