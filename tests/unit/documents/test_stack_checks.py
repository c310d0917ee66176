"""The stack: what is in it by default, and what is refused before anything reads it."""

import pytest

from moorage import documents
from moorage.config.render import Templates
from moorage.config.yamlfile import read_yaml
from moorage.errors import TemplateError


@pytest.fixture
def refused(site, tmp_path):
    def render(template, **changes):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "stack.yml.j2").write_text(template)
        with pytest.raises(TemplateError) as caught:
            documents.stack(site(**changes), Templates(tmp_path), "image:1")
        return caught.value.message

    return render


def test_safe_by_default(site, render_all):
    service = read_yaml(render_all(site())[1]).data["services"]["nexus"]
    assert service["deploy"]["update_config"]["order"] == "stop-first"
    assert service["deploy"]["rollback_config"] == {"order": "stop-first"}
    assert service["deploy"]["update_config"]["failure_action"] == "pause"
    assert service["stop_grace_period"] == "120s"
    assert service["healthcheck"]["start_period"] == "15m"
    assert service["volumes"][0]["volume"] == {"nocopy": True}
    assert service["deploy"]["placement"]["constraints"] == [
        "node.labels.moorage.registry == nexus"
    ]
    assert documents.placement_label(site()) == ("moorage.registry", "nexus")
    assert "replicas" not in service["deploy"]
    assert "ports" not in service


def test_java_keeps_its_preferences_directory(site, render_all):
    def parameters(**memory):
        stack = read_yaml(render_all(site(nexus={"memory": memory}))[1]).data
        return stack["services"]["nexus"].get("environment", {}).get("INSTALL4J_ADD_VM_PARAMS")

    preferences = "-Djava.util.prefs.userRoot=/nexus-data/javaprefs"
    assert parameters(heap="1g", direct="2g") == (
        f"-Xms1g -Xmx1g -XX:MaxDirectMemorySize=2g {preferences}"
    )
    assert parameters(heap=None, direct="2g") == f"-XX:MaxDirectMemorySize=2g {preferences}"
    assert parameters(heap=None, direct=None) is None


def test_dollars_and_quotes_reach_docker_as_they_are(site, render_all):
    found = site(
        nexus={"environment": {"A": 'x$y "q" \\ ${z}', "B": "no", "C": "1:30", "D": ""}},
        ingress={"labels": {"users": "ops:$apr1$x$y"}},
    )
    service = read_yaml(render_all(found)[1]).data["services"]["nexus"]
    environment = service["environment"]
    assert environment["A"] == 'x$$y "q" \\ $${z}'
    assert (environment["B"], environment["C"], environment["D"]) == ("no", "1:30", "")
    assert service["deploy"]["labels"][-1] == "users=ops:$$apr1$$x$$y"


@pytest.mark.parametrize("name", ["no", "123", "on", "null"])
def test_names_that_yaml_would_misread(site, render_all, name):
    found = site(stack={"service": name}, ingress={"network": name})
    stack = read_yaml(render_all(found)[1])
    assert list(stack.data["services"]) == [name]
    assert list(stack.data["networks"]) == [name]
    assert stack.mistakes == []


@pytest.mark.parametrize(
    "template,said",
    [
        ("services: [", "is not YAML"),
        ("a: 1\n", "no services"),
        ("", "no services"),
        ("services: {n: {image: $HOME/x}}", "services.n.image: a single $ is taken"),
        ("services: {n: {environment: {$A: x}}}", "services.n.environment.$A: a single $"),
        ("services: {n: {image: a, image: b}}", "services.n.image: image is there already"),
        ("services: {n: {deploy: {labels: [a=1, b=1, a=2]}}}",
         "services.n.deploy.labels: a is there 2 times"),
        ("services: {n: {deploy: {labels: [traefik.docker.network=a, traefik.swarm.network=a]}}}",
         "traefik.docker.network and traefik.swarm.network are both there"),
        ("services: {n: {deploy: {labels: {traefik.docker.network: a, traefik.swarm.network: b}}}}",
         "traefik.docker.network and traefik.swarm.network are both there"),
    ],
)  # fmt: skip
@pytest.mark.scenario(19, "Template with undefined variable")
def test_a_rendering_that_docker_or_traefik_would_trip_over(refused, template, said):
    message = refused(template)
    assert "templates/stack.yml.j2: " in message
    assert said in message


def test_a_label_of_ones_own_that_is_there_already(site, templates):
    found = site(ingress={"labels": {"traefik.enable": "false"}})
    with pytest.raises(TemplateError, match=r"traefik\.enable is there 2 times"):
        documents.stack(found, templates, "image:1")


def test_both_network_labels_by_ones_own(site, templates):
    found = site(ingress={"labels": {"traefik.docker.network": "proxy"}})
    with pytest.raises(TemplateError, match="are both there"):
        documents.stack(found, templates, "image:1")


def test_all_faults_at_once(refused):
    message = refused("services: {n: {image: $A, command: $B}}")
    assert message.count("a single $") == 2
