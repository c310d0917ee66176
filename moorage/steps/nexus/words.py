"""The server's messages by the inventory's keys.

Nexus names the place of a fault in ways of its own: ``HelperBean.memberNames``, ``PARAMETER
storage.writePolicy``, ``BlobStoreName`` (nexus-public 3.77.1, siesta's exception mappers and
AbstractRepositoriesApiResource). Its last word is the field of the request's body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_KEYS = {
    "memberNames": "members",
    "writableMember": "writable_member",
    "blobStoreName": "blob_store",
    "strictContentTypeValidation": "strict_content_type",
    "writePolicy": "write_policy",
    "latestPolicy": "redeploy_latest",
    "policyNames": "cleanup",
    "httpPort": "port",
    "httpsPort": "https_port",
    "subdomain": "subdomain",
    "pathEnabled": "path_routing",
    "remoteUrl": "remote",
    "indexType": "index",
    "indexUrl": "index_url",
    "foreignLayerUrlWhitelist": "foreign_layer_urls",
    "contentMaxAge": "content_max_age",
    "metadataMaxAge": "metadata_max_age",
    "timeToLive": "negative_cache",
    "timeout": "http.timeout",
    "retries": "http.retries",
    "userAgentSuffix": "http.user_agent_suffix",
    "useTrustStore": "http.use_trust_store",
    "username": "login.user",
    "routingRuleName": "routing_rule",
    "routingRule": "routing_rule",
    "assetPathRegex": "replication.assets",
    "criteriaLastDownloaded": "last_downloaded",
    "criteriaLastBlobUpdated": "last_published",
    "criteriaAssetRegex": "asset_regex",
    "retain": "retain",
    "sortBy": "sort_by",
    "path": "path",
    "limit": "quota.limit",
    "region": "region",
    "endpoint": "endpoint",
    "expiration": "expiration",
    "encryptionType": "encryption.type",
    "encryptionKey": "encryption.key",
    "maxConnectionPoolSize": "max_connections",
    "roles": "roles",
    "privileges": "privileges",
    "firstName": "first_name",
    "lastName": "last_name",
    "emailAddress": "email",
    "status": "status",
    "password": "password",
    "repositoryName": "repository",
    "blobstoreName": "blob_store",
    "age": "age",
    "cronExpression": "schedule",
    "schedule": "schedule",
    "alertEmail": "alert_email",
    "name": "",
    "id": "",
    "userId": "",
}
_SPELT = {word.lower(): key for word, key in _KEYS.items()}
_LINE = re.compile(r"(?P<place>[\w\[\]. -]*[\w\]]): (?P<text>.+)")


def in_the_inventorys_words(field: str, messages: Iterable[str]) -> list[str]:
    """Messages with the inventory's key in front, where the server's place has one.

    Args:
        field: dotted path of what the request is about.
        messages: one a line, ``place: text`` where the server names a place.
    """
    return [_worded(field, message) for message in messages]


def _worded(field: str, message: str) -> str:
    found = _LINE.fullmatch(message)
    word = re.split(r"[. ]", found["place"])[-1].partition("[")[0] if found else ""
    key = _SPELT.get(word.lower())
    if not (field and found and key is not None):
        return message
    return f"{field}.{key}: {found['text']}" if key else f"{field}: {found['text']}"
