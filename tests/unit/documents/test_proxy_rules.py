"""Routes written down for proxies of one's own: which rule is tried first, and what it fits."""

import re

import pytest

from moorage.documents import proxy as made
from moorage.ingress.model import FIRST, USUAL, Match, Path, Route


@pytest.fixture
def routed(monkeypatch):
    """The rules of one name for routes of a routing that does not exist yet."""

    def rules(*routes):
        monkeypatch.setattr(made, "routes", lambda _: list(routes))
        (found,) = made.rules(None).values()
        return found

    return rules


def route(port, match, priority=USUAL):
    return Route("r", "s", "registry.example.com", port, (match,), priority)


def test_what_has_priority_is_tried_first(routed):
    usual, first = route(8082, Match(("GET",))), route(8083, Match(("HEAD",)), FIRST)
    assert [rule.port for rule in routed(usual, first)] == [8083, 8082]


@pytest.mark.parametrize(
    ("match", "fits", "does_not"),
    [
        (Match(path=Path.BLOBS), "/v2/a/b/blobs/sha256:00", "/v2/a/manifests/sha256:00"),
        (Match(prefixes=("/v2/t.m/",)), "/v2/t.m/app/tags/list", "/v2/tom/app/tags/list"),
        (Match(prefixes=("/v2/a/", "/v2/b/")), "/v2/b/app", "/v2/c/app"),
        (Match(path=Path.UPLOADS, prefixes=("/v2/a/", "/v2/b/")),
         "/v2/b/app/blobs/uploads/1", "/v2/c/app/blobs/uploads/1"),
    ],
)  # fmt: skip
def test_paths(routed, match, fits, does_not):
    (rule,) = routed(route(8083, match))
    assert re.search(rule.path, fits)
    assert not re.search(rule.path, does_not)


def test_all_paths(routed):
    (rule,) = routed(route(8081, Match()))
    assert (rule.methods, rule.path) == ((), "")
