"""Any site that is rendered, run and taken over again stays as it is (hypothesis)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from nexus_strategies import repositories
from pydantic import TypeAdapter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "takeover"))
from running_site import _told, fields_of, found_of

from moorage import documents
from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.config.schema.registry import Repository
from moorage.config.validate import site_from
from moorage.config.yamlfile import read_yaml
from moorage.errors import InventoryError
from moorage.steps.nexus.fields import compared
from moorage.steps.nexus.repositories import SETS, wanted_body
from moorage.takeover.repositories import take_repositories
from moorage.takeover.take import take
from moorage.takeover.taken import Taken
from moorage.takeover.text import inventory_text
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "inventories/lab/site.yml"


def maybe(strategy):
    return st.none() | strategy


durations = st.integers(1, 9000).map(lambda seconds: f"{seconds}s")
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
names = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)
stacks = st.fixed_dictionaries({}, optional={
    "name": names, "service": names,
    "placement": maybe(st.fixed_dictionaries({"nodes": st.lists(
        st.sampled_from(["worker", "manager"]), min_size=1, unique=True),
        "failover": st.booleans()})),
    "constraints": st.lists(st.sampled_from(["node.role == manager", "node.labels.a != b"]),
                            unique=True),
    "healthcheck": maybe(st.fixed_dictionaries({
        "interval": durations, "timeout": durations, "start_period": durations,
        "retries": st.integers(1, 9)})),
    "update": maybe(st.fixed_dictionaries({
        "failure_action": st.sampled_from(["pause", "continue", "rollback"]),
        "monitor": durations})),
    "restart": maybe(st.fixed_dictionaries({
        "condition": st.sampled_from(["any", "on-failure", "none"]), "delay": durations})),
    "stop_grace_period": maybe(durations), "nofile": maybe(st.integers(1024, 10**6)),
    "further": st.fixed_dictionaries({}, optional={
        "hostname": names, "init": st.booleans(), "dns": st.just(["10.0.0.1", "10.0.0.2"]),
        "logging": st.fixed_dictionaries({"driver": names, "options": st.dictionaries(
            names, words, max_size=2)}),
        "labels": st.dictionaries(names, words, min_size=1, max_size=2),
        "networks": st.just(["backend"]), "command": st.lists(words, min_size=1, max_size=3),
    }),
})  # fmt: skip
ingresses = st.fixed_dictionaries({}, optional={
    "version": st.sampled_from(["1.7", "2.11", "3.1", "3.7"]),
    "routing": st.sampled_from(["split", "split-safe"]), "network": st.just("proxy"),
    "entrypoints": st.lists(names, min_size=1, max_size=2, unique=True),
    "exposed_by_default": st.booleans(),
    "tls": maybe(st.fixed_dictionaries({}, optional={"resolver": names})),
    "allow": st.lists(st.sampled_from(["10.0.0.0/8", "fd00::/8", "192.0.2.1"]), unique=True),
    "labels": st.dictionaries(names.map(lambda name: f"own.{name}"), words, max_size=2),
})  # fmt: skip
volumes = st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(["nfs", "nfs4"]), "server": st.sampled_from(["10.77.0.9", "nas.lab"]),
    "device": st.sampled_from([":/srv/nexus", ":/srv/nexus/", "nas:/srv/nexus"]),
    "options": st.permutations(["addr", "hard", "nfsvers=4.1", "rw"]), "nocopy": st.booleans(),
    "name": maybe(st.sampled_from(["auto", "byhand"])),
})  # fmt: skip
memories = st.fixed_dictionaries({
    key: maybe(st.sampled_from(["512m", "2g", "2703m"])) for key in ("heap", "direct", "limit")
})  # fmt: skip
environments = st.dictionaries(st.sampled_from(["TZ", "A_B", "JAVA_X"]), words, max_size=2)


def site_of(stack, ingress, volume, memory, environment):
    data = read_yaml(LAB.read_text()).data
    data["stack"] = stack
    data["ingress"] = {"version": "3.7", "network": "proxy", **ingress}
    if ingress.get("tls", {}) is None:
        data["ingress"]["port"] = 80
    data["storage"]["volume"] = volume
    data["nexus"] |= {"memory": memory, "environment": environment}
    data["nexus"].pop("image")
    return site_from(LAB, inventory_text(data, {}, ()).encode())


@pytest.fixture(scope="module")
def templates():
    return Templates(ROOT)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(stacks, ingresses, volumes, memories, environments)
def test_a_site_taken_over_from_how_it_runs_is_the_same(
    templates, stack, ingress, volume, memory, environment
):
    try:
        site = site_of(stack, ingress, volume, memory, environment)
    except InventoryError:
        reject()
    made, taken = take(found_of(site, templates), templates, LAB)

    running, wanted = fields_of(site, templates), fields_of(made, templates)
    different = {key: (running.get(key), wanted.get(key)) for key in {**running, **wanted}
                 if running.get(key) != wanted.get(key)}  # fmt: skip
    assert different == {}
    assert documents.volume(made).driver_opts == documents.volume(site).driver_opts
    assert documents.exports(made, templates) == documents.exports(site, templates)
    text = inventory_text(taken.data, taken.comments, taken.left)
    assert site_from(LAB, text.encode()) == made


@settings(deadline=None, max_examples=80)
@given(repositories())
def test_repositories_taken_over_from_what_nexus_tells_are_the_same(declared):
    told = {name: {**_told(wanted_body(name, repository, Secret)), "format": "docker",
                   "type": repository.type} for name, repository in declared.items()}  # fmt: skip
    taken = Taken()
    take_repositories(taken, told)

    for name, said in taken.data["registry"]["repositories"].items():
        made = TypeAdapter(Repository).validate_python(said)
        found = compared(wanted_body(name, made, Secret), told[name], sets=SETS)
        assert found == (), name


def test_the_text_of_an_inventory_says_what_it_was_made_of():
    data = load_site("example", root=ROOT, environ={}).model_dump(by_alias=True)
    assert read_yaml(inventory_text(data, {}, ())).data == data
