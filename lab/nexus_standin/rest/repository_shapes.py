"""How a repository reads: every field there, nulls included, secrets never.

Source: SimpleApiRepositoryAdapter.java. What is read is not what may be written: ``format``,
``type`` and ``url`` are answers only.
"""

from __future__ import annotations

from typing import Any

Repository = dict[str, Any]

_DOCKER = ("v1Enabled", "forceBasicAuth", "httpPort", "httpsPort", "subdomain", "pathEnabled")
_STORAGE = ("blobStoreName", "strictContentTypeValidation")
_PROXY = ("remoteUrl", "contentMaxAge", "metadataMaxAge", "preserveEncodedCharacters")
_CONNECTION = (
    "retries",
    "userAgentSuffix",
    "timeout",
    "enableCircularRedirects",
    "enableCookies",
    "useTrustStore",
)
_AUTHENTICATION = ("type", "username", "ntlmHost", "ntlmDomain", "preemptive")
_DOCKER_PROXY = ("indexType", "indexUrl", "cacheForeignLayers", "foreignLayerUrlWhitelist")
_ECR = ("enabled", "awsRegion", "registryId", "accessKeyId")


def settings_shape(repository: Repository, base_url: str) -> Repository:
    """Return a repository as ``/v1/repositorySettings`` shows it."""
    shown = _common(repository, base_url)
    if repository["format"] != "docker":
        return repository | shown
    shown["docker"] = _only(repository["docker"], _DOCKER)
    shown["docker"]["pathEnabled"] = bool(shown["docker"]["pathEnabled"])
    if repository["type"] == "hosted":
        return shown | _hosted(repository)
    if repository["type"] == "proxy":
        return shown | _proxy(repository)
    members = {"memberNames": repository["group"]["memberNames"], "writableMember": None}
    return shown | {"group": members}


def list_shape(repository: Repository, base_url: str) -> Repository:
    """Return a repository as ``/v1/repositories`` lists it."""
    shown = _common(repository, base_url)
    del shown["storage"]
    remote = repository.get("proxy", {}).get("remoteUrl")
    attributes = {"proxy": {"remoteUrl": remote}} if remote else {}
    return shown | {"size": None, "attributes": attributes}


def _common(repository: Repository, base_url: str) -> Repository:
    name = repository["name"]
    return {
        "name": name,
        "format": repository["format"],
        "type": repository["type"],
        "url": f"{base_url}/repository/{name}",
        "online": repository["online"],
        "storage": _only(repository["storage"], _STORAGE),
    }


def _hosted(repository: Repository) -> Repository:
    """``latestPolicy`` reads null unless it is true; ``component`` is always there."""
    storage = repository["storage"]
    component = repository.get("component") or {}
    return {
        "storage": _only(storage, (*_STORAGE, "writePolicy"))
        | {"latestPolicy": True if storage.get("latestPolicy") else None},
        "cleanup": _cleanup(repository),
        "component": {"proprietaryComponents": bool(component.get("proprietaryComponents"))},
    }


def _proxy(repository: Repository) -> Repository:
    docker_proxy = repository["dockerProxy"]
    ecr = docker_proxy.get("ecrAuth")
    return {
        "cleanup": _cleanup(repository),
        "proxy": _only(repository["proxy"], _PROXY),
        "negativeCache": repository["negativeCache"],
        "httpClient": _http_client(repository["httpClient"]),
        "routingRuleName": None,
        "replication": None,
        "firewall": None,
        "dockerProxy": _only(docker_proxy, _DOCKER_PROXY)
        | {"ecrAuth": _only(ecr, _ECR) | {"secretAccessKey": None} if ecr else None},
    }


def _http_client(client: Repository) -> Repository:
    connection, authentication = client.get("connection"), client.get("authentication")
    return {
        "blocked": bool(client.get("blocked")),
        "autoBlock": bool(client.get("autoBlock")),
        "connection": _only(connection, _CONNECTION) if connection else None,
        "authentication": _only(authentication, _AUTHENTICATION) | {"password": None}
        if authentication
        else None,
    }


def _cleanup(repository: Repository) -> Repository | None:
    """Null when never set; the names are a set, so their order is not kept."""
    cleanup = repository.get("cleanup")
    return {"policyNames": sorted(set(cleanup.get("policyNames") or ()))} if cleanup else None


def _only(part: Repository, names: tuple[str, ...]) -> Repository:
    return {name: part.get(name) for name in names}
