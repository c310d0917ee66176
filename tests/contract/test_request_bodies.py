"""Every request that Moorage can make of Nexus fits the documents of three of its versions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from document import Document
from hypothesis import HealthCheck, given, reject, settings, strategies
from nexus_model import NexusModel
from nexus_strategies import inventories
from whole_inventory import changed, everything

from moorage.config.inventory import load_site
from moorage.errors import Refused
from moorage.steps.nexus import desired
from moorage.steps.nexus.api import ChangePassword, Scope
from moorage.steps.nexus.fields import flat
from moorage.steps.nexus.reading import read
from moorage.steps.nexus.step import plan
from moorage.values import Secret

VERSIONS = {"3.74.0": (3, 74, 0), "3.84.0": (3, 84, 0), "3.94.0": (3, 94, 0)}
DOCUMENTS = {version: Document(version) for version in VERSIONS}
PASSWORD = Secret("configured")
FEW = settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.filter_too_much],
)  # fmt: skip

ELSEWHERE = {
    # not in the documents at hand; nexus-public 3.77.1, CapabilityResource
    *(f"/v1/capabilities{one}" for one in ("", "/c1")),
    # the wizard's questions; nexus-public 3.77.1, OnboardingResource
    "/internal/ui/onboarding",
}  # fmt: skip

INTERNAL = ("/internal/cleanup-policies", True)
"""Not in the documents before 3.94, which come from Pro; nexus-public, CleanupPolicyResource."""

NOT_MANAGED = {
    # means nothing for a proxy or a group, and is spelt otherwise than for a hosted repository
    "repositories/docker/proxy": {"storage.writePolicy"},
    "repositories/docker/group": {"storage.writePolicy"},
    # the same as softQuota, as Nexus keeps it
    "blobstores/file": {
        "softQuotaAttributes.attributes", "softQuotaAttributes.name", "softQuotaAttributes.type",
        "softQuotaAttributes.writable",
    },
    "blobstores/s3": {
        # answers only; and a second name for bucketSecurity and advancedBucketConnection
        "bucketConfiguration.activeRegion", "type",
        *(f"bucketConfiguration.security.{key}" for key in (
            "accessKeyId", "role", "secretAccessKey", "sessionToken")),
        *(f"bucketConfiguration.advancedConnection.{key}" for key in (
            "endpoint", "forcePathStyle", "maxConnectionPoolSize", "signerType")),
        # several regions are Pro's, and a cluster's, business: what is there is sent back
        "bucketConfiguration.failoverBuckets",
    },
    # answers; which repositories have a policy is said by the repositories
    # and Docker's versions are no releases (nexus-public, CleanupPolicyResource)
    "cleanup-policies": {"inUseCount", "repositories", "criteriaReleaseType"},
    # a date to start from would differ at each run, so schedules are cron expressions, in the
    # server's own time zone; nothing here runs beside itself
    "tasks": {"frequency.recurringDays", "frequency.startDate", "frequency.timeZoneOffset",
              "concurrentRun"},
}  # fmt: skip


KINDS = (
    "repositories/docker/hosted", "repositories/docker/proxy", "repositories/docker/group",
    "blobstores/file", "blobstores/s3", "cleanup-policies", "tasks", "security/roles",
    "security/users",
)  # fmt: skip


def server(version):
    """A Pro server, so that everything is there; the document of 3.94 has no Pro paths."""
    return NexusModel(VERSIONS[version], "PRO")


def carried_out(model, wanted):
    """Plan and send; every request, one for each change of a password too."""
    made = plan(wanted, model.read(wanted.scope(), "configured"), PASSWORD)
    sent = []
    for change in made.changes:
        for action in change.actions:
            if isinstance(action, ChangePassword):
                model.change_password(action.user, action.password)
            else:
                model.send(action)
            sent.append(action)
    return sent


def path_of(request):
    return request.path.removeprefix("/service/rest")


def faults(version, requests):
    document = DOCUMENTS[version]
    found = []
    for request in requests:
        if isinstance(request, ChangePassword):
            path = f"/v1/security/users/{request.user}/change-password"
            found += document.faults("PUT", path, request.password.reveal())
        elif path_of(request) not in ELSEWHERE and has_it(version, path_of(request)):
            body = json.loads(json.dumps(request.body, default=Secret.reveal))
            found += [f"{request.summary}: {fault}" for fault in
                      document.faults(request.method, path_of(request), body)]  # fmt: skip
    return found


def has_it(version, path):
    """The model always has a licence and SSRF protection; a server only from some version on."""
    since = {"/v1/system/eula": (3, 77, 0), "/v1/security/ssrf-protection": (3, 92, 0)}
    return VERSIONS[version] >= since.get(path, (0, 0, 0))


@pytest.mark.parametrize("version", VERSIONS)
@FEW
@given(data=strategies.data())
def test_what_any_inventory_makes_of_any_other_fits(version, data):
    before = data.draw(inventories(VERSIONS[version]))
    wanted = data.draw(inventories(VERSIONS[version], prune=True, resend_passwords=True))
    model = server(version)
    try:
        requests = [*carried_out(model, before), *carried_out(model, wanted)]
    except Refused:
        reject()
    assert faults(version, requests) == []


def made_and_changed(version):
    """Requests for an inventory that has every key, and for changes of everything in it."""
    model = server(version)
    wanted = everything(VERSIONS[version])
    return carried_out(model, wanted), carried_out(model, changed(wanted))


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_that_can_be_said_fits(version):
    made, again = made_and_changed(version)

    assert faults(version, [*made, *again]) == []


def test_the_example_can_be_seeded_and_stays_as_it_is():
    root = Path(__file__).resolve().parents[2]
    site = load_site("example", root=root, environ={})
    wanted = replace(desired(site, Secret, prune=False, resend_passwords=False), accept_eula=True)
    model = server("3.94.0")

    assert faults("3.94.0", carried_out(model, wanted)) == []
    assert carried_out(model, wanted) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("number", "method"), [(0, "POST"), (1, "PUT")])
def test_every_field_of_the_documents_is_sent_or_known_as_not_managed(version, number, method):
    document = DOCUMENTS[version]
    sent, known = {}, {}
    for request in made_and_changed(version)[number]:
        if isinstance(request, ChangePassword) or request.method != method:
            continue
        path = path_of(request)
        if not isinstance(request.body, dict) or path in ELSEWHERE or not has_it(version, path):
            continue
        kind = kind_of(path)
        fields = {place if not place.startswith("properties.") else "properties"
                  for place in flat(request.body)}  # fmt: skip
        sent.setdefault(kind, set()).update(fields)
        known.setdefault(kind, set()).update(document.leaves(method, path))
    for kind, fields in known.items():
        assert fields - sent[kind] <= NOT_MANAGED.get(kind, set()), kind
        assert sent[kind] <= fields, kind
    # an older Nexus does not tell what a task is set to, so none is ever changed there
    expected = set(KINDS)
    if method == "PUT" and VERSIONS[version] < (3, 94, 0):
        expected.remove("tasks")
    assert expected <= set(known)


def kind_of(path):
    """A path without the name at its end."""
    words = path.removeprefix("/internal").removeprefix("/v1").strip("/").split("/")
    length = {"repositories": 3, "blobstores": 2, "security": 2}.get(words[0], 1)
    return "/".join(words[:length])


def test_nothing_is_called_not_managed_that_no_document_has():
    for kind, listed in NOT_MANAGED.items():
        known = set()
        for document in DOCUMENTS.values():
            for api in ("v1", "internal"):
                if document.operation("POST", f"/{api}/{kind}"):
                    known |= document.leaves("POST", f"/{api}/{kind}")
        assert listed <= known, kind


class Listening:
    """Answers every reading with next to nothing, and notes what was asked."""

    def __init__(self):
        self.asked = []

    def get(self, path, params=None, *, missing=()):
        self.asked.append((path.removeprefix("/service/rest"), set(params or {})))
        if path.endswith(("/tasks", "/components", "/assets")):
            return {"items": [], "continuationToken": None}
        if path.endswith("/blobstores"):
            return [{"name": "images", "type": "File"}, {"name": "cold", "type": "S3"}]
        if path.endswith("/repositorySettings"):
            return [{"name": "raw", "format": "raw", "type": "hosted"}]
        if path.endswith("/users"):
            return [{"userId": "ci", "status": "active"}]
        return [] if not path.endswith(("images", "cold", "anonymous")) else {}

    def takes(self, user, password):
        self.asked.append(("/v1/security/users", {"userId"}))
        return True

    def together(self, readings):
        return {name: reading() for name, reading in readings.items()}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("edition", ["PRO", "COMMUNITY"])
def test_what_is_read_is_in_the_documents(version, edition):
    api, document = Listening(), DOCUMENTS[version]
    scope = Scope(
        users={"ci": Secret("x")}, roles=True, cleanup_policies=True, tasks=frozenset({"t"}),
        blob_stores=frozenset({"images", "cold"}), base_url=True, allowed_remotes=True,
        held=frozenset(),
    )  # fmt: skip

    read(api, scope, VERSIONS[version], edition, "configured")

    old = VERSIONS[version] < (3, 94, 0)
    asked = [(path, params) for path, params in api.asked
             if path not in ELSEWHERE and (path, old) != INTERNAL]  # fmt: skip
    assert [path for path, _ in asked if document.operation("GET", path) is None] == []
    assert {path: unknown for path, params in asked
            if (unknown := document.unknown_parameters(path, params))} == {}  # fmt: skip
    assert len(asked) >= 13


@pytest.mark.parametrize("version", VERSIONS)
def test_the_password_is_sent_as_plain_text(version):
    path = "/v1/security/users/admin/change-password"

    assert DOCUMENTS[version].kind("PUT", path) == ["text/plain"]


GOOD = {"name": "x", "online": True, "storage": {"blobStoreName": "default",
        "strictContentTypeValidation": True, "writePolicy": "ALLOW"},
        "docker": {"v1Enabled": False, "forceBasicAuth": True}}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"unheard": 1}, "'unheard' was unexpected"),
        ({"online": "yes"}, "$.online: 'yes' is not of type 'boolean'"),
        ({"name": ""}, "$.name: '' should be non-empty"),
        ({"docker": {"v1Enabled": False}}, "$.docker: 'forceBasicAuth' is a required property"),
        ({"docker": {**GOOD["docker"], "httpPort": True}}, "True is not of type 'integer'"),
        ({"docker": {**GOOD["docker"], "httpPort": 2**31}}, "is not a 'int32'"),
        ({"docker": {**GOOD["docker"], "unheard": 1}}, "'unheard' was unexpected"),
    ],
)  # fmt: skip
def test_the_judge_itself_finds_faults(change, fault):
    found = DOCUMENTS["3.94.0"].faults("POST", "/v1/repositories/docker/hosted", {**GOOD, **change})

    assert (fault is None and not found) or any(fault in one for one in found)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "/v1/tasks"), ("POST", "/v1/repositories/docker/hosted/x"), ("POST", "/v1/nothing")],
)
def test_the_judge_knows_no_other_methods_and_paths(method, path):
    assert DOCUMENTS["3.94.0"].faults(method, path, {}) == [f"{method} {path} is unknown"]


def test_a_property_called_properties_does_not_confuse_the_judge():
    task = {"type": "t", "name": "n", "enabled": True, "notificationCondition": "FAILURE",
            "frequency": {"schedule": "manual"}, "properties": {"any": "text"}}  # fmt: skip
    document = DOCUMENTS["3.94.0"]

    assert document.faults("POST", "/v1/tasks", task) == []
    assert document.faults("POST", "/v1/tasks", {**task, "properties": {"any": 1}}) != []
    assert document.faults("POST", "/v1/tasks", {**task, "other": 1}) != []
