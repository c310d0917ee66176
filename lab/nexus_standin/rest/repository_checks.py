"""What Nexus refuses in a Docker repository beyond the schema of its body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..store import State
from .call import Call, refuse_field, refuse_quoted
from .ssrf import check_remote

_PRO = "is a PRO-licensed feature. See https://links.sonatype.com/product-nexus-repository"
_HIGHEST_PORT = 65535

Body = dict[str, Any]


def check_new(call: Call, type_: str) -> None:
    """Check the body of a POST.

    Raises:
        RefusalError: In the shape that Nexus has for this fault.
    """
    name = call.body["name"]
    if name != name.lower():
        raise refuse_field("name", "Docker repository names must be lowercase")
    if name in (known.lower() for known in call.state["repositories"]):
        raise refuse_field("name", "Name is already used, must be unique (ignoring case)")
    _check(call, type_)


def check_changed(call: Call, type_: str, before: Body) -> None:
    """Check the body of a PUT against what it replaces.

    Raises:
        RefusalError: In the shape that Nexus has for this fault.
    """
    if call.body["name"] != before["name"]:
        raise refuse_field("name", "Renaming a repository is not supported")
    _check(call, type_)
    if call.body["storage"]["blobStoreName"] != before["storage"]["blobStoreName"]:
        raise refuse_field(
            "BlobStoreName", "Blob store of an existing repository cannot be changed"
        )


def _check(call: Call, type_: str) -> None:
    body = call.body
    if body["storage"]["blobStoreName"] not in call.state["blobstores"]:
        raise refuse_field("BlobStoreName", "Blob store not found")
    if body["docker"].get("subdomain") is not None and not _is_pro(call):
        raise refuse_field("subdomain", f"Docker subdomain routing {_PRO}")
    _check_cleanup(call)
    if type_ == "proxy":
        _check_proxy(call)
    elif type_ == "group":
        _check_members(call)
    _check_ports(call)


def _check_proxy(call: Call) -> None:
    url = call.body["proxy"]["remoteUrl"]
    if not url.startswith(("http://", "https://")):
        raise refuse_field("PARAMETER proxy.remoteUrl", "must be a valid URL")
    index = call.body["dockerProxy"]
    if index["indexType"] == "CUSTOM" and not index.get("indexUrl"):
        raise refuse_field("dockerProxy.indexUrl", "may not be empty with the index type CUSTOM")
    connection = call.body["httpClient"].get("connection") or {}
    if connection.get("useTrustStore") and url.startswith("http://"):
        raise refuse_quoted("TrustStore is available only with HTTPS remote URLs")
    if call.nexus.version.ssrf_protection:
        check_remote(call.state["ssrf_protection"], url)


def _check_members(call: Call) -> None:
    """Source: AbstractGroupRepositoriesApiResource; that cycles are refused is an assumption."""
    group, known = call.body["group"], call.state["repositories"]
    if group.get("writableMember") is not None:
        _check_writable(call)
    for member in group["memberNames"]:
        if member not in known and member != call.body["name"]:
            raise refuse_field(
                "HelperBean.memberNames", f"Member repository does not exist: {member}"
            )
        if member in known and known[member]["format"] != "docker":
            text = f"Member repository format does not match group repository format: {member}"
            raise refuse_field("HelperBean.memberNames", text)
        if call.body["name"] in _reach(call.state, member):
            text = f"Group '{call.body['name']}' would have itself as a member"
            raise refuse_field("HelperBean.memberNames", text)


def _check_writable(call: Call) -> None:
    """Deploying to a group is for Pro, and to a hosted member of it."""
    group = call.body["group"]
    name = group["writableMember"]
    if not _is_pro(call):
        raise refuse_field("HelperBean.writableMember", f"Deploying to groups {_PRO}")
    hosted = call.state["repositories"].get(name, {}).get("type") == "hosted"
    if name not in group["memberNames"] or not hosted:
        raise refuse_field("HelperBean.writableMember", f"not a hosted member of the group: {name}")


def _is_pro(call: Call) -> bool:
    return call.nexus.version.edition == "PRO"


def _check_cleanup(call: Call) -> None:
    """Stricter than Nexus, on purpose: an unknown policy is a typing error."""
    for name in (call.body.get("cleanup") or {}).get("policyNames") or ():
        policy = call.state["cleanup_policies"].get(name)
        if policy is None:
            raise refuse_field("cleanup.policyNames", f"Cleanup policy not found: {name}")
        if policy["format"] not in {"docker", "*"}:
            text = f"Cleanup policy {name} is for the format {policy['format']}"
            raise refuse_field("cleanup.policyNames", text)


def _reach(state: State, name: str) -> set[str]:
    """Return a repository and all that it is made of."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting.extend(
                state["repositories"].get(current, {}).get("group", {}).get("memberNames", ())
            )
    return reached


def _check_ports(call: Call) -> None:
    """A port in use fails the validation of a facet: text in quotes, not the array."""
    mine = [port for port in _ports(call.body) if port is not None]
    taken = {call.nexus.settings.port: "the application"}
    for name, repository in call.state["repositories"].items():
        if name != call.body["name"] and repository["format"] == "docker":
            taken |= {port: f"repository {name}" for port in _ports(repository) if port}
    for port in mine:
        if not 0 < port <= _HIGHEST_PORT:
            raise _facet(f"Port {port} is not between 1 and {_HIGHEST_PORT}")
        if port in taken or mine.count(port) > 1:
            raise _facet(f"Port {port} is already in use by {taken.get(port, 'this repository')}")


def _facet(detail: str) -> Exception:
    return refuse_quoted("Failed to validate facets; 1 failure", detail)


def _ports(body: Body) -> Iterator[int | None]:
    yield body["docker"].get("httpPort")
    yield body["docker"].get("httpsPort")
