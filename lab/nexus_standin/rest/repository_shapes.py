"""How a repository reads: every field that the version has, nulls included, secrets never.

Source: SimpleApiRepositoryAdapter.java. What is read is not what may be written: ``format``,
``type`` and ``url`` are answers only, and a routing rule is read as ``routingRuleName`` in every
version but written as ``routingRule`` before 3.94.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..openapi.document import Document
from ..store import State

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


@dataclass(frozen=True, slots=True)
class Shapes:
    """The answers of one version.

    Attributes:
        document: Says which fields there are.
        state: Says which routing rules there are.
        base_url: What the addresses begin with.
    """

    document: Document
    state: State
    base_url: str

    def settings(self, repository: Repository) -> Repository:
        """Return a repository as ``/v1/repositorySettings`` shows it."""
        shown = self._common(repository)
        if repository["format"] == "docker":
            shown["docker"] = self._fields(repository["docker"], _DOCKER, "DockerAttributes")
            if "pathEnabled" in shown["docker"]:
                shown["docker"]["pathEnabled"] = bool(shown["docker"]["pathEnabled"])
        else:
            shown |= {
                name: repository[name] for name in ("maven", "nugetProxy") if name in repository
            }
        if repository["type"] == "hosted":
            return shown | self._hosted(repository)
        if repository["type"] == "proxy":
            return shown | self._proxy(repository)
        group = repository["group"]
        members = {"memberNames": group["memberNames"]}
        return shown | {"group": members | {"writableMember": group.get("writableMember")}}

    def row(self, repository: Repository) -> Repository:
        """Return a repository as ``/v1/repositories`` lists it."""
        shown = self._common(repository)
        del shown["storage"]
        remote = repository.get("proxy", {}).get("remoteUrl")
        shown |= {"size": None, "attributes": {"proxy": {"remoteUrl": remote}} if remote else {}}
        known = self.document.properties("RepositoryXO")
        return {name: value for name, value in shown.items() if name in known}

    def _common(self, repository: Repository) -> Repository:
        name = repository["name"]
        return {
            "name": name,
            "format": repository["format"],
            "type": repository["type"],
            "url": f"{self.base_url}/repository/{name}",
            "online": repository["online"],
            "storage": _only(repository["storage"], _STORAGE),
        }

    def _hosted(self, repository: Repository) -> Repository:
        """``latestPolicy`` reads null unless it is true; ``component`` is always there."""
        storage = dict(repository["storage"])
        storage["latestPolicy"] = True if storage.get("latestPolicy") else None
        docker = repository["format"] == "docker"
        names = (*_STORAGE, "writePolicy", *(("latestPolicy",) if docker else ()))
        component = repository.get("component") or {}
        return {
            "storage": self._fields(storage, names, "DockerHostedStorageAttributes"),
            "cleanup": _cleanup(repository),
            "component": {"proprietaryComponents": bool(component.get("proprietaryComponents"))},
        }

    def _proxy(self, repository: Repository) -> Repository:
        shown = {
            "cleanup": _cleanup(repository),
            "proxy": self._fields(repository["proxy"], _PROXY, "ProxyAttributes"),
            "negativeCache": repository["negativeCache"],
            "httpClient": self._http_client(repository["httpClient"]),
            "routingRuleName": self._routing_rule(repository),
            "replication": None,
        }
        if repository["format"] != "docker":
            return shown
        if "firewall" in self.document.properties("DockerProxyRepositoryApiRequest"):
            shown["firewall"] = repository.get("firewall")
        return shown | {"dockerProxy": self._docker_proxy(repository["dockerProxy"])}

    def _docker_proxy(self, stored: Repository) -> Repository:
        shown = _only(stored, _DOCKER_PROXY)
        if "ecrAuth" in self.document.properties("DockerProxyAttributes"):
            ecr = stored.get("ecrAuth")
            shown["ecrAuth"] = _only(ecr, _ECR) | {"secretAccessKey": None} if ecr else None
        return shown

    def _http_client(self, client: Repository) -> Repository:
        connection, login = client.get("connection"), client.get("authentication")
        schema = "HttpClientConnectionAuthenticationAttributes"
        return {
            "blocked": bool(client.get("blocked")),
            "autoBlock": bool(client.get("autoBlock")),
            "connection": _only(connection, _CONNECTION) if connection else None,
            "authentication": self._fields(login, _AUTHENTICATION, schema) | {"password": None}
            if login
            else None,
        }

    def _routing_rule(self, repository: Repository) -> str | None:
        """One that does not exist was ignored when it was written."""
        name = repository.get("routingRuleName") or repository.get("routingRule")
        return name if name in self.state["routing_rules"] else None

    def _fields(self, part: Repository, names: tuple[str, ...], schema: str) -> Repository:
        known = self.document.properties(schema)
        return _only(part, tuple(name for name in names if name in known))


def _cleanup(repository: Repository) -> Repository | None:
    """Null when never set; the names are a set, so their order is not kept."""
    cleanup = repository.get("cleanup")
    return {"policyNames": sorted(set(cleanup.get("policyNames") or ()))} if cleanup else None


def _only(part: Repository, names: tuple[str, ...]) -> Repository:
    return {name: part.get(name) for name in names}
