"""What comes before everything else: password, licence, base URL, realms, anonymous access."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.change import Change, Difference, differences
from moorage.config.schema.base import is_ip
from moorage.errors import Refused
from moorage.steps.nexus.api import REST, ChangePassword, NexusObserved, Request, dotted
from moorage.steps.nexus.versions import CAPABILITIES, capabilities_path
from moorage.values import Secret

_TOKEN_REALM = "DockerToken"  # noqa: S105
_EULA_PAGE = "https://links.sonatype.com/products/nxrm/ce-eula"
_BASE_URL = "baseurl"
_LOGINS = {"initial": "that of the first boot", "former": "that of nexus.former_admin_password"}


def password(configured: Secret, seen: NexusObserved) -> Iterator[Change]:
    """Admin's own, where another one was taken."""
    if seen.login == "configured":
        return
    difference = Difference("password", _LOGINS[seen.login], "that of nexus.admin_password")
    action = ChangePassword(
        "admin", "set the password of admin to that of nexus.admin_password", configured
    )
    yield Change("update", "user admin", "nexus", (difference,), (action,))


def licence(accepted: bool, seen: NexusObserved) -> Iterator[Change]:
    """The Community Edition's; its text goes back as it came, to the letter.

    Raises:
        Refused: it is not accepted, and the inventory does not say so either.
    """
    if seen.eula is None or seen.eula["accepted"]:
        return
    if not accepted:
        raise Refused(
            "this Nexus serves no images until its licence is accepted",
            hint=f"read {_EULA_PAGE}, then set nexus.accept_eula: true",
        )
    request = Request("accept the licence of the Community Edition, as nexus.accept_eula says",
                      "POST", f"{REST}/system/eula", {**seen.eula, "accepted": True},
                      "nexus.accept_eula")  # fmt: skip
    difference = Difference("accepted", before=False, after=True)
    yield Change("update", "licence", "nexus", (difference,), (request,))


def base_url(url: str | None, seen: NexusObserved) -> Iterator[Change]:
    """The capability that tells Nexus its own address; where there are none, nothing is done.

    Source: nexus-public 3.77.1, BaseUrlCapability.
    """
    path = capabilities_path(seen.version)
    if url is None or seen.capabilities is None or path is None:
        return
    found = next((item for item in seen.capabilities if item["type"] == _BASE_URL), None)
    if found is None:
        body = {"type": _BASE_URL, "enabled": True, "notes": "", "properties": {"url": url}}
        request = Request(f"set the base URL to {url}", "POST", path, body, "nexus.base_url",
                          (path, "type", _BASE_URL))  # fmt: skip
        yield Change("create", "base URL", "nexus", (Difference("url", None, url),), (request,))
        return
    before = {"url": found["properties"].get("url"), "enabled": found["enabled"]}
    changed = differences({"url": url, "enabled": True}, before)
    if changed:
        fields = ("id", "type", "notes")
        body = {key: found[key] for key in fields if found.get(key) is not None}
        body |= {"enabled": True, "properties": {**found["properties"], "url": url}}
        request = Request(f"set the base URL to {url}", "PUT", f"{path}/{found['id']}", body,
                          "nexus.base_url")  # fmt: skip
        yield Change("update", "base URL", "nexus", changed, (request,))


def base_url_note(url: str | None, *, explicit: bool, seen: NexusObserved) -> Iterator[str]:
    """A word where this server has no capabilities.

    Raises:
        Refused: and the inventory names an address itself.
    """
    if url is None or seen.capabilities is not None:
        return
    missing = (
        f"Nexus {dotted(seen.version)} has no API for its base URL (since {dotted(CAPABILITIES)})"
    )
    if explicit:
        raise Refused(missing, hint="set it in Nexus by hand, and nexus.base_url: null")
    yield f"{missing}: where its pages need one, set it by hand"


def realms(seen: NexusObserved) -> Iterator[Change]:
    """The realm of ``docker login``, after the others.

    A server from 3.60 on hides NexusAuthorizingRealm and refuses it in a PUT, an older one needs
    it: so what is active is read and sent back (nexus-public 3.77.1, RealmManagerImpl).
    """
    if _TOKEN_REALM in seen.realms:
        return
    active = [*seen.realms, _TOKEN_REALM]
    request = Request(f"add the realm {_TOKEN_REALM} after the others", "PUT",
                      f"{REST}/security/realms/active", active)  # fmt: skip
    difference = Difference("active", ", ".join(seen.realms), ", ".join(active))
    yield Change("update", "realms", "nexus", (difference,), (request,))


def anonymous(wanted: bool, seen: NexusObserved) -> Iterator[Change]:
    """On or off; saved once in any case, since the wizard asks everybody until it is."""
    unanswered = "ConfigureAnonymousAccess" in seen.onboarding
    if seen.anonymous.get("enabled") == wanted and not unanswered:
        return
    before = "never answered" if unanswered else seen.anonymous.get("enabled")
    request = Request(f"switch anonymous access {'on' if wanted else 'off'}", "PUT",
                      f"{REST}/security/anonymous", {**seen.anonymous, "enabled": wanted},
                      "nexus.anonymous")  # fmt: skip
    difference = Difference("enabled", before, wanted)
    yield Change("update", "anonymous access", "nexus", (difference,), (request,))


def allowed_remotes(wanted: tuple[str, ...], seen: NexusObserved) -> Iterator[Change]:
    """Addresses that proxies may ask besides public ones; what others allowed stays.

    Source: the OpenAPI document of 3.94, ``/v1/security/ssrf-protection``; it came with 3.92.
    """
    there = seen.ssrf_protection
    if there is None or not there.get("enabled"):
        return
    after = dict(there)
    for key, names in (
        ("allowedIPs", [name for name in wanted if is_ip(name)]),
        ("allowedDomains", [name for name in wanted if not is_ip(name)]),
    ):
        before = there.get(key) or []
        after[key] = list(dict.fromkeys([*before, *names]))
    found = differences(after, there)
    if found:
        request = Request("let proxies ask the addresses of nexus.allowed_remotes", "PUT",
                          f"{REST}/security/ssrf-protection", after,
                          "nexus.allowed_remotes")  # fmt: skip
        yield Change("update", "SSRF protection", "nexus", found, (request,))
