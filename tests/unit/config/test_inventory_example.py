"""The example has every key, and docs/inventory.md explains every key as the models do."""

import re
from functools import cache

import pytest
from pydantic_core import PydanticUndefined

from moorage.config.advice import advice
from moorage.config.inventory import load_site
from moorage.config.key_words import choices, default_text
from moorage.config.keys import ANY_NAME, all_keys, kinds_at
from moorage.config.schema.site import Site
from moorage.config.yamlfile import read_yaml


@pytest.fixture(scope="module")
def text(root):
    return (root / "inventories" / "example" / "site.yml").read_text()


@cache
def patterns():
    """The ways to all keys and to whatever is above them."""
    return {key.steps[:length] for key in all_keys() for length in range(1, len(key.steps) + 1)}


def shown_keys(text):
    """The keys of the example, with <name> for what the operator names, apart by their type."""
    document = read_yaml(text)
    for steps in document.keys:
        pattern, data = (), document.data
        for step in steps:
            above, data = data, data[step] if isinstance(data, dict) else None
            known = (*pattern, step) in patterns()
            pattern = (*pattern, step if known else ANY_NAME)
        if pattern in patterns() and pattern[-1] != ANY_NAME:
            kind = above.get("type", "")
            yield ".".join(pattern), kind if kind in kinds_at(pattern[:-1]) else ""


def test_every_key_is_shown(text):
    assert set(shown_keys(text)) == {(key.dotted, key.kind) for key in all_keys()}


def test_it_says_the_defaults(text, root):
    """What is not marked CHANGE and names no other default is the default itself."""
    lines, places = text.splitlines(), read_yaml(text).keys
    example = load_site("example", root=root, environ={}).model_dump(by_alias=True)
    for key in all_keys():
        default = key.field.get_default(call_default_factory=True)
        if (
            ANY_NAME in key.steps
            or key.dotted == "hosts.nodes"
            or default is PydanticUndefined
            or hasattr(default, "model_dump")
        ):
            continue
        if isinstance(default, dict) and default:
            continue
        value = example
        for step in key.steps:
            value = value[step]
        line = lines[places[key.steps].line - 1]
        if not {"CHANGE", "EXAMPLE"} & set(re.findall(r"[A-Z]+", line)):
            assert value == default, key.dotted


def test_the_least_that_works_works(text, site_of):
    block = re.search(r"# The least that works.*?\n#\n((?:#   .*\n)+)", text)
    site = site_of(re.sub(r"(?m)^#   ", "", block[1]))
    assert site.export_clients() == ["10.0.0.11"]


def test_every_key_is_described():
    assert [key.dotted for key in all_keys() if not key.description] == []


def test_the_example_is_wise_but_for_the_database(root):
    found = advice(load_site("example", root=root, environ={}))
    assert [entry.field for entry in found] == ["storage"]


def documented(root):
    text = (root / "docs" / "inventory.md").read_text()
    tables = re.findall(r"\| key \| default \| .*\n\| --- .*\n((?:\|.*\n)+)", text)
    rows = [row.strip("| ").split(" | ") for table in tables for row in table.splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows}


def default_cell(field):
    found = default_text(field)
    return f"`{found}`" if found not in ("required", "—") else found


def one_of(annotation):
    words = choices(annotation)
    return f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""


def expected_rows():
    """One row a key; hosts of all roles have the same keys, and so have repositories."""
    rows = {}
    for key in all_keys():
        dotted = re.sub(r"^hosts\.\w+\.<name>", "hosts.<role>.<name>", key.dotted)
        description = " ".join(key.description.split()).replace("``", "`")
        if key.kind and key.steps[-1] == "type":
            *others, last = (f"`{kind}`" for kind in kinds_at(key.steps[:-1]))
            description = f"What it is: {', '.join(others)} or {last}."
        description += one_of(key.field.annotation)
        rows.setdefault(dotted, [default_cell(key.field), description])
    return rows


def test_the_table_of_keys_is_true(root):
    """Rows that are missing or stale are in the message, ready to be pasted."""
    expected, found = expected_rows(), documented(root)
    stale = [
        f"| `{name}` | {' | '.join(row)} |"
        for name, row in expected.items()
        if found.get(name) != row
    ]
    assert "\n".join(stale) == ""
    assert set(found) <= set(expected)


def test_the_site_is_the_only_root():
    assert {key.steps[0] for key in all_keys()} == {
        field.alias or name for name, field in Site.model_fields.items()
    }


def test_what_the_readme_says_can_be_declared_is_shown(root, text):
    readme = (root / "README.md").read_text()
    table = readme.split("<!-- declared -->")[1].split("<!-- declared end -->")[0]
    rows = [row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:]]
    data = read_yaml(text).data
    shown = []
    for thing, _, example in rows:
        for key in re.findall(r"`([^`]+)`", example):
            place = data
            for step in key.split("."):
                assert step in place, (thing, key)
                place = place[step]
            shown.append(key)
    for kind in ("nexus.blob_stores", "nexus.cleanup_policies", "nexus.roles", "nexus.users",
                 "registry.repositories"):  # fmt: skip
        assert any(key.startswith(kind) for key in shown), kind
