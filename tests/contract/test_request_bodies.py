"""Every request that Moorage can make of Nexus fits the documents of three of its versions."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings, strategies
from schema import Document

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.steps.nexus import NexusDesired, NexusStep
from moorage.steps.nexus.api import NexusObserved, Request
from moorage.steps.nexus.repositories import body, flat, merged
from moorage.values import Secret

VERSIONS = {"3.74.0": (3, 74, 0), "3.84.0": (3, 84, 0), "3.94.0": (3, 94, 0)}
DOCUMENTS = {version: Document(version) for version in VERSIONS}
DOCKER = "/v1/repositories/docker"

NOT_MANAGED = {
    "hosted": {
        "cleanup.policyNames", "component.proprietaryComponents", "docker.httpsPort",
        "docker.subdomain", "docker.pathEnabled", "storage.latestPolicy",
    },
    "proxy": {
        "cleanup.policyNames", "docker.httpsPort", "docker.subdomain", "docker.pathEnabled",
        "dockerProxy.cacheForeignLayers", "dockerProxy.foreignLayerUrlWhitelist",
        "dockerProxy.indexUrl", "dockerProxy.ecrAuth.accessKeyId", "dockerProxy.ecrAuth.awsRegion",
        "dockerProxy.ecrAuth.enabled", "dockerProxy.ecrAuth.registryId",
        "dockerProxy.ecrAuth.secretAccessKey", "firewall.mode",
        "httpClient.authentication.bearerToken", "httpClient.authentication.ntlmDomain",
        "httpClient.authentication.ntlmHost", "httpClient.authentication.password",
        "httpClient.authentication.preemptive", "httpClient.authentication.type",
        "httpClient.authentication.username", "httpClient.connection.enableCircularRedirects",
        "httpClient.connection.enableCookies", "httpClient.connection.retries",
        "httpClient.connection.timeout", "httpClient.connection.useTrustStore",
        "httpClient.connection.userAgentSuffix", "proxy.preserveEncodedCharacters",
        "replication.assetPathRegex", "replication.preemptivePullEnabled", "routingRule",
        "routingRuleName", "storage.writePolicy",
    },
    "group": {
        "docker.httpsPort", "docker.subdomain", "docker.pathEnabled", "group.writableMember",
        "storage.writePolicy",
    },
}  # fmt: skip

ports = strategies.none() | strategies.integers(1, 65535)
minutes = strategies.integers(-1, 10**6)
flags = strategies.booleans()
common = {
    "port": ports, "online": flags, "strict_content_type": flags, "force_basic_auth": flags,
    "v1": flags, "blob_store": strategies.just("default"),
}  # fmt: skip
hosted = strategies.builds(
    Hosted, type=strategies.just("hosted"),
    write_policy=strategies.sampled_from(["allow", "allow_once", "deny"]), **common,
)  # fmt: skip
proxies = strategies.builds(
    Proxy, type=strategies.just("proxy"), remote=strategies.just("https://registry-1.docker.io"),
    index=strategies.sampled_from(["hub", "registry"]), content_max_age=minutes,
    metadata_max_age=minutes, negative_cache=strategies.integers(0, 10**6), auto_block=flags,
    **common,
)  # fmt: skip
groups = strategies.builds(
    Group, type=strategies.just("group"), members=strategies.just(["docker-private", "docker-hub"]),
    **common,
)  # fmt: skip
repositories = hosted | proxies | groups


def faults(version, method, path, value):
    document = DOCUMENTS[version]
    return list(document.faults(document.body(method, path), value))


@pytest.mark.parametrize("version", VERSIONS)
@given(repository=repositories)
@settings(max_examples=60, deadline=None)
def test_a_repository_of_any_settings_fits(version, repository):
    made = body("docker-x", repository, VERSIONS[version])

    assert faults(version, "POST", f"{DOCKER}/{repository.type}", made) == []


@pytest.mark.parametrize("version", VERSIONS)
@given(repository=repositories)
@settings(max_examples=30, deadline=None)
def test_a_change_of_what_nexus_gave_fits(version, repository):
    wanted = body("docker-x", repository, VERSIONS[version])
    given_by_nexus = {
        **wanted, "format": "docker", "type": repository.type, "url": "https://nexus/x",
        "cleanup": None, "routingRuleName": None,
    }  # fmt: skip
    made = merged(wanted, given_by_nexus, VERSIONS[version])

    path = f"{DOCKER}/{repository.type}/{{repositoryName}}"
    assert faults(version, "PUT", path, made) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_routing_rule_that_nexus_gave_fits_when_sent_back(version):
    wanted = body("x", Proxy(type="proxy", remote="https://1.1.1.1"), VERSIONS[version])

    made = merged(wanted, {**wanted, "routingRuleName": "no-latest"}, VERSIONS[version])

    assert faults(version, "PUT", f"{DOCKER}/proxy/{{repositoryName}}", made) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "repository",
    [
        Hosted(type="hosted", port=1),
        Proxy(type="proxy", remote="https://1.1.1.1", port=1),
        Group(type="group", members=["a"], port=1),
    ],
)
def test_every_field_of_the_documents_is_sent_or_known_as_not_managed(version, repository):
    document = DOCUMENTS[version]
    kind = repository.type
    known = set(document.leaves(document.body("POST", f"{DOCKER}/{kind}")))
    sent = set(flat(body("x", repository, VERSIONS[version])))

    assert known - sent <= NOT_MANAGED[kind]
    assert sent <= known


def test_nothing_is_called_not_managed_that_no_document_has():
    for kind, listed in NOT_MANAGED.items():
        known = set()
        for document in DOCUMENTS.values():
            known |= set(document.leaves(document.body("POST", f"{DOCKER}/{kind}")))
        assert listed <= known


OBSERVED = NexusObserved(
    version=(3, 94, 0),
    login="initial",
    eula={"accepted": False, "disclaimer": "Use of Sonatype Nexus Repository…"},
    onboarding=frozenset({"ChangeAdminPassword", "ConfigureAnonymousAccess"}),
    anonymous={"enabled": False, "userId": "anonymous", "realmName": "NexusAuthorizingRealm"},
    realms=("NexusAuthenticatingRealm",),
    ssrf_protection={"enabled": True, "allowedIPs": ["10.0.0.1"], "allowedDomains": []},
)


def requests(observed=OBSERVED):
    wanted = NexusDesired(
        accept_eula=True, anonymous=True, allowed_remotes=("10.0.0.2", "hub.internal"),
        repositories={"docker-private": Hosted(type="hosted", port=8083)},
    )  # fmt: skip
    step = NexusStep(
        None, wanted, ready=lambda _: None, password=Secret("x"), initial_password=lambda: None
    )
    plan = step.plan(observed)
    actions = [action for change in plan.changes for action in change.actions]
    return [action for action in actions if isinstance(action, Request)]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_other_request_fits_where_the_version_has_it(version):
    document = DOCUMENTS[version]
    seen = []
    for request in requests(dataclasses.replace(OBSERVED, version=VERSIONS[version])):
        path = request.path.removeprefix("/service/rest")
        if document.has(request.method, path):
            assert faults(version, request.method, path, request.body) == [], request.summary
            seen.append(path)

    assert {"/v1/security/anonymous", "/v1/security/realms/active", f"{DOCKER}/hosted"} <= set(seen)
    assert ("/v1/system/eula" in seen) == (VERSIONS[version] >= (3, 77, 0))
    assert ("/v1/security/ssrf-protection" in seen) == (VERSIONS[version] >= (3, 92, 0))


def test_what_a_version_lacks_is_not_asked_of_it():
    old = dataclasses.replace(OBSERVED, version=(3, 74, 0), eula=None, ssrf_protection=None)
    document = DOCUMENTS["3.74.0"]

    for request in requests(old):
        assert document.has(request.method, request.path.removeprefix("/service/rest"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_password_is_sent_as_plain_text(version):
    path = "/v1/security/users/{userId}/change-password"

    assert DOCUMENTS[version].body("PUT", path, "text/plain") == {"type": "string"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"unheard": 1}, "body.unheard: unknown"),
        ({"online": "yes"}, "body.online: 'yes' is no boolean"),
        ({"name": ""}, "body.name: too short"),
        ({"docker": {"v1Enabled": False}}, "body.docker.forceBasicAuth: missing"),
        ({"docker": {"v1Enabled": False, "forceBasicAuth": True, "httpPort": True}},
         "body.docker.httpPort: True is no integer"),
    ],
)  # fmt: skip
def test_the_check_itself_finds_faults(change, fault):
    good = body("x", Hosted(type="hosted"), (3, 94, 0))

    assert fault in faults("3.94.0", "POST", f"{DOCKER}/hosted", {**good, **change})


def test_the_check_finds_a_field_that_is_missing_at_the_top():
    assert "body.name: missing" in faults("3.94.0", "POST", f"{DOCKER}/hosted", {})
