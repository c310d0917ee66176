"""An inventory with every key that a version of Nexus takes, and one that changes all of it."""

from __future__ import annotations

import dataclasses

from nexus_strategies import fitting

from moorage.config.schema.blobstores import Encryption, FileStore, Quota, S3Store
from moorage.config.schema.people import Role, User
from moorage.config.schema.proxy import Http
from moorage.config.schema.proxy_options import Bearer, Ecr, Ntlm, Replication, Username
from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.config.schema.upkeep import (
    CleanupPolicy,
    CompactBlobStore,
    DockerGc,
    DockerUploads,
    Schedule,
)
from moorage.steps.nexus import NexusDesired
from moorage.values import Secret

COMMON = {"subdomain": "own", "path_routing": True}
TASK = {"schedule": Schedule(daily="03:00"), "alert_email": "ops@example.com"}


def _repositories(version):
    """One of each kind, with every key of it."""
    proxy = {"type": "proxy", "remote": "https://1.1.1.1"}
    return {
        "own": Hosted(type="hosted", port=1, https_port=2, write_policy="allow_once",
                      redeploy_latest=True, cleanup=["stale"], proprietary_components=True,
                      **COMMON),
        "hub": Proxy(
            **proxy, port=3, https_port=4, index="custom", index_url="https://index.test",
            foreign_layers=True, foreign_layer_urls=[".*"], cleanup=["stale"], **COMMON,
            login=Username(type="username", user="bot", password="env:A", preemptive=True),
            http=Http(retries=1, timeout=9, user_agent_suffix="x", circular_redirects=True,
                      cookies=True, use_trust_store=True),
            firewall="audit", routing_rule="r", preserve_encoded_characters=True,
            replication=Replication(preemptive_pull=True, assets=".*"),
        ),
        "windows": Proxy(**proxy, login=Ntlm(type="ntlm", user="bot", password="env:B",
                                             ntlm_host="h", ntlm_domain="D")),
        "partner": Proxy(**proxy, login=Bearer(type="bearer", token="env:C"))
        if version >= (3, 81, 0) else Proxy(**proxy),
        "elastic": Proxy(**proxy, ecr=Ecr(region="eu", registry_id="123456789012",
                                          access_key_id="ID", secret_access_key="env:D")),
        "all": Group(type="group", port=5, https_port=6, members=["own", "hub"],
                     writable_member="own", **COMMON),
    }  # fmt: skip


def _blob_stores():
    """One of each kind, with every key of it."""
    return {
        "images": FileStore(type="file", path="images", quota=Quota(type="used", limit="10g")),
        "cold": S3Store(
            type="s3", bucket="b", region="eu", prefix="p", access_key_id="ID",
            secret_access_key="env:E", session_token="env:F", role="r", endpoint="https://s3.test",
            encryption=Encryption(type="kms", key="k"), path_style=True, signer="S3SignerType",
            max_connections=9, pre_signed_urls=True, quota=Quota(type="remaining", limit="10g"),
        ),
    }  # fmt: skip


def everything(version) -> NexusDesired:
    """Every key set."""
    order = {"sort_by": "date"} if version >= (3, 94, 0) else {}
    return NexusDesired(
        accept_eula=True, anonymous=True, allowed_remotes=("10.0.0.2", "hub.internal"),
        base_url="https://nexus.test", secret=Secret, pull_from="all", push_to="own",
        repositories={name: fitting(item, version)
                      for name, item in _repositories(version).items()},
        blob_stores={name: fitting(item, version) for name, item in _blob_stores().items()},
        cleanup_policies={"stale": CleanupPolicy(
            notes="n", last_downloaded=1, last_published=2, asset_regex=".*", retain=3,
            **order)},
        tasks={
            "layers": DockerGc(type="docker-gc", repository="own", deploy_offset="24h", **TASK),
            "uploads": DockerUploads(type="docker-uploads", **TASK),
            "compact": CompactBlobStore(type="compact-blob-store", **TASK),
        },
        roles={"team": Role(description="d", pull=["all"], push=["own"], delete=["own"],
                            privileges=["nx-all"], roles=["docker-pull"])},
        users={"ci": User(password="env:G", roles=["team", "docker-push"], first_name="C",
                          last_name="I", email="ci@example.com")},
    )  # fmt: skip


def changed(wanted: NexusDesired) -> NexusDesired:
    """Something else of everything, so that each thing is sent once more, with its secrets."""

    def other(things, **update):
        return {name: item.model_copy(update=update) for name, item in things.items()}

    return dataclasses.replace(
        wanted, anonymous=False, base_url="https://other.test", resend_passwords=True,
        repositories=other(wanted.repositories, online=False),
        blob_stores=other(wanted.blob_stores, quota=Quota(type="used", limit="9g")),
        cleanup_policies=other(wanted.cleanup_policies, last_downloaded=9),
        tasks=other(wanted.tasks, enabled=False, schedule=Schedule(hourly=5)),
        roles=other(wanted.roles, description="other"),
        users=other(wanted.users, first_name="Other", password="env:H"),
    )  # fmt: skip
