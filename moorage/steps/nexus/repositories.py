"""A Docker repository as the REST API wants it, pure.

Source: Nexus' own OpenAPI documents of 3.74, 3.84 and 3.94, ``/v1/repositories/docker/*``;
nexus-public 3.77.1, SimpleApiRepositoryAdapter, for what a GET gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.config.schema.proxy import Http
from moorage.config.schema.proxy_options import Bearer, Login, NoLogin, Ntlm
from moorage.config.schema.registry import Hosted, Proxy, Repository
from moorage.steps.nexus.api import Body, Resolve, Version
from moorage.steps.nexus.fields import at, given
from moorage.steps.nexus.versions import ROUTING_RULE_NAME, UPPER_CASE_POLICIES

SETS = ("cleanup.policyNames", "dockerProxy.foreignLayerUrlWhitelist")
"""Lists whose order means nothing; Nexus keeps the policies' names in a HashSet."""
ANSWERS = ("format", "type", "url")
"""Keys that only answers have."""


def wanted_body(name: str, repository: Repository, secret: Resolve) -> Body:
    """Every field that Moorage manages, spelt as the newest document has it.

    Args:
        secret: resolves a secret reference.
    """
    body: Body = {
        "name": name,
        "online": repository.online,
        "storage": {
            "blobStoreName": repository.blob_store,
            "strictContentTypeValidation": repository.strict_content_type,
        },
        "docker": {
            "v1Enabled": repository.v1,
            "forceBasicAuth": repository.force_basic_auth,
            # a port that is not wanted is taken away, so None stays
            "httpPort": repository.port,
            "httpsPort": repository.https_port,
            **given(
                subdomain=repository.subdomain,
                pathEnabled=repository.path_routing,
            ),
        },
    }
    if isinstance(repository, Hosted):
        _hosted(body, repository)
    elif isinstance(repository, Proxy):
        _proxy(body, repository, secret)
    else:
        writable = given(writableMember=repository.writable_member)
        body["group"] = {"memberNames": list(repository.members), **writable}
    return body


def spelt(body: Body, version: Version) -> Body:
    """A body for a POST or PUT in the spelling of the server's version."""
    spelling = dict(body)
    storage = dict(body["storage"])
    policy = storage.pop("writePolicy", None)
    # proxies and groups give one in their answers too, which means nothing
    if policy is not None and not {"proxy", "group"} & set(body):
        upper = version >= UPPER_CASE_POLICIES
        storage["writePolicy"] = policy.upper() if upper else policy.lower()
    spelling["storage"] = storage
    if version < ROUTING_RULE_NAME and "routingRuleName" in spelling:
        spelling["routingRule"] = spelling.pop("routingRuleName")
    return spelling


def _hosted(body: Body, repository: Hosted) -> None:
    body["storage"] |= {
        "writePolicy": repository.write_policy.upper(),
        **given(latestPolicy=repository.redeploy_latest),
    }
    if repository.cleanup is not None:
        body["cleanup"] = {"policyNames": sorted(set(repository.cleanup))}
    if repository.proprietary_components is not None:
        body["component"] = {"proprietaryComponents": repository.proprietary_components}


def _proxy(body: Body, repository: Proxy, secret: Resolve) -> None:
    body["proxy"] = {
        "remoteUrl": repository.remote_address,
        "contentMaxAge": repository.content_max_age,
        "metadataMaxAge": repository.metadata_max_age,
        **given(preserveEncodedCharacters=repository.preserve_encoded_characters),
    }
    body["negativeCache"] = {
        "enabled": repository.negative_cache > 0,
        "timeToLive": repository.negative_cache,
    }
    body["httpClient"] = {
        "blocked": repository.blocked,
        "autoBlock": repository.auto_block,
        **_connection(repository.http),
    }
    if repository.login is not None:
        body["httpClient"]["authentication"] = _login(repository.login, secret)
    body["dockerProxy"] = {
        "indexType": repository.index_type.upper(),
        **given(
            indexUrl=repository.index_url,
            cacheForeignLayers=repository.foreign_layers,
            foreignLayerUrlWhitelist=repository.foreign_layer_urls,
        ),
    }
    if repository.cleanup is not None:
        body["cleanup"] = {"policyNames": sorted(set(repository.cleanup))}
    _further(body, repository, secret)


def _further(body: Body, repository: Proxy, secret: Resolve) -> None:
    """What few proxies have."""
    if repository.ecr is not None:
        ecr = repository.ecr
        key = secret(ecr.secret_access_key) if ecr.secret_access_key else None
        body["dockerProxy"]["ecrAuth"] = {
            "enabled": True, "awsRegion": ecr.region, "registryId": ecr.registry_id,
            **given(accessKeyId=ecr.access_key_id, secretAccessKey=key),
        }  # fmt: skip
    if repository.firewall is not None:
        body["firewall"] = {"mode": repository.firewall.upper()}
    if repository.replication is not None:
        body["replication"] = {
            "preemptivePullEnabled": repository.replication.preemptive_pull,
            **given(assetPathRegex=repository.replication.assets),
        }
    body |= given(routingRuleName=repository.routing_rule)


def _connection(http: Http) -> Body:
    fields = given(
        retries=http.retries,
        timeout=http.timeout,
        userAgentSuffix=http.user_agent_suffix,
        enableCircularRedirects=http.circular_redirects,
        enableCookies=http.cookies,
        useTrustStore=http.use_trust_store,
    )
    return {"connection": fields} if fields else {}


def _login(login: Login, secret: Resolve) -> Body | None:
    if isinstance(login, NoLogin):
        return None
    if isinstance(login, Bearer):
        return {"type": "bearerToken", "bearerToken": secret(login.token)}
    fields: Body = {"type": login.type, "username": login.user, "password": secret(login.password)}
    if isinstance(login, Ntlm):
        return fields | given(ntlmHost=login.ntlm_host, ntlmDomain=login.ntlm_domain)
    return fields | given(preemptive=login.preemptive)


def kept_logins(seen: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Blocks in which the server keeps a secret that a PUT without it would erase.

    Each with the key of the inventory that it belongs to.
    """
    if at(seen, "httpClient.authentication"):
        yield "httpClient.authentication", "login"
    if at(seen, "dockerProxy.ecrAuth.accessKeyId"):
        yield "dockerProxy.ecrAuth", "ecr"
