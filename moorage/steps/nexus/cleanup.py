"""Cleanup policies: which images a cleanup takes away."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.change import Change, Difference
from moorage.config.schema.upkeep import CleanupPolicy
from moorage.errors import Refused
from moorage.steps.nexus.api import Body, NexusObserved, Request, dotted
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.fields import compared, given, merged, present
from moorage.steps.nexus.versions import cleanup_path

_ANSWERS = ("inUseCount",)
_FIELDS = {"name", "format", "notes"}


def changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Those of the inventory.

    Raises:
        Refused: this server has no API for them, or one of the name is for another format.
    """
    if not wanted.cleanup_policies:
        return
    path = cleanup_path(seen.version, seen.edition)
    if path is None or seen.cleanup_policies is None:
        raise Refused(
            f"nexus.cleanup_policies: Nexus {dotted(seen.version)} has no API for them",
            hint="take them out of the inventory, and make them in Nexus by hand",
        )
    for name, policy in wanted.cleanup_policies.items():
        body, field = wanted_body(name, policy), f"nexus.cleanup_policies.{name}"
        _refuse_unknown(field, policy, path)
        there = seen.cleanup_policies.get(name)
        if there is None:
            request = Request(f"create cleanup policy {name}", "POST", path, present(body), field,
                              (path, "name", name))  # fmt: skip
            shown = tuple(Difference(key, None, value) for key, value in present(body).items()
                          if key not in _FIELDS)  # fmt: skip
            yield Change("create", f"cleanup policy {name}", "nexus", shown, (request,))
            continue
        if there["format"] != body["format"]:
            raise Refused(f"{field}: Nexus has one of that name for {there['format']}",
                          hint="give yours another name")  # fmt: skip
        found = compared(body, there)
        if found:
            request = Request(f"update cleanup policy {name}", "PUT", f"{path}/{name}",
                              merged(body, there, answers=_ANSWERS), field)  # fmt: skip
            yield Change("update", f"cleanup policy {name}", "nexus", found, (request,))


def wanted_body(name: str, policy: CleanupPolicy) -> Body:
    """A policy's criteria are managed as a whole, for images must meet all of them."""
    return {
        "name": name,
        "format": "docker",
        **given(notes=policy.notes),
        "criteriaLastDownloaded": policy.last_downloaded,
        "criteriaLastBlobUpdated": policy.last_published,
        "criteriaAssetRegex": policy.asset_regex,
        "retain": policy.retain,
        **given(sortBy=policy.sort_by),
    }


def _refuse_unknown(field: str, policy: CleanupPolicy, path: str) -> None:
    if policy.sort_by and "/v1/" in path:
        raise Refused(f"{field}.sort_by: the API of this version does not know it",
                      hint="leave it out; retain goes by the version then")  # fmt: skip
