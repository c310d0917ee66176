"""What else a running Nexus has, as the inventory's ``nexus``; pure."""

from __future__ import annotations

from typing import Any

from moorage.config.schema.people import READY_MADE_ROLES
from moorage.steps.nexus.api import Body, NexusObserved, dotted
from moorage.steps.nexus.fields import at
from moorage.steps.nexus.people import DELETE, PULL, PUSH
from moorage.steps.nexus.tasks import TYPES
from moorage.takeover.durations import size
from moorage.takeover.repositories import variable_of
from moorage.takeover.taken import Taken

_OWN_USERS = {"admin", "anonymous"}
_OWN_ROLES = {"nx-admin", "nx-anonymous"}
_BASE_URL = "baseurl"
_QUOTAS = {"spaceRemainingQuota": "remaining", "spaceUsedQuota": "used"}
_KINDS = {theirs: ours for ours, theirs in TYPES.items()}
_HOUR = "h"


def take_nexus(taken: Taken, seen: NexusObserved, address: str) -> None:
    """All that Moorage manages; what it cannot is named.

    Args:
        address: that ``base_url: auto`` stands for.
    """
    taken.put("nexus.version", dotted(seen.version))
    if seen.anonymous.get("enabled"):
        taken.put("nexus.anonymous", value=True)
    if seen.eula is not None and seen.eula.get("accepted"):
        taken.say("nexus", "Its licence is accepted; accept_eula: true would accept a new one too.")
    _base_url(taken, seen, address)
    _remotes(taken, seen)
    _stores(taken, seen)
    _policies(taken, seen)
    _tasks(taken, seen)
    _roles(taken, seen)
    _users(taken, seen)


def _base_url(taken: Taken, seen: NexusObserved, address: str) -> None:
    found = next((item for item in seen.capabilities or () if item["type"] == _BASE_URL), None)
    if found is None or not found.get("enabled"):
        taken.put("nexus.base_url", value=None)
        return
    url = (found.get("properties") or {}).get("url")
    if url != address:
        taken.put("nexus.base_url", url)


def _remotes(taken: Taken, seen: NexusObserved) -> None:
    there = seen.ssrf_protection or {}
    names = [*(there.get("allowedIPs") or ()), *(there.get("allowedDomains") or ())]
    if names:
        taken.put("nexus.allowed_remotes", names)


def _stores(taken: Taken, seen: NexusObserved) -> None:
    found: dict[str, Any] = {}
    for name, body in seen.blob_stores.items():
        quota = _quota(body)
        if body.get("type") == "File" and body.get("path") and name != "default":
            found[name] = {"type": "file", "path": body["path"], **quota}
        elif body.get("type") == "S3":
            if store := _bucket(taken, name, body):
                found[name] = {**store, **quota}
        elif name != "default":
            taken.leave(f"the blob store {name} of type {body.get('type')}")
    if found:
        taken.put("nexus.blob_stores", found)


def _quota(body: Body) -> dict[str, Any]:
    kind, limit = _QUOTAS.get(at(body, "softQuota.type") or ""), at(body, "softQuota.limit")
    text = size(int(limit)) if limit else None
    return {"quota": {"type": kind, "limit": text}} if kind and text else {}


def _bucket(taken: Taken, name: str, body: Body) -> dict[str, Any] | None:
    config = body.get("bucketConfiguration") or {}
    bucket = config.get("bucket") or {}
    security = config.get("bucketSecurity") or {}
    if security.get("accessKeyId") or not bucket.get("name"):
        variable = f"{variable_of(name)}_SECRET_ACCESS_KEY"
        taken.leave(
            f"the blob store {name}: its secret key is not given out; to manage it say it in "
            f"nexus.blob_stores, with secret_access_key: env:{variable}"
        )
        return None
    connection = config.get("advancedBucketConnection") or {}
    said = {
        "type": "s3", "bucket": bucket["name"], "region": bucket.get("region"),
        "prefix": bucket.get("prefix") or None, "role": security.get("role"),
        "expiration": bucket.get("expiration"), "endpoint": connection.get("endpoint"),
        "path_style": connection.get("forcePathStyle"), "signer": connection.get("signerType"),
        "max_connections": connection.get("maxConnectionPoolSize"),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value is not None}


