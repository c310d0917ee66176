"""How a modelled Nexus answers: nulls and defaults for what was never set, secrets never."""

from __future__ import annotations

import copy

_PLAIN_TASK = ("id", "name", "type")
_TYPES = {"file": "File", "s3": "S3"}


def stored(kind, body):
    """What S3 is given in MB it gives back in bytes."""
    quota = body.get("softQuota")
    if kind == "s3" and quota:
        return {**body, "softQuota": {**quota, "limit": quota["limit"] * 1_000_000}}
    return {key: value for key, value in body.items() if kind == "s3" or key != "name"}


def ports(body):
    docker = body.get("docker") or {}
    return [docker[key] for key in ("httpPort", "httpsPort") if docker.get(key)]


def _shown_proxy(found):
    found["routingRuleName"] = found.pop("routingRule", found.get("routingRuleName"))
    found.setdefault("replication", None)
    found["storage"].setdefault("writePolicy", "ALLOW")
    client = found["httpClient"]
    client.setdefault("connection", None)
    login = client.setdefault("authentication", None)
    if login:
        login.pop("bearerToken", None)
        login |= {key: login.get(key) for key in ("username", "ntlmHost", "ntlmDomain",
                                                  "preemptive")} | {"password": None}  # fmt: skip
    ecr = found["dockerProxy"].setdefault("ecrAuth", None)
    if ecr:
        ecr["secretAccessKey"] = None


def shown_repository(item, version):
    """A repository as an answer has it."""
    found = copy.deepcopy(item) | {"url": "https://nexus/x"}
    docker = found.get("docker")
    if docker is None:
        return found
    for key in ("httpPort", "httpsPort", "subdomain"):
        docker.setdefault(key, None)
    if version >= (3, 84, 0):
        docker.setdefault("pathEnabled", False)
    if item["type"] != "group":
        found.setdefault("cleanup", None)
    if item["type"] == "hosted":
        storage = found["storage"]
        storage["writePolicy"] = storage["writePolicy"].upper()
        storage["latestPolicy"] = storage.get("latestPolicy") or None
        found.setdefault("component", {"proprietaryComponents": False})
    if item["type"] == "proxy":
        _shown_proxy(found)
    return found


def shown_store(name, store, *, detailed):
    store = copy.deepcopy(store)
    kind = store.pop("kind")
    listed = {"name": name, "type": _TYPES[kind], "blobCount": 0, "totalSizeInBytes": 0,
              "availableSpaceInBytes": 1, "unavailable": False}  # fmt: skip
    store.setdefault("softQuota", None)
    if kind == "s3":
        for key in ("secretAccessKey", "sessionToken"):
            (store["bucketConfiguration"].get("bucketSecurity") or {}).pop(key, None)
    return {**listed, **store} if detailed else {**listed, "softQuota": store["softQuota"]}


def shown_task(task, version):
    if version < (3, 94, 0):
        return {key: task[key] for key in _PLAIN_TASK}
    frequency = task["frequency"]
    shown = {key: value for key, value in task.items() if key != "frequency"}
    return {"alertEmail": None, "cronExpression": None, "recurringDays": [], **shown,
            **frequency, "currentState": "WAITING"}  # fmt: skip
