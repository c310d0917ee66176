"""Further keys of the service, as they come out in the stack file."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from moorage.errors import TemplateError
from moorage.steps.stack.composed import stack_fields


@pytest.fixture
def rendered(data_of, site_from_data, render_all):
    def make(further, **stack):
        data = data_of("example")
        data["stack"] |= {"further": further, **stack}
        text = render_all(site_from_data(data))[1]
        return YAML(typ="safe", pure=True).load(text), text

    return make


def test_maps_are_merged_and_lists_get_longer(rendered):
    limits = {"resources": {"limits": {"cpus": "2.0"}}}
    compose, _ = rendered({"deploy": limits, "volumes": ["/etc/localtime:/etc/localtime:ro"]})

    service = compose["services"]["nexus"]
    assert service["deploy"]["resources"]["limits"] == {"memory": "6g", "cpus": "2.0"}
    assert service["deploy"]["update_config"]["order"] == "stop-first"
    assert [item if isinstance(item, str) else item["target"] for item in service["volumes"]] == [
        "/nexus-data", "/etc/localtime:/etc/localtime:ro",
    ]  # fmt: skip
    assert set(compose["volumes"]) == {"data"}


def test_what_the_file_does_not_declare_is_there_already(rendered):
    compose, _ = rendered({
        "networks": ["backend"], "secrets": ["key"],
        "volumes": [{"type": "volume", "source": "more", "target": "/more"}],
    })  # fmt: skip

    assert compose["services"]["nexus"]["networks"] == ["proxy", "backend"]
    for kind, name in (("networks", "backend"), ("secrets", "key"), ("volumes", "more")):
        assert compose[kind][name] == {"external": True}
    fields = stack_fields(compose, "registry")["registry_nexus"]
    assert fields["networks"] == ["backend", "proxy"]


def test_a_dollar_stays_one(rendered):
    compose, text = rendered({"logging": {"driver": "syslog", "options": {"tag": "$x"}}})

    assert "$$x" in text
    fields = stack_fields(compose, "registry")["registry_nexus"]
    assert fields["logging tag"] == "$x"


@pytest.mark.parametrize(
    ("kind", "given"),
    [("secrets", 5), ("volumes", [1]), ("secrets", [{"target": "x"}]), ("secrets", "key"),
     ("secrets", [{"source": 5}]), ("volumes", [{"type": "volume", "source": 5, "target": "/x"}])],
)  # fmt: skip
def test_what_names_nothing_is_told_by_its_key(rendered, kind, given):
    with pytest.raises(TemplateError, match=rf"stack\.further\.{kind}: Docker takes a list"):
        rendered({kind: given})


@pytest.mark.parametrize(
    ("further", "place"),
    [({"deploy": {"labels": {"a.b": "x"}}}, "deploy.labels"), ({"environment": ["A=b"]},
                                                               "environment"),
     ({"networks": "front"}, "networks"), ({"volumes": "data:/x"}, "volumes")],
)  # fmt: skip
def test_what_the_template_made_is_never_dropped_for_another_form(rendered, further, place):
    with pytest.raises(TemplateError, match=f"stack.further.{place}: the stack file has a"):
        rendered(further)


def test_another_form_may_take_the_place_of_what_it_has_all_of(rendered):
    compose, _ = rendered({"networks": {"proxy": {"aliases": ["nexus.lan"]}}})

    assert compose["services"]["nexus"]["networks"] == {"proxy": {"aliases": ["nexus.lan"]}}
