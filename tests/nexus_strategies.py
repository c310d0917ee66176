"""Any inventory, as far as Nexus is concerned (hypothesis)."""

from __future__ import annotations

from hypothesis import strategies as st
from pydantic import ValidationError

from moorage.config.schema.blobstores import Encryption, FileStore, Quota, S3Store
from moorage.config.schema.floors import blob_store_needs, repository_needs
from moorage.config.schema.people import Role, User
from moorage.config.schema.proxy import Http
from moorage.config.schema.proxy_options import Bearer, Ecr, NoLogin, Ntlm, Replication, Username
from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.config.schema.upkeep import (
    CleanupPolicy,
    CompactBlobStore,
    DockerGc,
    DockerUploads,
    Monthly,
    Schedule,
    Weekly,
)
from moorage.steps.nexus import NexusDesired
from moorage.values import Secret

NEWEST = (3, 94, 0)
PORTS = range(8001, 8007)
HOSTED, PROXIES, GROUPS = ("own", "team"), ("hub", "mirror"), ("all", "few")

flags = st.booleans()
minutes = st.integers(-1, 10**6)
words = st.sampled_from(["a", "b.c", "ü"])
references = st.sampled_from(["env:ONE", "env:TWO"])


def maybe(strategy):
    return st.none() | strategy


def valid(model, **fields):
    """A model of any values, less those that contradict each other."""

    def build(values):
        try:
            return model(**values)
        except ValidationError:
            return None

    return st.fixed_dictionaries(fields).map(build).filter(lambda made: made is not None)


def only(value):
    return st.just(value)


common = {
    "path_routing": maybe(flags), "subdomain": maybe(st.sampled_from(["own", "hub"])),
    "online": flags, "blob_store": st.sampled_from(["default", "default", "images"]),
    "strict_content_type": flags, "force_basic_auth": flags, "v1": flags,
}  # fmt: skip
cleanups = maybe(st.lists(st.sampled_from(["stale", "old"]), unique=True))
logins = (
    valid(Username, type=only("username"), user=words, password=references, preemptive=maybe(flags))
    | valid(Ntlm, type=only("ntlm"), user=words, password=references, ntlm_host=maybe(words),
            ntlm_domain=maybe(words))
    | valid(Bearer, type=only("bearer"), token=references)
    | only(NoLogin(type="none"))
)  # fmt: skip
https = valid(
    Http, retries=maybe(st.integers(0, 10)), timeout=maybe(st.integers(1, 3600)),
    user_agent_suffix=maybe(words), circular_redirects=maybe(flags), cookies=maybe(flags),
    use_trust_store=maybe(flags),
)  # fmt: skip
ecrs = valid(Ecr, region=words, registry_id=only("123456789012"), access_key_id=only("ID"),
             secret_access_key=references)  # fmt: skip
hosted = valid(
    Hosted, type=only("hosted"), write_policy=st.sampled_from(["allow", "allow_once", "deny"]),
    redeploy_latest=maybe(flags), cleanup=cleanups, proprietary_components=maybe(flags), **common,
)  # fmt: skip
proxies = valid(
    Proxy, type=only("proxy"),
    remote=st.sampled_from(["docker-hub", "ghcr", "https://1.1.1.1", "http://registry.test:5000"]),
    index=maybe(st.sampled_from(["hub", "registry", "custom"])),
    index_url=maybe(only("https://index.test")), content_max_age=minutes, metadata_max_age=minutes,
    negative_cache=st.integers(0, 10**6), auto_block=flags, blocked=flags,
    foreign_layers=maybe(flags), foreign_layer_urls=maybe(st.lists(words, unique=True)),
    login=maybe(logins), http=https, ecr=maybe(ecrs),
    firewall=maybe(st.sampled_from(["disabled", "audit", "quarantine", "pccs"])),
    routing_rule=maybe(words), preserve_encoded_characters=maybe(flags),
    replication=maybe(valid(Replication, preemptive_pull=flags, assets=maybe(words))),
    cleanup=cleanups, **common,
)  # fmt: skip
quotas = valid(Quota, type=st.sampled_from(["remaining", "used"]),
               limit=st.sampled_from(["1g", "512m"]))  # fmt: skip
