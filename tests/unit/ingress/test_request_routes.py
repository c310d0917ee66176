"""Which port each request of a push and a pull meets, by the rules as Traefik would weigh them."""

import re
from pathlib import Path as FilePath

import pytest

from moorage.config.inventory import load_site
from moorage.config.schema.ingress import Ingress
from moorage.ingress.model import Path, routes

ROOT = FilePath(__file__).resolve().parents[3]
READ, WRITE = 8082, 8083
DIGEST = "sha256:" + "0" * 64
PATHS = {
    Path.UPLOADS: re.compile(r"/v2/.+/blobs/uploads/"),
    Path.BLOBS: re.compile(r"/v2/.+/blobs/sha256:"),
}

TABLE = [
    # method, path, split, split-safe
    ("GET", "/v2/", READ, READ),
    ("GET", "/v2/token", READ, READ),
    ("GET", "/v2/_catalog", READ, READ),
    ("GET", "/v2/team/app/tags/list", READ, READ),
    ("GET", "/v2/team/app/manifests/1", READ, READ),
    ("HEAD", "/v2/team/app/manifests/1", READ, READ),
    ("GET", f"/v2/team/app/blobs/{DIGEST}", READ, READ),
    ("HEAD", f"/v2/team/app/blobs/{DIGEST}", READ, WRITE),
    ("POST", "/v2/team/app/blobs/uploads/", WRITE, WRITE),
    ("PATCH", "/v2/team/app/blobs/uploads/7", WRITE, WRITE),
    ("GET", "/v2/team/app/blobs/uploads/7", READ, WRITE),
    ("HEAD", "/v2/team/app/blobs/uploads/7", READ, WRITE),
    ("PUT", "/v2/team/app/blobs/uploads/7", WRITE, WRITE),
    ("DELETE", "/v2/team/app/blobs/uploads/7", WRITE, WRITE),
    ("PUT", "/v2/team/app/manifests/1", WRITE, WRITE),
    ("DELETE", "/v2/team/app/manifests/1", WRITE, WRITE),
    ("OPTIONS", "/v2/", None, None),
]


def port_for(site, host, method, path):
    fitting = [
        (route.priority, route.port)
        for route in routes(site)
        for match in route.matches
        if route.host == host
        and (not match.methods or method in match.methods)
        and (match.path is None or PATHS[match.path].match(path))
    ]
    if not fitting:
        return None
    highest = max(priority for priority, _ in fitting)
    ports = {port for priority, port in fitting if priority == highest}
    assert len(ports) == 1, "two rules of the same priority disagree"
    return ports.pop()


@pytest.fixture(scope="module")
def example():
    return load_site("example", root=ROOT, environ={})


@pytest.mark.parametrize("method,path,split,safe", TABLE)
def test_where_each_request_goes(example, method, path, split, safe):
    for routing, port in (("split", split), ("split-safe", safe)):
        ingress = Ingress(version="3.7", routing=routing)
        site = example.model_copy(update={"ingress": ingress})
        assert port_for(site, "registry.example.com", method, path) == port, routing
        assert port_for(site, "nexus.example.com", method, path) == 8081
        assert port_for(site, "other.example.com", method, path) is None


def test_the_table_in_the_documentation_says_the_same():
    text = (ROOT / "docs" / "ingress.md").read_text()
    names = {READ: "group", WRITE: "hosted", None: "404"}
    for method, path, split, safe in TABLE:
        shown = path.replace("team/app", "NAME").replace(DIGEST, "DIGEST").replace("/7", "/ID")
        shown = re.sub(r"/1$", "/TAG", shown)
        row = f"| {method} | `{shown}` | {names[split]} | {names[safe]} |"
        assert row in text, row
