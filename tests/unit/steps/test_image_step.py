"""The step image: built where it is missing, handed to the nodes that lack it, pushed if asked."""

from __future__ import annotations

import dataclasses
import json

import pytest
from frames import replaced

from moorage.errors import Refused
from moorage.steps.image import ImageDesired, ImageStep
from moorage.steps.image.observe import ImageObserved, parse
from moorage.transport.base import sections

RECORDING = "docker/20.10/image.txt"


@pytest.fixture
def wanted(image, image_digest):
    return ImageDesired(
        reference=image,
        dockerfile="FROM base",
        digest=image_digest,
        distribution="load",
        nodes=("manager", "worker"),
    )


@pytest.fixture
def good(wanted):
    return ImageObserved(present=True, dockerfile=wanted.digest, pushed=False)


ABSENT = ImageObserved(present=False, dockerfile=None, pushed=False)
STALE = ImageObserved(present=True, dockerfile="0" * 64, pushed=False)
UNLABELLED = ImageObserved(present=True, dockerfile=None, pushed=False)


@pytest.fixture
def plan(wanted, played_fleet):
    def make(seen, builder="manager", **changes):
        step = ImageStep(
            played_fleet(), builder, dataclasses.replace(wanted, **changes)
        )  # fmt: skip
        return step.plan(seen)

    return make


def summaries(made):
    return [(change.host, action.summary.split()[0])
            for change in made.changes for action in change.actions]  # fmt: skip


def test_the_recorded_image_is_as_asked(recorded, wanted, plan):
    seen = parse(recorded(RECORDING), wanted.reference, "worker")

    assert (seen.present, seen.dockerfile, seen.pushed) == (True, wanted.digest, False)
    assert len(seen.content) == 64
    assert plan({"manager": seen, "worker": seen}).empty


def test_docker_that_does_not_answer_is_refused_with_its_words(recorded):
    said = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."
    text = replaced(recorded(RECORDING), "image", said, 1)

    with pytest.raises(Refused) as caught:
        parse(text, "x:1", "worker")

    assert said in caught.value.message
    assert caught.value.host == "worker"


def test_no_output_at_all_is_refused():
    with pytest.raises(Refused):
        parse("", "x:1", "worker")


def test_an_image_that_is_not_there_is_absent(recorded):
    text = replaced(recorded(RECORDING), "image", "[]\nError: No such image: x:1", 1)

    assert parse(text, "x:1", "worker") == ABSENT


@pytest.mark.parametrize(
    ("digests", "pushed"),
    [
        ([], False),
        (None, False),
        (["registry.example.com:5000/ops/nexus@sha256:1"], True),
        (["other.example.com/ops/nexus@sha256:1"], False),
        (["registry.example.com:5000/ops/nexus-other@sha256:1"], False),
    ],
)
def test_a_digest_of_its_own_name_says_that_it_was_pushed(recorded, digests, pushed):
    image = {"Config": {"Labels": None}, "RepoDigests": digests}
    text = replaced(recorded(RECORDING), "image", json.dumps(image))

    seen = parse(text, "registry.example.com:5000/ops/nexus:1", "worker")

    assert seen.pushed is pushed
    assert seen.dockerfile is None


def other(image):
    return dataclasses.replace(image, content="other")


def test_other_content_under_the_same_name_and_label_is_replaced(plan, good):
    (change,) = plan({"manager": good, "worker": other(good)}).changes

    assert change.host == "worker"
    assert change.differences[0].field == "content"


def test_without_the_builders_image_nodes_that_differ_are_all_built_for(plan, good):
    seen = {"this machine": ABSENT, "manager": good, "worker": other(good)}

    made = plan(seen, builder="this machine")

    assert [host for host, _ in summaries(made)] == ["this machine", "manager", "worker"]


@pytest.mark.parametrize(
    "change",
    [("RootFS", {"Layers": ["sha256:0"]}), ("Config", {"Cmd": ["x"]}), ("Config", {"Env": ["A=1"]}),
     ("Config", {"User": "0"}), ("Config", {"Entrypoint": ["x"]}), ("Config", {"WorkingDir": "/"}),
     ("Config", {"ExposedPorts": {}})],
)  # fmt: skip
def test_the_content_is_the_layers_and_the_configuration_and_not_the_id(recorded, change):
    text = recorded(RECORDING)
    image = json.loads(sections(text)["image"].text)
    before = parse(text, "x:1", "worker").content
    key, value = change
    changed = {**image, key: {**image[key], **value}}

    assert parse(replaced(text, "image", json.dumps(changed)), "x:1", "w").content != before
    renamed = {**image, "Id": "sha256:1", "Metadata": {}}
    assert parse(replaced(text, "image", json.dumps(renamed)), "x:1", "w").content == before


