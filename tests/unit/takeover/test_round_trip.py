"""A site rendered, run, and taken over again is the same site."""

from __future__ import annotations

import pytest
from running_site import fields_of, found_of, nexus_of

from moorage import documents
from moorage.config.validate import site_from
from moorage.steps.nexus.desired import desired
from moorage.steps.nexus.step import plan
from moorage.takeover.take import take
from moorage.takeover.text import inventory_text
from moorage.values import Secret

VARIANTS = {
    "lab": ("lab", {"nexus__image": {}}),
    "given image": ("lab", {"nexus__image": {"distribution": "given", "tag": "3.94.0",
                                             "name": "sonatype/nexus3"}}),
    "seed": ("seed", {"nexus__image": {"distribution": "given", "tag": "3.16.2",
                                       "name": "someone/nexus"}}),
    "v1 safe": ("seed", {"ingress__routing": "split-safe", "ingress__network": "proxy",
                         "ingress__exposed_by_default": False}),
    "v2": ("lab", {"ingress__version": "2.11", "nexus__image": {}}),
    "v3.1 split": ("lab", {"ingress__version": "3.1", "ingress__routing": "split"}),
    "namespaces": ("lab", {"ingress__routing": "namespaces",
                           "ingress__namespaces": ["team", "a/b"]}),
    "two names": ("lab", {"ingress__routing": "two-names", "registry__push_domain": "push.lab"}),
    "path": ("lab", {"ingress__routing": "path", "registry__repositories": {
        "docker-private": {"type": "hosted"}, "docker-all": {"type": "group",
                                                             "members": ["docker-private"]}}}),
    "allow and middlewares": ("lab", {
        "ingress__allow": ["10.0.0.0/8"], "ingress__entrypoints": ["a", "b"],
        "ingress__middlewares": {"nexus": ["auth@file"], "write": ["limit@file"]},
        "ingress__labels": {"traefik.http.middlewares.x.headers.frameDeny": "true", "own": "$1"}}),
    "resolver": ("lab", {"ingress__tls": {"resolver": "le"}}),
    "plain http": ("lab", {"ingress__tls": None, "ingress__port": 80}),
    "ports": ("lab", {"ingress": {"kind": "ports", "tls": None, "port": 80, "routing": "split",
                                  "published": {"nexus": 18081, "mode": "host"}}}),
    "memory": ("lab", {"nexus__memory": {"heap": "1g", "direct": "2g", "limit": "6g"},
                       "nexus__environment": {"TZ": "Europe/Oslo", "A": "$b c"}}),
    "only heap": ("lab", {"nexus__memory": {"heap": "1g", "direct": None, "limit": None}}),
    "flags of one's own": ("lab", {"nexus__environment": {"INSTALL4J_ADD_VM_PARAMS": "-Xmx1g"}}),
    "volume": ("lab", {"storage__volume": {
        "type": "nfs4", "options": ["nolock", "addr", "soft"], "name": "old", "nocopy": False,
        "server": "10.77.0.99", "device": ":/srv/nexus/"}}),
    "stack names": ("lab", {"stack__name": "depot", "stack__service": "repo"}),
    "no extras": ("lab", {"stack__healthcheck": None, "stack__update": None, "stack__restart": None,
                          "stack__stop_grace_period": None, "stack__nofile": None,
                          "stack__placement": None,
                          "stack__constraints": ["node.role == manager"]}),
    "rollback": ("lab", {"stack__update": {"failure_action": "rollback", "monitor": "1m30s"},
                         "stack__restart": {"condition": "on-failure", "delay": "1h"}}),
    "owner": ("lab", {"nexus__uid": 1000, "storage__mode": "0700", "storage__adopt": True}),
    "clients": ("lab", {"storage__clients": ["10.77.0.0/24"],
                        "storage__export_options": ["rw", "async", "no_root_squash"]}),
    "repositories": ("lab", {"registry__repositories": {
        "own": {"type": "hosted", "port": 8083, "write_policy": "allow_once",
                "redeploy_latest": True, "online": False},
        "team": {"type": "hosted", "port": 8085},
        "quay": {"type": "proxy", "remote": "quay", "negative_cache": 0, "index": "hub",
                 "http": {"retries": 3, "timeout": 60}, "foreign_layers": True,
                 "foreign_layer_urls": [".*"]},
        "all": {"type": "group", "port": 8082, "members": ["own", "quay"]}},
        "registry__push_to": "own"}),
    "further": ("lab", {"stack__further": {
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "tag": "$x"}},
        "networks": ["backend"], "hostname": "nexus", "init": True, "dns": ["10.0.0.2"],
        "extra_hosts": ["hub:10.0.0.5"], "labels": {"own": "1"}, "sysctls": {"net.x": "1"},
        "cap_drop": ["MKNOD"], "user": "200", "stop_signal": "SIGINT",
        "secrets": [{"source": "key", "target": "key.pem"}],
        "ulimits": {"nproc": {"soft": 10, "hard": 20}},
        "volumes": [{"type": "bind", "source": "/etc/localtime", "target": "/etc/localtime",
                     "read_only": True}, {"type": "tmpfs", "target": "/scratch"}],
        "ports": [{"target": 8081, "published": 9, "protocol": "tcp", "mode": "host"}],
        "deploy": {"resources": {"limits": {"cpus": "1.5", "pids": 900},
                                 "reservations": {"memory": "256m", "cpus": "0.25"}},
                   "placement": {"max_replicas_per_node": 1,
                                 "preferences": [{"spread": "node.labels.rack"}]},
                   "restart_policy": {"max_attempts": 3, "window": "2m"},
                   "update_config": {"delay": "5s"}, "endpoint_mode": "dnsrr"}}}),
    "aliases": ("lab", {"stack__further": {"networks": {"proxy": {"aliases": ["repo"]},
                                                        "backend": None}}}),
}  # fmt: skip


