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
    if body["docker"].get("subdomain") is not None:
        raise refuse_field("subdomain", f"Docker subdomain routing {_PRO}")
    if type_ == "proxy":
        _check_proxy(call)
    elif type_ == "group":
        _check_members(call)
    _check_ports(call)


def _check_proxy(call: Call) -> None:
    url = call.body["proxy"]["remoteUrl"]
    if not url.startswith(("http://", "https://")):
        raise refuse_field("PARAMETER proxy.remoteUrl", "must be a valid URL")
    connection = call.body["httpClient"].get("connection") or {}
    if connection.get("useTrustStore") and url.startswith("http://"):
        raise refuse_quoted("TrustStore is available only with HTTPS remote URLs")
    if call.nexus.version.ssrf_protection:
        check_remote(call.state["ssrf_protection"], url)


def _check_members(call: Call) -> None:
    """Source: AbstractGroupRepositoriesApiResource; that cycles are refused is an assumption."""
    group, known = call.body["group"], call.state["repositories"]
    if group.get("writableMember") is not None:
        raise refuse_field("HelperBean.writableMember", f"Deploying to groups {_PRO}")
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
