"""Routers that were written by hand: known by what they do, kept where they do something else."""

from __future__ import annotations

import pytest
from running_site import fields_of


def v2(**more):
    """Routers of Traefik 2 and 3 as people write them."""
    return {
        "traefik.enable": "true",
        "traefik.docker.network": "proxy",
        "traefik.http.routers.ui.rule": "Host(`nexus.lab`)",
        "traefik.http.routers.ui.entrypoints": "websecure",
        "traefik.http.routers.ui.tls": "true",
        "traefik.http.routers.ui.tls.certresolver": "le",
        "traefik.http.routers.ui.service": "ui",
        "traefik.http.services.ui.loadbalancer.server.port": "8081",
        "traefik.http.routers.w.rule": "Host(`registry.lab`) && (Method(`PUT`) || Method(`POST`))",
        "traefik.http.routers.w.entrypoints": "websecure",
        "traefik.http.routers.w.tls": "true",
        "traefik.http.routers.w.service": "w",
        "traefik.http.services.w.loadbalancer.server.port": "8083",
        "traefik.http.routers.r.rule": "Host(`registry.lab`) && (Method(`GET`) || Method(`HEAD`))",
        "traefik.http.routers.r.entrypoints": "websecure",
        "traefik.http.routers.r.tls": "true",
        "traefik.http.routers.r.service": "r",
        "traefik.http.services.r.loadbalancer.server.port": "8082",
        **more,
    }


def test_routers_are_known_by_what_they_do(made):
    site, taken, _ = made(v2())

    assert site.ingress.routing == "split"
    assert site.ingress.entrypoints == ["websecure"]
    assert site.ingress.tls.resolver == "le"
    assert site.ingress.network == "proxy"
    assert site.ingress.labels == {}
    assert site.domains() == {"nexus": "nexus.lab", "registry": "registry.lab"}
    assert not [line for line in taken.left if "router" in line]


def test_labels_alone_differ_where_they_were_written_by_hand(made, templates):
    site, _, found = made(v2())
    wanted, running = fields_of(site, templates), found.fields

    different = {key for key in {**wanted, **running} if wanted.get(key) != running.get(key)}
    assert different
    assert {key for key in different if not key.startswith("label traefik.")} == set()


def test_a_redirect_keeps_its_router_and_gets_a_service_that_is_there(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.plain.rule": "Host(`nexus.lab`) || Host(`registry.lab`)",
                "traefik.http.routers.plain.entrypoints": "web",
                "traefik.http.routers.plain.middlewares": "to-https",
                "traefik.http.middlewares.to-https.redirectscheme.scheme": "https",
            }
        )
    )

    kept = site.ingress.labels
    assert kept["traefik.http.middlewares.to-https.redirectscheme.scheme"] == "https"
    assert kept["traefik.http.routers.plain.entrypoints"] == "web"
    assert kept["traefik.http.routers.plain.service"] == "registry-nexus"
    assert not any(key.startswith("traefik.http.routers.ui") for key in kept)


def test_a_router_that_stays_keeps_the_service_that_it_names(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.inside.rule": "Host(`nexus.inside`)",
                "traefik.http.routers.inside.service": "ui",
            }
        )
    )

    assert site.ingress.labels["traefik.http.services.ui.loadbalancer.server.port"] == "8081"


def test_who_is_let_in_and_what_else_stands_before_a_router_is_kept(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.ui.middlewares": "lan,auth@file",
                "traefik.http.routers.w.middlewares": "limit",
                "traefik.http.middlewares.lan.ipallowlist.sourcerange": "10.0.0.0/8,192.168.0.0/16",
                "traefik.http.middlewares.limit.ratelimit.average": "5",
            }
        )
    )

    assert site.ingress.allow == ["10.0.0.0/8", "192.168.0.0/16"]
    assert site.ingress.middlewares == {"nexus": ["auth@file"], "write": ["limit"]}
    assert site.ingress.labels == {"traefik.http.middlewares.limit.ratelimit.average": "5"}


def test_hashes_of_passwords_in_labels_are_pointed_out(made):
    key = "traefik.http.middlewares.guard.basicauth.users"
    site, taken, _ = made(v2(**{"traefik.http.routers.ui.middlewares": "guard", key: "a:$apr1$x"}))

    assert site.ingress.labels[key] == "a:$apr1$x"
    assert any("hashes of passwords" in line for line in taken.comments["ingress.labels"])


@pytest.mark.parametrize(
    "changes,routing",
    [
        ({"traefik.http.routers.w.rule": "Host(`push.lab`)",
          "traefik.http.routers.r.rule": "Host(`registry.lab`)"}, "two-names"),
        ({"traefik.http.routers.own.rule": "Host(`registry.lab`) && PathPrefix(`/v2/team/`)",
          "traefik.http.routers.own.tls": "true", "traefik.http.routers.own.service": "w"},
         "namespaces"),
        ({"traefik.http.routers.b.rule":
          "Host(`registry.lab`) && PathRegexp(`^/v2/.*/blobs/uploads/`)",
          "traefik.http.routers.b.tls": "true", "traefik.http.routers.b.service": "w"},
         "split-safe"),
    ],
)  # fmt: skip
def test_the_routing_is_told_by_the_routers(made, changes, routing):
    site, _, _ = made(v2(**changes))
    assert site.ingress.routing == routing
    if routing == "two-names":
        assert site.push_domain == "push.lab"
    if routing == "namespaces":
        assert site.ingress.namespaces == ["team"]


POST = {
    "traefik.nexus.backend": "nexus",
    "traefik.nexus.frontend.rule": "Host:nexus.lab",
    "traefik.nexus.frontend.entryPoints": "https",
    "traefik.nexus.port": "8081",
    "traefik.up.backend": "up",
    "traefik.up.frontend.rule": "Host:registry.lab;Method:PUT,DELETE,POST,PATCH",
    "traefik.up.frontend.entryPoints": "https",
    "traefik.up.port": "8083",
    "traefik.down.backend": "down",
    "traefik.down.frontend.rule": "Host:registry.lab;Method:GET,HEAD",
    "traefik.down.frontend.entryPoints": "https",
    "traefik.down.port": "8082",
}


def test_segments_of_traefik_1_are_read(made):
    site, _, _ = made(POST, {"traefik": ""})

    assert site.ingress.version == "1.7"
    assert site.ingress.routing == "split"
    assert site.ingress.entrypoints == ["https"]
    assert site.ingress.exposed_by_default
    assert site.ingress.labels == {}


def test_without_a_traefik_that_tells_its_version_the_form_of_labels_does(made):
    assert made(v2(), {"traefik": ""})[0].ingress.version == "3.7"
    old = {key: value.replace(" || Method(`POST`)", "").replace(" || Method(`HEAD`)", "")
           for key, value in v2().items()}  # fmt: skip
    assert made(old, {"traefik": ""})[0].ingress.version == "2.11"
