"""The seed inventory renders the setup that it was taken from, parsed as YAML."""

from pathlib import Path

from moorage.config.yamlfile import read_yaml

POST = Path(__file__).resolve().parents[3] / "tests" / "data" / "seed-registry.yml"


def test_the_stack_is_the_same(data_of, site_from_data, render_all):
    dockerfile, stack, _ = render_all(site_from_data(data_of("seed")))
    assert read_yaml(stack).data == read_yaml(POST.read_text()).data
    assert dockerfile == "FROM sonatype/nexus3:3.16.2\nEXPOSE 8081 8082 8083\n"


def test_its_labels_stand_in_the_same_order(data_of, site_from_data, render_all):
    stack = read_yaml(render_all(site_from_data(data_of("seed")))[1]).data
    post = read_yaml(POST.read_text()).data
    labels = stack["services"]["nexus"]["deploy"]["labels"]
    assert labels == post["services"]["nexus"]["deploy"]["labels"]
    assert len(labels) == 12