@pytest.fixture(params=VARIANTS, ids=list(VARIANTS))
def site(request, varied):
    name, changes = VARIANTS[request.param]
    return varied(name, **changes)


@pytest.fixture
def again(site, templates):
    """The site, and the same taken over from how it runs."""
    made, taken = take(found_of(site, templates), templates, site.path)
    return site, made, taken


def test_the_service_stays_as_it_runs(again, templates):
    site, made, _ = again
    running = fields_of(site, templates)
    wanted = fields_of(made, templates)

    different = {key: (running.get(key), wanted.get(key)) for key in {**running, **wanted}
                 if running.get(key) != wanted.get(key)}  # fmt: skip
    assert different == {}


def test_the_volume_and_the_export_stay(again, templates):
    site, made, _ = again

    assert documents.volume(made).driver_opts == documents.volume(site).driver_opts
    assert documents.volume(made).actual_name == documents.volume(site).actual_name
    assert documents.exports_path(made) == documents.exports_path(site)
    assert documents.exports(made, templates) == documents.exports(site, templates)
    assert (made.nexus.uid, made.storage.mode.zfill(4), made.storage.adopt) == (
        site.nexus.uid, site.storage.mode.zfill(4), site.storage.adopt)  # fmt: skip


def test_nexus_stays_as_it_is(again):
    site, made, _ = again
    wanted = desired(made, Secret, prune=False, resend_passwords=False)

    found = plan(wanted, nexus_of(site), Secret("x"))

    assert [(change.title, change.differences) for change in found.changes] == []


def test_the_machines_and_names_stay(again):
    site, made, _ = again

    assert {name: (role, host.address) for name, (role, host) in made.named_hosts().items()} == {
        name: (role, host.address) for name, (role, host) in site.named_hosts().items()
        if role != "client"}  # fmt: skip
    assert made.domains() == site.domains()
    assert (made.pull_repository, made.push_repository) == (
        site.pull_repository, site.push_repository)  # fmt: skip
    assert made.eligible_nodes() == site.eligible_nodes()
    assert made.ingress.routing == site.ingress.routing


def test_what_is_written_is_the_same_site(again):
    _, made, taken = again
    text = inventory_text(taken.data, taken.comments, ["a site", *taken.left])

    assert site_from(made.path, text.encode()) == made


def test_nothing_is_said_to_be_left_that_is_managed(again):
    _, _, taken = again
    words = ("users ci", "the blob store cold")
    assert [line for line in taken.left if not line.startswith(words)] == []
