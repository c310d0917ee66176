"""What the tests of status share: a site of one manager and two nodes that names nothing real."""

from pathlib import Path

import pytest

from moorage.config.schema.site import Site

ROOT = Path(__file__).resolve().parents[3]
_DATA = {
    "schema": 1,
    "hosts": {
        "nfs": {"nas": {"address": "10.0.0.5"}},
        "managers": {"m1": {"address": "10.0.0.11", "hostname": "swarm-one"}},
        "nodes": {"w1": {"address": "10.0.0.12"}, "w2": {"address": "10.0.0.13"}},
    },
    "nexus": {"version": "3.94.0", "domain": "nexus.test"},
    "registry": {"domain": "registry.test"},
    "storage": {"export": "/srv/nexus"},
    "ingress": {"version": "3.7"},
    "stack": {"placement": {"nodes": ["w1"]}},
    # no name of a test is ever looked up outside
    "api": "via-ssh",
}


@pytest.fixture
def site():
    return Site.model_validate(_DATA).read_from(Path("inventories/test/site.yml"))


@pytest.fixture
def recorded():
    """A recording by its path below tests/recorded."""
    return lambda name: (ROOT / "tests/recorded" / name).read_text(encoding="utf-8")
