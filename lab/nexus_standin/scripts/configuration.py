"""A repository as scripts have it (recipe and attributes) and as the REST API has it.

Names of the attributes: RepositoryApiImpl.groovy of nexus-public and the role
ansible-ThoTeam/nexus3-oss. An attribute that is in neither is refused, where Nexus would keep it
without a word.
"""

from __future__ import annotations

from typing import Any

from .faults import ScriptFault

Body = dict[str, Any]

_KNOWN: dict[str, frozenset[str]] = {
    "storage": frozenset(
        {"blobStoreName", "strictContentTypeValidation", "writePolicy", "latestPolicy"}
    ),
    "docker": frozenset({"httpPort", "httpsPort", "v1Enabled", "forceBasicAuth", "subdomain"}),
    "proxy": frozenset({"remoteUrl", "contentMaxAge", "metadataMaxAge"}),
    "negativeCache": frozenset({"enabled", "timeToLive"}),
    "httpclient": frozenset({"blocked", "autoBlock", "connection", "authentication"}),
    "dockerProxy": frozenset(
        {
            "indexType",
            "indexUrl",
            "cacheForeignLayers",
            "foreignLayerUrlWhitelist",
            "useTrustStoreForIndexAccess",
        }
    ),
    "group": frozenset({"memberNames", "groupWriteMember"}),
    "cleanup": frozenset({"policyName"}),
    "component": frozenset({"proprietaryComponents"}),
    "routingRules": frozenset({"routingRuleId"}),
}
# createProxy of RepositoryApiImpl.groovy puts two of httpclient's own below connection as well.
_MISPLACED = ("blocked", "autoBlock")


def to_body(asked: Body) -> tuple[str, Body]:
    """Return a repository's type and its body in terms of the REST API.

    Raises:
        ScriptFault: The recipe is not played, or an attribute is unknown.
    """
    format_, _, type_ = str(asked["recipe"]).partition("-")
    if format_ != "docker" or type_ not in {"hosted", "proxy", "group"}:
        raise ScriptFault(f"the stand-in makes no repository of recipe {asked['recipe']}")
    attributes: Body = asked["attributes"] or {}
    _check_known(attributes)
    body = {
        "name": asked["name"],
        "online": asked["online"],
        "storage": _storage(attributes.get("storage") or {}, type_),
        "docker": attributes.get("docker"),
    }
    if cleanup := attributes.get("cleanup"):
        body["cleanup"] = {"policyNames": list(cleanup.get("policyName") or ())}
    if type_ == "group":
        group = attributes.get("group") or {}
        body["group"] = {"memberNames": group.get("memberNames")}
        if group.get("groupWriteMember"):
            body["group"]["writableMember"] = group["groupWriteMember"]
    elif type_ == "proxy":
        body |= _proxy(attributes)
    elif component := attributes.get("component"):
        body["component"] = component
    return type_, body


def _check_known(attributes: Body) -> None:
    for block, values in attributes.items():
        known = _KNOWN.get(block)
        if known is None:
            raise ScriptFault(f"unknown attributes {block} (Nexus would keep them)")
        for name in values or ():
            if name not in known:
                raise ScriptFault(f"unknown attribute {block}.{name} (Nexus would keep it)")


def _storage(given: Body, type_: str) -> Body:
    storage: Body = {"strictContentTypeValidation": True} | given
    if type_ == "hosted":
        storage["writePolicy"] = storage.get("writePolicy") or "ALLOW"
    else:
        storage.pop("writePolicy", None)
    return storage


def _proxy(attributes: Body) -> Body:
    client = attributes.get("httpclient") or {}
    connection = {
        name: value
        for name, value in (client.get("connection") or {}).items()
        if name not in _MISPLACED
    }
    docker_proxy = dict(attributes.get("dockerProxy") or {})
    docker_proxy.pop("useTrustStoreForIndexAccess", None)
    http_client: Body = {name: bool(client.get(name)) for name in _MISPLACED}
    http_client["connection"] = _whole(connection) or None
    http_client["authentication"] = client.get("authentication") or None
    return {
        "proxy": _whole(attributes.get("proxy") or {}),
        "negativeCache": _whole(attributes.get("negativeCache") or {}),
        "httpClient": http_client,
        "dockerProxy": docker_proxy,
    }


def _whole(block: Body) -> Body:
    """Nexus keeps numbers as they come, 1440.0 too, and reads them as whole ones."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in block.items()
    }


def to_attributes(record: Body) -> Body:
    """Return what a script reads of a repository; what is not set is not there."""
    found: Body = {
        "storage": record["storage"],
        "docker": record.get("docker"),
        "proxy": record.get("proxy"),
        "negativeCache": record.get("negativeCache"),
        "httpclient": record.get("httpClient"),
        "dockerProxy": record.get("dockerProxy"),
        "maven": record.get("maven"),
        "component": record.get("component"),
    }
    if group := record.get("group"):
        found["group"] = {
            "memberNames": group["memberNames"],
            "groupWriteMember": group.get("writableMember"),
        }
    if cleanup := record.get("cleanup"):
        found["cleanup"] = {"policyName": cleanup.get("policyNames") or []}
    return _without_nulls(found)


def _without_nulls(part: Body) -> Body:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in part.items()
        if value is not None
    }
