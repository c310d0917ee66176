"""What the tests of checks share: a site of three hosts that names nothing real."""

import copy
from pathlib import Path

import pytest

from moorage.config.schema.site import Site

_DATA = {
    "schema": 1,
    "hosts": {
        "nfs": {"nas": {"address": "10.0.0.10"}},
        "managers": {"swarm1": {"address": "10.0.0.11"}},
        "nodes": {"swarm2": {"address": "10.0.0.12"}},
    },
    "nexus": {"version": "3.94.0", "domain": "nexus.test"},
    "registry": {"domain": "registry.test"},
    "storage": {"export": "/srv/nexus"},
    "ingress": {"version": "3.7"},
    # no name of a test is ever looked up outside
    "api": "via-ssh",
}


@pytest.fixture
def site():
    """A site; each keyword replaces keys of one section."""

    def make(**changes):
        data = copy.deepcopy(_DATA)
        for section, values in changes.items():
            if isinstance(values, dict):
                data.setdefault(section, {}).update(values)
            else:
                data[section] = values
        return Site.model_validate(data).read_from(Path("inventories/test/site.yml"))

    return make
