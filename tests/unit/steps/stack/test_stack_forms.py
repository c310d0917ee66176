"""A stack file's keys in either form that compose allows, and those that no field stands for."""

from __future__ import annotations

import pytest
from recorded_swarm import MANAGER, NEXUS

from moorage.errors import TemplateError
from moorage.steps.stack.composed import stack_fields
from moorage.steps.stack.observe import parse_manager
from moorage.steps.stack.uncompared import not_compared


@pytest.mark.parametrize(
    ("key", "value", "fields"),
    [
        ("command", "a b", {"command": ["a", "b"]}),
        ("command", ["a", "b c"], {"command": ["a", "b c"]}),
        ("command", 'sh -c "a b"', {"command": ["sh", "-c", "a b"]}),
        ("environment", {"A": "1", "B": None, "C": 2},
         {"environment A": "1", "environment B": "", "environment C": "2"}),
        ("environment", ["A=1=2", "B="], {"environment A": "1=2", "environment B": ""}),
        ("environment", {"COST": "5$$"}, {"environment COST": "5$"}),
        ("ulimits", {"nofile": 99}, {"ulimit nofile": [99, 99]}),
        ("ulimits", {"nofile": {"soft": 1, "hard": 2}}, {"ulimit nofile": [1, 2]}),
        ("volumes", ["data:/nexus-data"], {"mount /nexus-data nocopy": False}),
        ("volumes", ["data:/nexus-data:ro,nocopy"],
         {"mount /nexus-data nocopy": True, "mount /nexus-data read only": True}),
        ("volumes", ["/srv/x:/x"], {"mount /x": "bind /srv/x"}),
        ("volumes", ["/scratch"], {"mount /scratch": "volume", "mount /scratch driver": ""}),
        ("healthcheck", {"test": "true", "timeout": "500ms"}, {"healthcheck timeout": 0.5}),
        ("ports", ["90-91:80-81", "7-8", "60-61:53/UDP"],
         {"ports": ["0→7/tcp ingress", "0→8/tcp ingress", "60→53/udp ingress",
                    "61→53/udp ingress", "90→80/tcp ingress", "91→81/tcp ingress"]}),
        ("volumes", [{"type": "volume", "target": "/x", "volume": {"nocopy": True}}],
         {"mount /x nocopy": False}),
        ("healthcheck", {"interval": "60s"}, {"healthcheck": [], "healthcheck interval": 60.0}),
        ("deploy", {"resources": {"limits": {"cpus": "1/2"}}}, {"cpu limit": 0.5}),
        ("healthcheck", {"test": "true", "interval": "1m30s"},
         {"healthcheck": ["CMD-SHELL", "true"], "healthcheck interval": 90.0}),
        ("networks", ["proxy", "own"], {"networks": ["proxy", "registry_own"]}),
        ("stop_grace_period", "1m30s", {"stop grace period": 90.0}),
        ("logging", {"driver": "json-file", "options": {"max-size": "10m"}},
         {"logging driver": "json-file", "logging max-size": "10m"}),
        ("ulimits", {"nproc": 9}, {"ulimit nproc": [9, 9]}),
        ("entrypoint", "sh -c", {"entrypoint": ["sh", "-c"]}),
        ("user", "200:200", {"user": "200:200"}),
        ("extra_hosts", ["a:10.0.0.1"], {"extra hosts": ["10.0.0.1 a"]}),
        ("extra_hosts", {"a": "10.0.0.1"}, {"extra hosts": ["10.0.0.1 a"]}),
        ("cap_add", ["net_admin", "ALL"], {"capabilities added": ["ALL", "CAP_NET_ADMIN"]}),
        ("sysctls", {"net.x": 1}, {"sysctl net.x": "1"}),
        ("labels", ["a=b"], {"container label a": "b"}),
        ("ports", ["8081:8081", "80:8081/udp", "9"],
         {"ports": ["0→9/tcp ingress", "8081→8081/tcp ingress", "80→8081/udp ingress"]}),
        ("ports", [{"target": 1, "published": 2, "mode": "host"}], {"ports": ["2→1/tcp host"]}),
        ("networks", {"proxy": {"aliases": ["n"]}}, {"network proxy aliases": ["n", "nexus"]}),
        ("secrets", ["key"], {"secrets": ["registry_key key"]}),
        ("tmpfs", "/scratch", {"mount /scratch": None}),
        ("volumes", ["data:/nexus-data:ro"], {"mount /nexus-data read only": True}),
        ("healthcheck", {"disable": True}, {"healthcheck": ["NONE"]}),
        ("deploy", {"mode": "global"}, {"mode": "global", "replicas": None}),
        ("deploy", {"resources": {"limits": {"cpus": "0.5"}}}, {"cpu limit": 0.5}),
        ("deploy", {"placement": {"preferences": [{"spread": "node.id"}]}},
         {"preferences": ["spread node.id"]}),
    ],
)  # fmt: skip
def test_an_operators_template_may_write_a_key_either_way(compose, key, value, fields):
    compose["services"]["nexus"][key] = value

    seen = stack_fields(compose, "registry")[NEXUS]

    assert {field: seen.get(field) for field in fields} == fields


