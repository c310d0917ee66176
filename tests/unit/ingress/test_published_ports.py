"""``ingress.kind: ports``: published ports for a proxy of one's own, and nothing of Traefik's."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from moorage.checks.doctor_ports import taken
from moorage.checks.doctor_probe import Answers, host_probe
from moorage.config.advice import advice
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.documents.stack import stack
from moorage.errors import InventoryError
from moorage.ingress.model import published
from moorage.transport.base import Section

INVENTORY = """\
schema: 1
hosts: {{nfs: {{nas: {{address: 10.0.0.10}}}}, managers: {{one: {{address: 10.0.0.11}}}}}}
nexus: {{version: 3.94.0, domain: nexus.example.com}}
registry: {{domain: registry.example.com}}
storage: {{export: /srv/nexus}}
ingress: {{kind: ports{more}}}
"""


def make(more=""):
    return site_from(Path("site.yml"), INVENTORY.format(more=more).encode())


def compose(root, site):
    text = stack(site, Templates(root), "example/nexus:1")
    return YAML(typ="safe", pure=True).load(text)


def test_the_stack_publishes_the_ports_and_has_no_label_and_no_network(root):
    service = compose(root, make())["services"]["nexus"]
    assert [(port["target"], port["published"]) for port in service["ports"]] == [
        (8081, 8081), (8082, 8082), (8083, 8083)]  # fmt: skip
    assert {port["mode"] for port in service["ports"]} == {"ingress"}
    assert "networks" not in service
    assert "labels" not in service["deploy"]


def test_by_path_one_port_is_enough():
    assert published(make(", routing: path")) == [8081]


def test_further_labels_stay(root):
    assert compose(root, make(", labels: {a: b}"))["services"]["nexus"]["deploy"]["labels"] == [
        "a=b"
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (", version: '3.7'", "ingress.version"),
        (", network: proxy", "ingress.network"),
        (", entrypoints: web", "ingress.entrypoints"),
        (", exposed_by_default: true", "ingress.exposed_by_default"),
        (", allow: 10.0.0.0/8", "ingress.allow"),
        (", middlewares: {read: a@file}", "ingress.middlewares"),
        (", tls: {resolver: le}", "ingress.tls.resolver"),
    ],
)
def test_what_is_traefiks_is_refused(more, field):
    with pytest.raises(InventoryError) as failure:
        make(more)
    said = "\n".join(failure.value.lines())
    assert field in said
    assert "this is for kind: traefik, and kind is ports" in said


def test_traefik_needs_its_version():
    with pytest.raises(InventoryError) as failure:
        site_from(Path("site.yml"), INVENTORY.format(more="").replace("kind: ports", "").encode())
    assert "ingress.version: this key is missing" in "\n".join(failure.value.lines())


def test_open_ports_are_warned_of():
    assert any("past the proxy" in str(line) for line in advice(make()))


def _taken(site, services, listening=""):
    parts = {"published": Section(0, services), "listening": Section(0, listening)}
    return [(found.level, found.message) for found in taken("one", site, Answers(parts))]


def test_free_ports_and_those_of_nexus_itself():
    site = make()
    assert [level for level, _ in _taken(site, "")] == ["ok"]
    own = f"{site.stack.name}_nexus|*:8081-8083->8081-8083/tcp"
    assert [level for level, _ in _taken(site, own, "1F91\n1F92\n1F93")] == ["ok"]


def test_ports_of_another_service_or_program():
    said = _taken(make(), "web_app|*:8082->80/tcp", "1F93")
    assert said == [
        ("failure", "port 8082 is taken by web_app"),
        ("failure", "port 8083 is taken by another program of this host"),
    ]


def test_a_manager_is_asked_for_its_ports():
    assert "/proc/net/tcp" in host_probe(make(), "one").body