def _policies(taken: Taken, seen: NexusObserved) -> None:
    found: dict[str, Any] = {}
    for name, body in (seen.cleanup_policies or {}).items():
        said = {
            "notes": body.get("notes") or None,
            "last_downloaded": body.get("criteriaLastDownloaded"),
            "last_published": body.get("criteriaLastBlobUpdated"),
            "asset_regex": body.get("criteriaAssetRegex") or None,
            "retain": body.get("retain"), "sort_by": body.get("sortBy"),
        }  # fmt: skip
        said = {key: value for key, value in said.items() if value is not None}
        criteria = {"last_downloaded", "last_published", "asset_regex"} & set(said)
        if body.get("format") != "docker" or not criteria:
            taken.leave(f"the cleanup policy {name} (format {body.get('format')}): left as it is")
            continue
        found[name] = said
    if found:
        taken.put("nexus.cleanup_policies", found)


def _tasks(taken: Taken, seen: NexusObserved) -> None:
    """From 3.94 on Nexus tells what a task is set to; of others only the name is known."""
    found: dict[str, Any] = {}
    for body in seen.tasks or ():
        kind = _KINDS.get(body["type"])
        if kind is None:
            continue
        said = _task(kind, body)
        if said is None or body["name"] in found:
            taken.leave(f"the task {body['name']}: Nexus does not tell what it is set to")
            continue
        found[body["name"]] = said
    if found:
        taken.put("nexus.tasks", found)


def _task(kind: str, body: Body) -> dict[str, Any] | None:
    if "schedule" not in body:
        return None
    said: dict[str, Any] = {"type": kind}
    cron = body.get("cronExpression")
    if body["schedule"] == "cron" and cron:
        said["schedule"] = {"cron": cron}
    elif body["schedule"] != "manual":
        return None
    properties = body.get("properties") or {}
    if kind == "docker-gc":
        said["repository"] = properties.get("repositoryName")
        if properties.get("deployOffset"):
            said["deploy_offset"] = f"{properties['deployOffset']}{_HOUR}"
    elif kind == "docker-uploads":
        said["age"] = f"{properties.get('age', '24')}{_HOUR}"
    else:
        said["blob_store"] = properties.get("blobstoreName")
    if body.get("enabled") is False:
        said["enabled"] = False
    if body.get("alertEmail"):
        said["alert_email"] = body["alertEmail"]
    if body.get("notificationCondition") == "SUCCESS_FAILURE":
        said["notify"] = "always"
    return said


def _roles(taken: Taken, seen: NexusObserved) -> None:
    found: dict[str, Any] = {}
    for name, body in (seen.roles or {}).items():
        if name in _OWN_ROLES or body.get("readOnly") or name in READY_MADE_ROLES:
            continue
        said = {"description": body.get("description") or None,
                **_rights(taken, set(body.get("privileges") or ())),
                "roles": sorted(body.get("roles") or ())}  # fmt: skip
        found[name] = {key: value for key, value in said.items() if value}
    if found:
        taken.put("nexus.roles", found)


def _rights(taken: Taken, privileges: set[str]) -> dict[str, list[str]]:
    """What may be pulled, pushed and deleted, in the inventory's words; the rest by Nexus' own."""
    said: dict[str, list[str]] = {"pull": [], "push": [], "delete": []}
    told: set[str] = set()
    for name, repository in taken.data["registry"]["repositories"].items():
        hosted = repository["type"] == "hosted"
        for key, actions in (("push", PUSH), ("delete", DELETE), ("pull", PULL)):
            wanted = {f"nx-repository-view-docker-{name}-{action}" for action in actions}
            if wanted <= privileges and not wanted <= told and (hosted or key == "pull"):
                said[key].append(name)
                told |= wanted
    return {**said, "privileges": sorted(privileges - told)}


def _users(taken: Taken, seen: NexusObserved) -> None:
    """Named, and ready to be taken over: a user of the inventory has a password behind a reference,
    which is tried, and nobody but the user may know it.
    """
    names = [name for name in seen.users or () if name not in _OWN_USERS]
    if not names:
        return
    taken.say(
        "nexus", "Users are left as they are. To manage them set these passwords, then write:"
    )
    taken.say("nexus", "  users:")
    for name in names:
        body = (seen.users or {})[name]
        roles = ", ".join(sorted(body.get("roles") or ()))
        reference = f"env:{variable_of(name)}_PASSWORD"
        status = ", status: disabled" if body.get("status") == "disabled" else ""
        taken.say("nexus", f"    {name}: {{password: {reference}, roles: [{roles}]{status}}}")
    taken.leave(f"users {', '.join(names)}: their passwords are not known here")
