"""What ``fab relocate``, ``gc`` and ``destroy`` refuse before any host is touched."""

from __future__ import annotations

import pytest

from moorage.cli_clean import _seconds, _types
from moorage.cli_destroy import _by_name
from moorage.errors import Refused
from moorage.order_relocate import refuse_request


def placed(site, **placement):
    made = site.stack.placement.model_copy(update=placement) if placement is not None else None
    return site.model_copy(update={"stack": site.stack.model_copy(update={"placement": made})})


@pytest.mark.parametrize(
    ("placement", "to", "fenced", "words"),
    [
        (
            {"nodes": ["edge", "swarm1"]},
            "swarm3",
            [],
            "--to: the Swarm has no swarm3 (did you mean",
        ),
        ({"nodes": ["edge", "swarm1"]}, "nas", [], "--to: the Swarm has no nas"),
        ({"nodes": ["edge", "swarm1"]}, "swarm1", ["eg"], "--fenced: the Swarm has no eg"),
        ({"nodes": ["edge", "swarm1"]}, "swarm1", ["swarm1"], "switched off and take Nexus too"),
        ({"nodes": ["edge"], "failover": True}, "edge", [], "lets Swarm move Nexus by itself"),
        ({"nodes": ["edge"]}, "swarm1", [], "nodes: [edge, swarm1]"),
    ],
)
def test_a_move_that_the_inventory_does_not_provide_for(site, placement, to, fenced, words):
    with pytest.raises(Refused) as caught:
        refuse_request(placed(site, **placement), to, fenced)
    assert words in "\n".join(caught.value.lines())


def test_a_move_without_placement(site):
    nowhere = site.model_copy(update={"stack": site.stack.model_copy(update={"placement": None})})
    with pytest.raises(Refused, match=r"stack\.placement is null"):
        refuse_request(nowhere, "edge", [])


def test_a_move_without_an_export_to_fence_it_by(site):
    storage = site.storage.model_copy(update={"manage_export": False})
    theirs = placed(site, nodes=["edge", "swarm1"]).model_copy(update={"storage": storage})
    with pytest.raises(Refused, match=r"storage\.manage_export is false"):
        refuse_request(theirs, "swarm1", [])


def test_a_move_that_it_provides_for(site):
    refuse_request(placed(site, nodes=["edge", "swarm1"]), "swarm1", ["edge"])


def test_types_of_tasks():
    assert _types(None) == []
    assert _types("docker-gc, compact-blob-store") == ["docker-gc", "compact-blob-store"]
    with pytest.raises(Refused, match=r"there is no type docker-cg \(did you mean docker-gc"):
        _types("docker-cg")
    assert _seconds("4h") == 14400
    with pytest.raises(Refused, match="--timeout"):
        _seconds("soon")


class Assembly:
    def __init__(self, site):
        self.site = site


@pytest.mark.parametrize("answer", ["", "yes", "Registry"])
def test_data_are_deleted_only_for_the_stacks_name(site, monkeypatch, answer):
    monkeypatch.setattr("moorage.cli_destroy.typed", lambda _: answer)
    asked = []

    with pytest.raises(Refused, match="was not typed"):
        _by_name(Assembly(site), asked.append)("carry out 3 changes?")
    assert asked == []


def test_once_typed_further_questions_are_as_usual(site, monkeypatch):
    asked = []
    monkeypatch.setattr("moorage.cli_destroy.typed", lambda question: asked.append(question) or
                        "registry")  # fmt: skip
    confirm = _by_name(Assembly(site), asked.append)

    confirm("carry out 3 changes?")
    confirm("it has changed: carry this out?")

    assert asked == ["type the stack's name, registry, to delete /srv/nexus for good:",
                     "it has changed: carry this out?"]  # fmt: skip