file_stores = valid(FileStore, type=only("file"), path=only("images"), quota=maybe(quotas))
s3_stores = valid(
    S3Store, type=only("s3"), bucket=only("cold"), region=words, prefix=only("p"),
    expiration=st.integers(-1, 99), access_key_id=maybe(words),
    secret_access_key=maybe(references), session_token=maybe(references), role=maybe(words),
    encryption=maybe(valid(Encryption, type=st.sampled_from(["s3", "kms"]), key=maybe(words))),
    endpoint=maybe(only("https://s3.test")), path_style=maybe(flags), signer=maybe(words),
    max_connections=maybe(st.integers(1, 100)), pre_signed_urls=maybe(flags),
    quota=maybe(quotas),
)  # fmt: skip
days = maybe(st.integers(1, 999))
policies = valid(
    CleanupPolicy, notes=maybe(words), last_downloaded=days, last_published=days,
    asset_regex=maybe(words), retain=maybe(st.integers(1, 9)),
)  # fmt: skip
schedules = (
    only(Schedule())
    | valid(Schedule, hourly=st.integers(0, 59))
    | valid(Schedule, daily=only("03:05"))
    | valid(Schedule, weekly=only(Weekly(day="sunday", at="00:30")))
    | valid(Schedule, monthly=st.sampled_from([Monthly(day=1, at="23:59"),
                                               Monthly(day="last", at="04:00")]))
    | valid(Schedule, cron=only("0 0 3 * * ?"))
)  # fmt: skip
task = {"schedule": schedules, "enabled": flags, "alert_email": maybe(only("ops@example.com")),
        "notify": st.sampled_from(["failure", "always"])}  # fmt: skip
hours = st.sampled_from(["1h", "24h"])


def stores():
    return st.fixed_dictionaries({"images": file_stores}, optional={"cold": s3_stores})


def fitting(model, version):
    """A repository or blob store without the keys that the version lacks."""
    found = {key.partition(".")[0]: None for key, floor in
             [*repository_needs(model), *blob_store_needs(model)] if version < floor}  # fmt: skip
    return model.model_copy(update=found)


@st.composite
def repositories(draw, version=NEWEST):
    """Any of the names, in any order; groups of what is there; ports of a small pool."""
    ports = draw(st.permutations([*PORTS, None, None, None, None]))
    found = {}
    for names, kinds in ((HOSTED, hosted), (PROXIES, proxies)):
        for name in draw(st.lists(st.sampled_from(names), unique=True)):
            made = fitting(draw(kinds), version)
            found[name] = made.model_copy(update={"port": ports.pop(), "https_port": ports.pop()})
    members = list(found)
    for name in draw(st.lists(st.sampled_from(GROUPS), unique=True)) if members else ():
        chosen = draw(st.lists(st.sampled_from(members), min_size=1, unique=True))
        group = Group(type="group", members=chosen, port=ports.pop(), blob_store="default",
                      online=draw(flags), writable_member=draw(maybe(only(chosen[0]))))  # fmt: skip
        found[name] = group
        members.append(name)
    order = draw(st.permutations(list(found)))
    return {name: found[name] for name in order}


@st.composite
def inventories(draw, version=NEWEST, **flags_of_run):
    """What an inventory may ask of a Nexus of a version."""
    made = draw(repositories(version))
    names, owned = st.sampled_from(list(made) or ["x"]), [name for name in HOSTED if name in made]
    some = st.lists(names, unique=True) if made else only([])
    own = st.lists(st.sampled_from(owned), unique=True) if owned else only([])
    roles = draw(st.fixed_dictionaries({}, optional={
        "readers": valid(Role, description=maybe(words), pull=some),
        "writers": valid(Role, pull=some, push=own, delete=own, privileges=only(["nx-all"])),
    }))  # fmt: skip
    ready = ["docker-pull", "docker-push"] if owned else []
    has = st.lists(st.sampled_from([*roles, *ready, "nx-admin"]), min_size=1, unique=True)
    users = valid(User, password=references, roles=has, first_name=maybe(words),
                  last_name=maybe(words), email=maybe(only("a@example.com")),
                  status=st.sampled_from(["active", "disabled"]))  # fmt: skip
    keeping = [name for name in made if name not in GROUPS]
    tasks = {
        "compact": valid(CompactBlobStore, type=only("compact-blob-store"), **task),
        "uploads": valid(DockerUploads, type=only("docker-uploads"), age=hours, **task),
    }
    if keeping:
        tasks["layers"] = valid(DockerGc, type=only("docker-gc"), deploy_offset=maybe(hours),
                                repository=st.sampled_from(keeping), **task)  # fmt: skip
    return NexusDesired(
        accept_eula=True,
        anonymous=draw(flags),
        allowed_remotes=tuple(draw(st.lists(st.sampled_from(["10.0.0.1", "hub.test"])))),
        base_url=draw(maybe(st.sampled_from(["https://a.test", "https://b.test"]))),
        repositories=made,
        blob_stores={name: fitting(store, version) for name, store in draw(stores()).items()},
        cleanup_policies=draw(st.fixed_dictionaries({"stale": policies, "old": policies})),
        tasks=draw(st.fixed_dictionaries({}, optional=tasks)),
        roles=roles,
        users=draw(st.fixed_dictionaries({}, optional={"ci": users, "jane": users})),
        pull_from=next(iter(made), "x"),
        push_to=owned[0] if owned else "x",
        secret=Secret,
        **flags_of_run,
    )
