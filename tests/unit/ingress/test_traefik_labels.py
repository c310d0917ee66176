"""Labels for each flavour of Traefik, against golden files and against its traps."""

import os
import re
from pathlib import Path

import pytest

from moorage.config.inventory import load_site
from moorage.config.schema.ingress import Ingress, Tls
from moorage.ingress import labels

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
VERSIONS = ["1.7", "2.11", "3.1", "3.2", "3.7"]
ROUTINGS = ["split", "split-safe", "namespaces", "two-names", "path"]


@pytest.fixture(scope="module")
def example():
    return load_site("example", root=ROOT, environ={})


@pytest.fixture
def labels_for(example):
    def make(version, **settings):
        if settings.get("routing") == "namespaces":
            settings["namespaces"] = ["team", "tools/ci"]
        registry = example.registry
        if settings.get("routing") == "two-names":
            registry = registry.model_copy(update={"push_domain": "push.example.com"})
        ingress = Ingress(version=version, **settings)
        return labels(example.model_copy(update={"ingress": ingress, "registry": registry}))

    return make


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.scenario(33, "Label trap")
def test_golden(labels_for, version, routing):
    """``MOORAGE_GOLDEN=write`` writes the files anew; read the difference before keeping it."""
    text = "\n".join(labels_for(version, routing=routing, tls=Tls(resolver="le"))) + "\n"
    path = GOLDEN / f"ingress-{version}-{routing}.txt"
    if os.environ.get("MOORAGE_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    "version,label",
    [
        ("1.7", "traefik.docker.network"), ("2.0", "traefik.docker.network"),
        ("2.11.53", "traefik.docker.network"), ("3.0", "traefik.docker.network"),
        ("3.1", "traefik.docker.network"), ("3.2", "traefik.docker.network"),
        ("3.2.1", "traefik.docker.network"), ("3.2.2", "traefik.swarm.network"),
        ("3.3", "traefik.swarm.network"), ("3.10", "traefik.swarm.network"),
        ("3.7", "traefik.swarm.network"),
    ],
)  # fmt: skip
@pytest.mark.scenario(33, "Label trap")
def test_exactly_one_network_label(labels_for, version, label):
    found = [text for text in labels_for(version, network="web") if ".network=" in text]
    assert found == [f"{label}=web"]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_network_no_label(labels_for, version):
    assert not [text for text in labels_for(version, network=None) if "network" in text]


@pytest.mark.parametrize("version", VERSIONS)
def test_enable_unless_exposed_by_default(labels_for, version):
    assert labels_for(version)[0] == "traefik.enable=true"
    assert "traefik.enable=true" not in labels_for(version, exposed_by_default=True)


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("version", ["3.0", "3.1", "3.7"])
@pytest.mark.scenario(33, "Label trap")
def test_matchers_of_version_3_take_one_argument(labels_for, version, routing):
    text = "\n".join(labels_for(version, routing=routing))
    matchers = re.findall(r"(?:Method|Host|PathRegexp|PathPrefix|Path)\(([^)]*)\)", text)
    assert matchers
    assert not [arguments for arguments in matchers if arguments.count("`") != 2]


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("version", VERSIONS)
def test_no_key_twice_and_no_dollar(labels_for, version, routing):
    found = labels_for(version, routing=routing)
    keys = [text.partition("=")[0] for text in found]
    assert len(keys) == len(set(keys))
    assert "$" not in "".join(found)


@pytest.mark.parametrize("version", ["2.11", "3.7"])
def test_every_router_names_a_service_that_is_there(labels_for, version):
    found = labels_for(version)
    named = {text.partition("=")[2] for text in found if ".service=" in text}
    there = {text.split(".")[3] for text in found if ".http.services." in text}
    assert named == there


ALLOW = ["10.0.0.0/8", "192.168.7.7"]


@pytest.mark.parametrize(
    "version,expected",
    [
        ("1.7", ["traefik.nexus.frontend.whiteList.sourceRange=10.0.0.0/8,192.168.7.7"]),
        ("2.11", [
            "traefik.http.routers.registry-nexus.middlewares=registry-allow",
            ("traefik.http.middlewares.registry-allow.ipwhitelist.sourcerange="
             "10.0.0.0/8,192.168.7.7"),
        ]),
        ("3.7", [
            "traefik.http.routers.registry-nexus.middlewares=registry-allow",
            ("traefik.http.middlewares.registry-allow.ipallowlist.sourcerange="
             "10.0.0.0/8,192.168.7.7"),
        ]),
    ],
)  # fmt: skip
def test_an_allow_list_is_the_pages_alone(labels_for, version, expected):
    without = labels_for(version)
    assert [text for text in labels_for(version, allow=ALLOW) if text not in without] == expected


@pytest.mark.parametrize("version", ["2.11", "3.7"])
def test_middlewares_of_ones_own_come_after_the_allow_list(labels_for, version):
    own = {"nexus": ["auth@file", "mine"], "read": ["limit@file"]}
    found = labels_for(version, allow=ALLOW, middlewares=own)
    assert [text for text in found if ".middlewares=" in text] == [
        "traefik.http.routers.registry-nexus.middlewares=registry-allow,auth@file,mine",
        "traefik.http.routers.registry-read.middlewares=limit@file",
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_split_safe_wins_over_the_method_rules_by_priority(labels_for, version):
    found = labels_for(version, routing="split-safe")
    priority = {
        text.split(".")[-2 if version != "1.7" else 1]: int(text.partition("=")[2])
        for text in found
        if ".priority=" in text
    }
    safe = [value for name, value in priority.items() if re.search("blobs|uploads", str(name))]
    others = [value for name, value in priority.items() if re.search("write|read", str(name))]
    assert safe
    assert others
    assert min(safe) > max(others)


@pytest.mark.parametrize("version", ["2.11", "3.7"])
def test_tls(labels_for, version):
    def tls(**settings):
        return [text for text in labels_for(version, **settings) if ".tls" in text]

    assert tls(tls=None) == []
    assert len(tls(tls=Tls())) == 4
    resolvers = [text for text in tls(tls=Tls(resolver="le")) if "certresolver=le" in text]
    assert len(resolvers) == 4


@pytest.mark.parametrize("version", VERSIONS)
def test_own_labels_come_last(labels_for, version):
    own = {"com.example.owner": "ops", "traefik.x": "$1"}
    assert labels_for(version, labels=own)[-2:] == ["com.example.owner=ops", "traefik.x=$1"]


@pytest.mark.parametrize("version", ["2.11", "3.7"])
def test_two_stacks_share_no_router_or_service(example, version):
    def names(stack):
        site = example.model_copy(
            update={
                "stack": example.stack.model_copy(update={"name": stack}),
                "ingress": Ingress(version=version),
            }
        )
        return {text.split(".")[3] for text in labels(site) if ".http." in text}

    assert names("one")
    assert names("one").isdisjoint(names("two"))