@pytest.mark.parametrize(
    ("key", "value"),
    [("ports", 8081), ("ports", ["a:b"]), ("volumes", [1]), ("volumes", ["./conf:/x"]),
     ("volumes", ["~/conf:/x"]), ("ulimits", {"nofile": {"soft": 1}}),
     ("healthcheck", "none"), ("secrets", [{"target": "c"}]), ("command", "a 'b"),
     ("logging", "journald"), ("deploy", {"placement": {"preferences": [{"x": "b"}]}})],
)  # fmt: skip
def test_what_docker_does_not_take_is_told_and_no_fault_of_moorages(compose, key, value):
    compose["services"]["nexus"][key] = value

    with pytest.raises(TemplateError, match=r"services\.nexus of the stack file") as caught:
        stack_fields(compose, "registry")
    assert "inv render stack" in caught.value.hint


def test_labels_may_be_a_mapping_too(compose):
    compose["services"]["nexus"]["deploy"]["labels"] = {"a": "b", "price": "$$5"}

    seen = stack_fields(compose, "registry")[NEXUS]

    assert (seen["label a"], seen["label price"]) == ("b", "$5")


def test_an_external_network_goes_by_its_real_name(compose):
    compose["networks"]["proxy"] = {"external": {"name": "traefik-public"}}
    assert stack_fields(compose, "registry")[NEXUS]["networks"] == ["traefik-public"]

    compose["networks"]["proxy"] = {"external": True, "name": "other"}
    assert stack_fields(compose, "registry")[NEXUS]["networks"] == ["other"]


def test_the_manager_tells_the_whole_swarm(recorded):
    seen = parse_manager(recorded(MANAGER), "manager")

    assert {node.hostname for node in seen.swarm.values()} == {"manager", "worker"}
    assert "proxy" in seen.networks
    assert set(seen.services) == {NEXUS}
    assert seen.updates == {NEXUS: ""}
    assert len(seen.tasks) == 1


def test_a_key_that_no_field_stands_for_is_told(compose):
    assert not_compared(compose) == []
    compose["services"]["nexus"] |= {"env_file": "x", "x-own": 1}
    compose["services"]["nexus"]["deploy"]["something"] = 1

    assert not_compared(compose) == [
        "services.nexus.env_file", "services.nexus.deploy.something",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "places"),
    [
        ("secrets", [{"source": "key", "target": "k", "uid": "200", "mode": 256}, "other"],
         ["secrets.k.uid", "secrets.k.mode"]),
        ("configs", [{"source": "c", "gid": "1"}], ["configs.c.gid"]),
        ("healthcheck", {"test": "true", "start_interval": "5s"}, ["healthcheck.start_interval"]),
        ("logging", {"driver": "x", "mode": "y"}, ["logging.mode"]),
        ("networks", {"proxy": {"aliases": ["n"], "ipv4_address": "10.0.0.9"}, "own": None},
         ["networks.proxy.ipv4_address"]),
        ("ports", [{"target": 1, "published": 2, "app_protocol": "http"}, "9:9"],
         ["ports.1.app_protocol"]),
        ("volumes", [{"type": "volume", "source": "data", "target": "/d",
                      "volume": {"nocopy": True, "subpath": "x"}}], ["volumes./d.volume.subpath"]),
        ("volumes", [{"type": "tmpfs", "target": "/t", "tmpfs": {"size": 9}}],
         ["volumes./t.tmpfs"]),
        ("deploy", {"update_config": {"order": "stop-first", "new": 1},
                    "placement": {"new": 1}, "restart_policy": {"new": 1},
                    "resources": {"reservations": {"generic_resources": []}, "limits": {"x": 1}}},
         ["deploy.update_config.new", "deploy.restart_policy.new", "deploy.placement.new",
          "deploy.resources.limits.x", "deploy.resources.reservations.generic_resources"]),
    ],
)  # fmt: skip
def test_a_key_within_a_part_that_no_field_stands_for_is_told(compose, key, value, places):
    """``docker stack deploy`` carries it out, and a change of it would be no change here."""
    compose["services"]["nexus"][key] = value

    assert not_compared(compose) == [f"services.nexus.{place}" for place in places]


def test_what_is_declared_beside_the_services_is_told_too(compose):
    compose["volumes"]["data"] |= {"labels": {"a": "b"}, "x-own": 1}
    compose["networks"]["own"] = {"driver_opts": {"encrypted": ""}}
    compose["configs"] = {"c": {"file": "./c"}, "d": {"external": True}, "e": None}

    assert not_compared(compose) == [
        "volumes.data.labels", "networks.own.driver_opts", "configs.c.file",
    ]  # fmt: skip
