"""Docker repositories of a running Nexus, as the inventory's; pure.

The bodies are those of :mod:`moorage.steps.nexus.repositories`, read the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moorage.config.schema.proxy import READY_MADE, index_of
from moorage.steps.nexus.api import Body
from moorage.steps.nexus.fields import at
from moorage.takeover.taken import Taken

_NAMES = {address: name for name, address in READY_MADE.items()}
_USUAL = {
    "online": True, "blob_store": "default", "strict_content_type": True,
    "force_basic_auth": False, "v1": False, "write_policy": "allow", "content_max_age": 1440,
    "metadata_max_age": 1440, "negative_cache": 1440, "auto_block": True, "blocked": False,
}  # fmt: skip
"""Values that an inventory need not say."""
_COMMON = {
    "port": "docker.httpPort", "https_port": "docker.httpsPort", "subdomain": "docker.subdomain",
    "online": "online", "blob_store": "storage.blobStoreName",
    "strict_content_type": "storage.strictContentTypeValidation",
    "force_basic_auth": "docker.forceBasicAuth", "v1": "docker.v1Enabled",
}  # fmt: skip
_PROXY = {
    "content_max_age": "proxy.contentMaxAge", "metadata_max_age": "proxy.metadataMaxAge",
    "blocked": "httpClient.blocked", "auto_block": "httpClient.autoBlock",
    "foreign_layers": "dockerProxy.cacheForeignLayers",
    "preserve_encoded_characters": "proxy.preserveEncodedCharacters",
}  # fmt: skip
_HTTP = {
    "retries": "retries", "timeout": "timeout", "user_agent_suffix": "userAgentSuffix",
    "circular_redirects": "enableCircularRedirects", "cookies": "enableCookies",
    "use_trust_store": "useTrustStore",
}  # fmt: skip


def take_repositories(taken: Taken, repositories: Mapping[str, Body]) -> None:
    """All of the format docker; of the others a word."""
    others: dict[str, list[str]] = {}
    found: dict[str, dict[str, Any]] = {}
    for name, body in repositories.items():
        if body.get("format") != "docker":
            others.setdefault(str(body.get("format")), []).append(name)
            continue
        found[name] = _repository(taken, name, body)
    # a group after its members, as one would write it
    ordered = sorted(found.items(), key=lambda item: item[1]["type"] == "group")
    taken.put("registry.repositories", dict(ordered))
    for kind, names in others.items():
        taken.leave(f"repositories of the format {kind}: {', '.join(names)}")


def _repository(taken: Taken, name: str, body: Body) -> dict[str, Any]:
    kind = body["type"]
    said = {"type": kind, **_read(body, _COMMON)}
    if at(body, "docker.pathEnabled"):
        said["path_routing"] = True
    policies = at(body, "cleanup.policyNames")
    if policies and kind != "group":
        said["cleanup"] = sorted(policies)
    if kind == "hosted":
        said |= _hosted(body)
    elif kind == "proxy":
        said |= _proxy(taken, name, body)
    else:
        said["members"] = list(at(body, "group.memberNames") or [])
        if at(body, "group.writableMember"):
            said["writable_member"] = at(body, "group.writableMember")
    return {key: value for key, value in said.items()
            if value is not None and _USUAL.get(key, object()) != value}  # fmt: skip


def _read(body: Body, places: Mapping[str, str]) -> dict[str, Any]:
    return {key: at(body, path) for key, path in places.items() if at(body, path) is not None}


def _hosted(body: Body) -> dict[str, Any]:
    said: dict[str, Any] = {"write_policy": str(at(body, "storage.writePolicy") or "ALLOW").lower()}
    if said["write_policy"] == "allow_once" and at(body, "storage.latestPolicy"):
        said["redeploy_latest"] = True
    if at(body, "component.proprietaryComponents"):
        said["proprietary_components"] = True
    return said


def _proxy(taken: Taken, name: str, body: Body) -> dict[str, Any]:
    remote = str(at(body, "proxy.remoteUrl") or "")
    said: dict[str, Any] = {"remote": _NAMES.get(remote, remote), **_read(body, _PROXY)}
    for key in ("foreign_layers", "preserve_encoded_characters"):
        if not said.get(key):
            said.pop(key, None)
    index = str(at(body, "dockerProxy.indexType") or "HUB").lower()
    if index == "custom":
        said |= {"index": index, "index_url": at(body, "dockerProxy.indexUrl")}
    elif index != index_of(remote):
        said["index"] = index
    if urls := at(body, "dockerProxy.foreignLayerUrlWhitelist"):
        said["foreign_layer_urls"] = list(urls)
    if (cache := at(body, "negativeCache.timeToLive")) is not None:
        said["negative_cache"] = cache if at(body, "negativeCache.enabled") else 0
    http = {key: at(body, f"httpClient.connection.{word}") for key, word in _HTTP.items()}
    http = {key: value for key, value in http.items() if value not in (None, False, "")}
    if http:
        said["http"] = http
    said["routing_rule"] = body.get("routingRuleName") or body.get("routingRule")
    if mode := at(body, "firewall.mode"):
        said["firewall"] = str(mode).lower()
    if at(body, "replication.preemptivePullEnabled"):
        said["replication"] = {"preemptive_pull": True,
                               "assets": at(body, "replication.assetPathRegex")}  # fmt: skip
    _login(taken, name, body)
    return said


def _login(taken: Taken, name: str, body: Body) -> None:
    """A login is named, with what to say of it: its password is never given out."""
    field = f"registry.repositories.{name}"
    login, ecr = at(body, "httpClient.authentication"), at(body, "dockerProxy.ecrAuth.enabled")
    if not login and not ecr:
        return
    variable = f"{variable_of(name)}_PASSWORD"
    taken.say(
        field, "It logs in to its remote by a password that Nexus does not give out. It stays"
    )
    taken.say(field, "as it is; to change anything of this proxy say it here:")
    if login:
        kind = "bearer" if login.get("type") == "bearerToken" else login.get("type", "username")
        secret = "token" if kind == "bearer" else "password"
        user = "" if kind == "bearer" else f"user: {login.get('username', '')}, "
        taken.say(field, f"  login: {{type: {kind}, {user}{secret}: env:{variable}}}")
    else:
        taken.say(field, f"  ecr: {{…, secret_access_key: env:{variable}}}")
    taken.leave(f"the login of the proxy {name}: Nexus keeps its password (env:{variable}, "
                "once it is said)")  # fmt: skip


def variable_of(name: str) -> str:
    """A name as a variable of the environment has it."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in name).upper()
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"
