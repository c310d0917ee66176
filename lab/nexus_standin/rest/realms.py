"""``/v1/security/realms``: which realms check credentials, in their order.

From 3.60 on ``NexusAuthorizingRealm`` is hidden: it is neither listed nor accepted, and always
there, last (RealmManagerImpl.java). Before that it is one of the list, and without it nobody has
any right.
"""

from __future__ import annotations

from ..auth import AUTHORIZING_REALM
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
    known = _known(call)
    return json_response(200, [realm for realm in call.state["realms"] if realm in known])


def _available(call: Call) -> Response:
    return json_response(200, [{"id": id_, "name": name} for id_, name in _known(call).items()])


def _set(call: Call) -> Response:
    wanted = list(dict.fromkeys(call.body))
    if unknown := [realm for realm in wanted if realm not in _known(call)]:
        raise refuse_text(400, f"Unknown realmIds: [{', '.join(unknown)}]")
    hidden = [AUTHORIZING_REALM] if call.nexus.version.hides_authorizing_realm else []
    with call.nexus.store.change() as draft:
        draft["realms"] = [*wanted, *hidden]
    return empty(204)


def _known(call: Call) -> dict[str, str]:
    if call.nexus.version.hides_authorizing_realm:
        return _AVAILABLE
    return _AVAILABLE | {AUTHORIZING_REALM: "Local Authorizing Realm"}


ROUTES = (
    Route("GET", "/v1/security/realms/active", _active, "nexus:settings:read"),
    Route("PUT", "/v1/security/realms/active", _set, "nexus:settings:update"),
    Route("GET", "/v1/security/realms/available", _available, "nexus:settings:read"),
)
