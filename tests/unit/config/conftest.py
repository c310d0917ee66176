"""What the tests of inventories share: the least inventory, and the problems of a text."""

from pathlib import Path

import pytest

from moorage.config.validate import site_from
from moorage.errors import InventoryError

ROOT = Path(__file__).resolve().parents[3]

LEAST = """\
schema: 1
hosts:
  nfs:
    nas: {address: 10.0.0.10}
  managers:
    swarm1: {address: 10.0.0.11}
nexus:
  version: 3.94.0
  domain: nexus.example.com
registry:
  domain: registry.example.com
storage:
  export: /srv/nexus
ingress:
  version: "3.7"
"""


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture
def least():
    return LEAST


@pytest.fixture
def site_of(tmp_path):
    def load(text=LEAST):
        content = text if isinstance(text, bytes) else text.encode()
        return site_from(tmp_path / "site.yml", content)

    return load


@pytest.fixture
def problems_of(site_of):
    """The problems of a text as ``line:column: field: message``, and the whole report."""

    def load(text):
        with pytest.raises(InventoryError) as caught:
            site_of(text)
        found = [
            f"{problem.line}:{problem.column}: {problem.field}: {problem.message}"
            for problem in caught.value.problems
        ]
        return found, "\n".join(caught.value.lines())

    return load
