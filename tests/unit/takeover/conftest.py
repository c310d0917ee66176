"""What the tests of taking a site over share."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from running_site import found_of, service_with

from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.config.yamlfile import read_yaml
from moorage.takeover.take import take
from moorage.takeover.text import inventory_text

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def templates():
    return Templates(ROOT)


@pytest.fixture(scope="session")
def shipped():
    return lambda name: load_site(name, root=ROOT, environ={})


@pytest.fixture(scope="session")
def varied():
    """An inventory that comes with the project, with some values otherwise."""

    def make(name, **changes):
        path = ROOT / "inventories" / name / "site.yml"
        data = read_yaml(path.read_text()).data
        for dotted, value in changes.items():
            *above, last = dotted.split("__")
            part = data
            for step in above:
                part = part.setdefault(step, {})
            part[last] = value
        return site_from(path, inventory_text(data, {}, ()).encode())

    return make


@pytest.fixture
def found(varied, templates):
    site = varied(
        "lab", nexus__image={"distribution": "given", "tag": "1", "name": "someone/nexus"}
    )
    return found_of(site, templates)


@pytest.fixture
def made(found, templates, tmp_path):
    def make(labels=None, changes=None, **fields):
        by_hand = service_with(dataclasses.replace(found, **(changes or {})), labels, **fields)
        site, taken = take(by_hand, templates, tmp_path / "site.yml")
        return site, taken, by_hand

    return make
