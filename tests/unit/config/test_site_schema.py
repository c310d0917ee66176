"""docs/site.schema.json: current, takes all that Moorage takes, and refuses mistakes."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from moorage.config.inventory import SCHEMA, editor_line
from moorage.config.schema.site import Site
from moorage.config.site_schema import schema_text
from moorage.config.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[3]
INVENTORIES = sorted(ROOT.glob("inventories/*/site.yml"))
_DROP = ...


@cache
def judge():
    return Draft202012Validator(json.loads((ROOT / SCHEMA).read_text("utf-8")))


def mistakes(data):
    return [error.message for error in judge().iter_errors(data)]


def example():
    return read_yaml((ROOT / "inventories/example/site.yml").read_text()).data


def changed(data, way, value):
    """A copy with one value replaced, or taken out."""
    made = copy.deepcopy(data)
    part = made
    for step in way[:-1]:
        part = part[step]
    if value is _DROP:
        del part[way[-1]]
    else:
        part[way[-1]] = value
    return made


def parsed(text):
    return [int(step) if step.isdigit() else step for step in text.split(".")]


def test_the_file_is_what_the_models_say():
    text = (ROOT / SCHEMA).read_text("utf-8")
    assert text == schema_text(), f"make it anew: ./run inv site-schema > {SCHEMA}"


def test_it_is_a_schema_of_draft_2020_12():
    schema = json.loads((ROOT / SCHEMA).read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.parent.name)
def test_it_takes_the_inventories_that_are_here(path):
    assert mistakes(read_yaml(path.read_text()).data) == []


def test_it_takes_the_shorter_ways_to_write_a_value():
    data = example()
    for way, value in (
        ("storage.clients", "10.0.0.0/24"),
        ("ingress.entrypoints", "websecure"),
        ("backup.keep", 7),
        ("nexus.tasks.uploads.schedule", "manual"),
    ):
        data = changed(data, parsed(way), value)
        Site.model_validate(data)
        assert mistakes(data) == [], way


@pytest.mark.parametrize(
    "way,value",
    [
        ("schema", 2),
        ("schema", _DROP),
        ("hosts", _DROP),
        ("hosts.nfs", {}),
        ("hosts.nfs.other", {"address": "10.0.0.2"}),
        ("hosts.managers.swarm1.address", _DROP),
        ("hosts.managers.swarm1.address", "ops@10.0.0.11"),
        ("hosts.managers.swarm1.port", 70000),
        ("hosts.managers.swarm1.prot", 22),
        ("hosts.nodes.a b", {"address": "10.0.0.2"}),
        ("ssh.sudo", "yes"),
        ("ssh.connect_timeout", "10 s"),
        ("nexus.version", "3.94"),
        ("nexus.version", 3.94),
        ("nexus.domain", "https://nexus.example.com"),
        ("nexus.admin_password", "hunter2"),
        ("nexus.memory.limit", "6 GB"),
        ("nexus.blob_stores.images.type", "tape"),
        ("nexus.tasks.uploads.schedule", "daily"),
        ("nexus.users.ci.roles", []),
        ("nexus.versoin", "3.94.0"),
        ("registry.repositories", {}),
        ("registry.repositories.docker-private.type", "hostd"),
        ("registry.repositories.docker-private.remote", "docker-hub"),
        ("registry.repositories.docker-hub.login", "token"),
        ("storage.export", "srv/nexus"),
        ("storage.mode", 750),
        ("ingress.version", 3.7),
        ("ingress.routing", "splt"),
        ("stack.update.order", "start-first"),
        ("backup.keep", 0),
        ("api", "ssh"),
        ("extra", 1),
    ],
)
def test_it_refuses_what_moorage_refuses(way, value):
    data = changed(example(), parsed(way), value)
    assert mistakes(data) != []
    with pytest.raises(ValidationError):
        Site.model_validate(data)


def leaves(data, way=()):
    """The ways to all values, those in between included."""
    if way:
        yield way
    if isinstance(data, dict | list):
        steps = data if isinstance(data, dict) else range(len(data))
        for step in steps:
            yield from leaves(data[step], (*way, step))


ODD = [
    None, True, 0, 1, -1, 31, "", "x", "a.b", "10m", "2g", "10.0.0.1", "fe80::1", "10.0.0.0/8",
    "/x", "a b", "env:A", "prompt:", "auto", "last", "3.70.0", "https://a.b/c", "03:00",
    "0 0 3 * * ?", [], ["x"], {}, {"x": {}}, {"daily": "03:00"}, _DROP,
]  # fmt: skip


def refused_though_right(odd, ways):
    """Places where the schema refuses a value that Moorage takes, and how many it takes."""
    data, taken, wrong = example(), 0, []
    for way in ways:
        one = changed(data, way, odd)
        try:
            Site.model_validate(one)
        except ValidationError:
            continue
        taken += 1
        wrong += [way] if mistakes(one) else []
    return wrong, taken


STRIDE = 10


def test_it_refuses_nothing_that_moorage_takes():
    """An editor that marks what is right would teach to look away."""
    ways = list(leaves(example()))
    found = [refused_though_right(odd, ways[number % STRIDE :: STRIDE])
             for number, odd in enumerate(ODD)]  # fmt: skip
    assert [wrong for wrong, _ in found if wrong] == []
    assert sum(taken for _, taken in found) > 100


@pytest.mark.long
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_it_refuses_nothing_that_moorage_takes_anywhere(odd):
    # true is 1 to Python, so Moorage takes it for the version of the form
    ways = [way for way in leaves(example()) if (way, odd) != (("schema",), True)]
    assert refused_though_right(odd, ways)[0] == []


def described(schema, way=""):
    for name, part in schema.get("properties", {}).items():
        yield f"{way}.{name}", part.get("description", "")
    for name, part in schema.get("$defs", {}).items():
        yield from described(part, name)


def test_every_key_is_described():
    found = dict(described(judge().schema))
    assert found[".storage"] == "Where its data lie."
    assert [name for name, text in found.items() if not text] == []


def test_the_patterns_are_those_of_javascript_too():
    """Editors compile them with the flag u, which takes no escapes but its own."""
    text = (ROOT / SCHEMA).read_text("utf-8")
    patterns = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text))
    patterns |= set(re.findall(r'("\^(?:[^"\\]|\\.)*"): \{', text))
    assert len(patterns) > 20
    for pattern in map(json.loads, patterns):
        assert set(re.findall(r"\\(.)", pattern)) <= set(r"dsSx.\/"), pattern
        assert not re.search(r"\(\?[P<]", pattern), pattern


@pytest.mark.parametrize("place", ["inventories/example", "inventories/prod", "elsewhere/a/b"])
def test_the_line_for_editors_leads_to_it(place):
    path = ROOT / place / "site.yml"
    line = editor_line(path, ROOT)
    way = line.partition("$schema=")[2]
    assert (path.parent / way).resolve() == ROOT / SCHEMA


def test_the_example_begins_with_the_line_for_editors():
    path = ROOT / "inventories/example/site.yml"
    assert path.read_text().splitlines()[0] == f"# {editor_line(path, ROOT)}"