def test_one_nodes_copy_does_not_need_anothers(plan):
    made = plan({"manager": ABSENT, "worker": ABSENT, "third": ABSENT},
                nodes=("manager", "worker", "third"))  # fmt: skip

    build, *copies = made.changes
    assert [change.needs for change in copies] == [(build.key,), (build.key,)]


@pytest.mark.parametrize("lacking", [ABSENT, STALE, UNLABELLED])
def test_a_first_run_builds_once_and_hands_it_over(plan, lacking):
    made = plan({"manager": lacking, "worker": lacking})

    assert summaries(made) == [("manager", "build"), ("worker", "hand")]


@pytest.mark.parametrize(
    ("seen", "verb", "before"),
    [(ABSENT, "create", "absent"), (STALE, "update", "0" * 12), (UNLABELLED, "update",
                                                               "unlabelled")],
)  # fmt: skip
def test_what_was_there_is_told(plan, good, seen, verb, before):
    (change,) = plan({"manager": good, "worker": seen}).changes

    assert change.verb == verb
    assert change.differences[0].before == before
    assert change.host == "worker"


def test_a_node_alone_gets_it_from_the_builder_that_has_it(plan, good):
    assert summaries(plan({"manager": good, "worker": ABSENT})) == [("worker", "hand")]


def test_a_builder_that_is_no_node_builds_only_what_no_node_can_give(plan, good):
    everywhere = {"this machine": ABSENT, "manager": good, "worker": good}
    assert plan(everywhere, builder="this machine").empty

    (change,) = plan({**everywhere, "worker": ABSENT}, builder="this machine").changes
    assert (change.host, change.actions[0].source) == ("worker", "manager")

    nowhere = {"this machine": ABSENT, "manager": ABSENT, "worker": STALE}
    assert summaries(plan(nowhere, builder="this machine")) == [
        ("this machine", "build"), ("manager", "hand"), ("worker", "hand"),
    ]  # fmt: skip


def test_a_builder_that_lost_it_gets_it_from_a_node_so_that_nexus_runs_on(plan, good):
    (change,) = plan({"manager": ABSENT, "worker": good}).changes

    assert (change.host, change.actions[0].source) == ("manager", "worker")


def test_a_registry_gets_a_push_and_nodes_get_nothing(plan, good):
    options = {"distribution": "registry", "reference": "registry.example.com/nexus:1"}

    assert summaries(plan({"manager": ABSENT}, **options)) == [
        ("manager", "build"), ("manager", "push"),
    ]  # fmt: skip
    assert summaries(plan({"manager": good}, **options)) == [("manager", "push")]
    pushed = dataclasses.replace(good, pushed=True)
    assert plan({"manager": pushed}, **options).empty


def test_a_build_anew_is_pushed_anew(plan):
    stale = ImageObserved(present=True, dockerfile="0" * 64, pushed=True)

    made = plan({"manager": stale}, distribution="registry", reference="r.example.com/nexus:1")

    assert summaries(made) == [("manager", "build"), ("manager", "push")]


def test_the_build_labels_the_image_with_its_dockerfiles_digest(plan, wanted):
    script = plan({"manager": ABSENT, "worker": ABSENT}).changes[0].actions[0].script

    assert script.variables["label"] == f"moorage.dockerfile={wanted.digest}"
    assert script.variables["dockerfile"] == wanted.dockerfile
    assert script.variables["reference"] == wanted.reference


def test_hosts_are_read_once_each_and_the_copy_streams(wanted, played_host, played_fleet,
                                                      recorded, heard):  # fmt: skip
    manager = played_host("manager", lambda _: recorded(RECORDING))
    worker = played_host(
        "worker", lambda _: replaced(recorded(RECORDING), "image", "No such image", 1)
    )
    step = ImageStep(played_fleet(manager, worker), "manager", wanted)

    made = step.plan(step.observe(heard))
    assert [len(host.asked) for host in (manager, worker)] == [1, 1]
    manager.answer = lambda script: (
        "the archive" if script.summary.startswith("docker save") else recorded(RECORDING)
    )
    for change in made.changes:
        for action in change.actions:
            step.carry_out(action, heard)

    assert manager.asked[-1].summary == f"docker save {wanted.reference}"
    assert worker.fed == [(["docker", "load", "-q"], b"the archive")]


def test_a_host_that_has_got_the_image_meanwhile_is_sent_nothing(
    wanted, played_host, played_fleet, recorded, heard
):
    """As when this machine's docker command is that very host's own Docker."""
    manager = played_host("manager", lambda _: recorded(RECORDING))
    worker = played_host(
        "worker", lambda _: replaced(recorded(RECORDING), "image", "No such image", 1)
    )
    step = ImageStep(played_fleet(manager, worker), "manager", wanted)
    made = step.plan(step.observe(heard))
    worker.answer = lambda _: recorded(RECORDING)

    for change in made.changes:
        for action in change.actions:
            step.carry_out(action, heard)

    assert worker.fed == []
