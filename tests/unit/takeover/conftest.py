"""What the tests of taking a site over share."""

from __future__ import annotations

from pathlib import Path

import pytest

from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.config.yamlfile import read_yaml
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
