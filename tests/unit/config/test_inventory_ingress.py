"""Contradictions between the ingress and the rest of an inventory."""

import pytest


def with_ingress(least, ingress, *, registry="", nexus="3.94.0"):
    text = least.replace("version: 3.94.0", f"version: {nexus}")
    text = text.replace("domain: registry.example.com", f"domain: registry.example.com{registry}")
    return text.replace('version: "3.7"', f'version: "3.7"\n  {ingress}')


@pytest.mark.parametrize(
    "ingress,registry,nexus,field,said",
    [
        ("routing: namespaces", "", "3.94.0", "ingress.namespaces", "say at least one"),
        ("namespaces: team", "", "3.94.0", "ingress.namespaces", "routing is split-safe"),
        ("routing: two-names", "", "3.94.0", "registry.push_domain", "needs a name"),
        ("routing: two-names", "\n  push_domain: registry.example.com", "3.94.0",
         "registry.push_domain", "a name of something else already"),
        ("routing: two-names", "\n  push_domain: nexus.example.com", "3.94.0",
         "registry.push_domain", "a name of something else already"),
        ("routing: split", "\n  push_domain: push.example.com", "3.94.0",
         "registry.push_domain", "this is for ingress.routing: two-names, not split"),
        ("routing: path", "", "3.83.1", "ingress.routing",
         "Nexus has path routing since 3.84.0, and nexus.version is 3.83.1"),
        ("routing: path",
         ("\n  repositories:\n    own: {type: hosted, path_routing: false}\n"
         "    all: {type: group, members: own}"), "3.94.0",
         "registry.repositories.own.path_routing", "ingress.routing: path needs it"),
        ("middlewares: {raed: auth@file}", "", "3.94.0", "ingress.middlewares.raed",
         '"raed" is no router of routing: split-safe (did you mean read?)'),
        ("middlewares: {pull: auth@file}", "", "3.94.0", "ingress.middlewares.pull",
         '"pull" is no router of routing: split-safe: known are nexus, write, read, blobs'),
        ("tls: {certificate: c.pem, key: 'file:k'}", "", "3.94.0", "ingress.tls.service",
         "needed with certificate and key"),
        ("tls: {certificate: c.pem, key: 'file:k', service: t, resolver: le}", "", "3.94.0",
         "ingress.tls.resolver", "either"),
        ("allow: nexus.example.com", "", "3.94.0", "ingress.allow[0]",
         '"nexus.example.com" is neither an IP address nor a CIDR'),
        ("routing: namespaces\n  namespaces: [Team]", "", "3.94.0", "ingress.namespaces[0]",
         "small letters"),
        ("routing: namespaces\n  namespaces: [team/]", "", "3.94.0", "ingress.namespaces[0]",
         "small letters"),
        ("middlewares: {read: 'a b'}", "", "3.94.0", "ingress.middlewares.read[0]",
         "a middleware such as auth@file"),
    ],
)  # fmt: skip
def test_each_contradiction_and_only_it(problems_of, least, ingress, registry, nexus, field, said):
    found, _ = problems_of(with_ingress(least, ingress, registry=registry, nexus=nexus))
    assert len(found) == 1
    _, told, message = found[0].split(": ", 2)
    assert told == field
    assert said in message


def test_middlewares_are_not_for_traefik_1(problems_of, least):
    text = with_ingress(least, "middlewares: {read: auth@file}").replace('"3.7"', '"1.7"')
    found, _ = problems_of(text)
    assert [line.split(": ")[1] for line in found] == ["ingress.middlewares"]


def test_a_version_that_is_told_later_is_held_against_the_rest_too(site_of, least):
    site = site_of(with_ingress(least, "middlewares: {read: auth@file}").replace('"3.7"', "auto"))
    assert site.with_traefik("3.7").ingress.version == "3.7"
    with pytest.raises(ValueError, match="Traefik 1 has none"):
        site.with_traefik("1.7")


BY_PATH = """
  repositories:
    own: {type: hosted}
    other: {type: hosted}
    all: {type: group, members: [own, other]}
  push_to: own"""


def test_by_path_no_port_is_needed_and_the_repositories_are_told(site_of, least):
    site = site_of(with_ingress(least, "routing: path", registry=BY_PATH))
    found = {name: item.path_routing for name, item in site.docker_repositories().items()}
    assert found == {"own": True, "other": None, "all": True}
    assert site.pulled_as("library/alpine") == "registry.example.com/all/library/alpine"
    assert site.pushed_as("team/app") == "registry.example.com/own/team/app"


def test_without_path_routing_repositories_are_as_they_are_said(site_of, least):
    site = site_of(least)
    assert site.docker_repositories() == site.registry.repositories
    assert site.pushed_as("team/app") == site.pulled_as("team/app")
    assert site.domains() == {"nexus": "nexus.example.com", "registry": "registry.example.com"}


def test_two_names_have_a_name_each(site_of, least):
    more = "\n  push_domain: push.example.com"
    site = site_of(with_ingress(least, "routing: two-names", registry=more))
    assert site.pushed_as("team/app") == "push.example.com/team/app"
    assert site.pulled_as("team/app") == "registry.example.com/team/app"
    assert list(site.domains()) == ["nexus", "registry", "push"]


def test_by_path_one_name_may_do_for_nexus_and_registry(site_of, least):
    text = with_ingress(least, "routing: path").replace("registry.example.com", "nexus.example.com")
    assert site_of(text).domains() == {"nexus": "nexus.example.com"}
