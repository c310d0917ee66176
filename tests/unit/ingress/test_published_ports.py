"""``ingress.kind: ports``: published ports for a proxy of one's own, and nothing of Traefik's."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from moorage.checks.doctor_ports import holders, taken
from moorage.checks.doctor_probe import Answers, host_probe
from moorage.config.advice import advice
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.documents.stack import stack
from moorage.errors import InventoryError
from moorage.ingress.model import published
from moorage.steps.stack.composed import stack_fields
from moorage.steps.stack.running import service_fields
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
    assert published(make(", routing: path")) == {8081: 8081}


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


NUMBERS = ", published: {nexus: 18081, pull: 18082, push: 18083}"


def test_other_numbers_and_only_the_node_of_nexus(root):
    site = make(NUMBERS.replace("}", ", mode: host}"))
    ports = compose(root, site)["services"]["nexus"]["ports"]
    assert [(port["target"], port["published"], port["mode"]) for port in ports] == [
        (8081, 18081, "host"), (8082, 18082, "host"), (8083, 18083, "host")]  # fmt: skip


def test_hosts_that_answer():
    more = "\nstack: {placement: {nodes: [two, one], failover: true}}"
    nodes = {"one": "10.0.0.11", "two": "10.0.0.12", "three": "10.0.0.13"}

    def names(published):
        text = INVENTORY.format(more=published) + more
        managers = "".join(f"{name}: {{address: {address}}}, " for name, address in nodes.items())
        text = text.replace("one: {address: 10.0.0.11}", managers.rstrip(", "))
        return list(site_from(Path("site.yml"), text.encode()).publishing_hosts())

    assert names("") == ["one", "two", "three"]
    assert names(", published: {mode: host}") == ["two", "one"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", published: {pull: 8081}", "ingress.published.pull: 8081 is published for nexus"),
        (", published: {nexus: 8083}", "8083 is published for nexus already"),
        (", published: {pull: 0}", "ingress.published.pull"),
        (", published: {mode: mesh}", "ingress.published.mode"),
        (", routing: path, published: {push: 9000}", "all requests go to nexus"),
    ],
)
def test_numbers_that_cannot_be(more, said):
    with pytest.raises(InventoryError) as failure:
        make(more)
    assert said in "\n".join(failure.value.lines())


def test_one_repository_for_both_is_published_once():
    both = {"registry": "{domain: registry.example.com, pull_from: docker-private}"}
    text = INVENTORY.replace("{{domain: registry.example.com}}", f"{{{both['registry']}}}")

    def with_published(published):
        return site_from(Path("site.yml"), text.format(more=f", published: {published}").encode())

    assert published(with_published("{pull: 9000}")) == {8081: 8081, 8083: 9000}
    assert published(with_published("{push: 9000}")) == {8081: 8081, 8083: 9000}
    with pytest.raises(InventoryError) as failure:
        with_published("{pull: 9000, push: 9001}")
    assert "8083 is published as 9000 already" in "\n".join(failure.value.lines())


def test_with_traefik_nothing_is_published():
    text = INVENTORY.format(more=NUMBERS).replace("kind: ports", "version: '3.7'")
    with pytest.raises(InventoryError) as failure:
        site_from(Path("site.yml"), text.encode())
    assert "this is for kind: ports, and kind is traefik" in "\n".join(failure.value.lines())


def _service(ports):
    """As much of ``docker service inspect`` as the ports need."""
    task = {"ContainerSpec": {"Image": "example/nexus:1"}}
    return {"Spec": {"Name": "s", "TaskTemplate": task, "EndpointSpec": {"Ports": ports}}}


def test_drift_of_a_published_port_is_seen(root):
    file = compose(root, make(NUMBERS))
    (wanted,) = stack_fields(file, "registry").values()
    ports = [{"Protocol": "tcp", "TargetPort": target, "PublishedPort": outer,
              "PublishMode": "ingress"}
             for target, outer in ((8081, 18081), (8082, 18082), (8083, 18083))]  # fmt: skip
    assert service_fields(_service(ports), {})["ports"] == wanted["ports"]
    for change in ({"PublishedPort": 8081}, {"PublishMode": "host"}, {"TargetPort": 8084}):
        drifted = [{**ports[0], **change}, *ports[1:]]
        assert service_fields(_service(drifted), {})["ports"] != wanted["ports"]


def _taken(site, services, listening=""):
    answers = Answers({"published": Section(0, services), "listening": Section(0, listening)})
    return [(found.level, found.message)
            for found in taken("one", site, answers, holders(answers))]  # fmt: skip


def test_free_ports_and_those_of_nexus_itself():
    site = make()
    assert [level for level, _ in _taken(site, "")] == ["ok"]
    own = f"{site.stack.name}_nexus|8081 8082 8083 8081 8082 8083 "
    assert [level for level, _ in _taken(site, own, "1F91\n1F92\n1F93")] == ["ok"]


def test_ports_of_another_service_or_program():
    said = _taken(make(), "web_app|8082 \nidle|", "1F93")
    assert said == [
        ("failure", "port 8082 is taken by the service web_app"),
        ("failure", "port 8083 is taken by another program of this host"),
    ]


def test_ports_are_looked_at_by_their_own_numbers():
    assert [level for level, _ in _taken(make(NUMBERS), "web|8082", "1F93")] == ["ok"]
    assert _taken(make(NUMBERS), "web|18082") == [
        ("failure", "port 18082 is taken by the service web")
    ]


def test_what_could_not_be_asked_is_not_called_free():
    answers = Answers({"published": Section(0, "")})
    assert [found.level for found in taken("one", make(), answers, {})] == ["warning"]


def test_hosts_are_asked_for_what_they_know():
    text = INVENTORY.format(more="").replace("managers:", "nodes: {two: {address: 10.0.0.12}}, "
                                             "managers:")  # fmt: skip
    site = site_from(Path("site.yml"), text.encode())
    assert "/proc/net/tcp" in host_probe(site, "two").body
    assert "EndpointSpec" not in host_probe(site, "two").body
    assert "EndpointSpec" in host_probe(site, "one").body
