"""What former builds and deployments have left: told apart from what is of use, and counted."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from moorage.errors import Refused, Unreachable, Unreadable
from moorage.order_clean import refuse_gc
from moorage.quoting import Script
from moorage.steps.clean import CleanDesired, CleanStep
from moorage.steps.clean.observe import parse_manager, parse_node
from moorage.steps.clean.plan import in_words
from moorage.steps.deployed import KEPT
from moorage.steps.pending_upgrade import UNDER_WAY

NOW = "moorage/nexus:3.94.0-new"
SERVICE = "registry_nexus"
NFS = {"type": "nfs", "o": "addr=10.0.0.10", "device": ":/srv/nexus"}


def image(name, tags, layers):
    return f"sha256:{name}|{json.dumps(tags)}|{len(layers)}00|{json.dumps(layers)}"


def probe(parts):
    lines = ["frame"]
    for name, text in parts.items():
        lines += [f"--frame {name}", text, "", "--frame = 0"]
    return "\n".join([*lines, ""])


def node(**changes):
    """A host with the image in use, two former builds and a foreign image upon the same base."""
    parts = {
        "images": "\n".join([
            image("new", [NOW], ["base2", "new"]),
            image("old", ["moorage/nexus:3.76.0-old"], ["base1", "old"]),
            image("older", ["moorage/nexus:3.76.0-older"], ["base1", "older"]),
            image("base", ["sonatype/nexus3:3.94.0"], ["base2"]),
        ]),
        "builds": "sha256:new 5 0 700\nsha256:old 30 0 600\nsha256:older 20 0 600",
        "containers": f"sha256:new|running|{SERVICE}|registry-data-0000000b,",
        "volumes": json.dumps([
            {"Name": "registry-data-0000000a", "Options": NFS},
            {"Name": "registry-data-0000000b", "Options": NFS},
            {"Name": "registry-data-mine", "Options": NFS},
            {"Name": "registry-data-0000000c", "Options": None},
        ]),
    }  # fmt: skip
    return {**parts, **changes}


SWARM = {
    "services": f"{NOW}@sha256:0|"
    '[{"SecretName":"registry-certificate-new"}]|[{"ConfigName":"registry-certificate-c"}]',
    "secrets": "registry-certificate-new\nregistry-certificate-old",
    "configs": "registry-certificate-c",
    **dict.fromkeys([*UNDER_WAY, *KEPT], ""),
}


@pytest.fixture
def step():
    def make(image=NOW, volumes=("registry-data-0000000b",)):
        return CleanStep(None, "boss", CleanDesired(
            stack="registry", service=SERVICE, image=image, repository="moorage/nexus",
            volumes=volumes, hosts=("boss", "one"),
            remove_volume=lambda name: Script(f"remove {name}", ""), home="/home",
        ))  # fmt: skip

    return make


@pytest.fixture
def plan(step, heard):
    def make(one=None, boss=None, swarm=SWARM, **options):
        empty = node(images="", builds="", containers="", volumes="[]")
        answers = {
            "boss": probe({**(boss or empty), **swarm}),
            "one": probe(one) if isinstance(one, dict) else one or probe(node()),
        }
        made = step(**options)
        return made.plan(made.read(answers, heard))

    return make


def titles(plan, host="one"):
    return [change.title for change in plan.changes if change.host == host]


def test_what_nothing_uses_goes_and_all_else_stays(plan):
    made = plan()

    assert titles(made) == [
        "remove image moorage/nexus:3.76.0-old",
        "remove image moorage/nexus:3.76.0-older",
        "remove volume registry-data-0000000a",
    ]
    assert titles(made, "boss") == ["remove secret registry-certificate-old"]


@pytest.mark.parametrize(
    ("now", "stays"),
    [("moorage/nexus:3.76.0-new", True), ("moorage/nexus:3.94.0-new", False)],
)
def test_the_image_that_a_rollback_needs_stays_where_its_data_fit(plan, now, stays):
    kept = {"now": f"services: {{nexus: {{image: {now}}}}}",
            "former": "services: {nexus: {image: moorage/nexus:3.76.0-old}}"}  # fmt: skip

    made = plan(swarm={**SWARM, **kept})

    assert ("remove image moorage/nexus:3.76.0-old" in titles(made)) is not stays
    assert "remove image moorage/nexus:3.76.0-older" in titles(made)


def test_what_is_freed_is_counted_once_however_many_images_have_a_layer(plan):
    """600 of the base that only the two have, and their own; not what stays."""
    assert plan().notes == (
        "one: 650 bytes will be freed", "all together: 650 bytes will be freed",
    )  # fmt: skip


def test_a_layer_that_another_image_has_frees_nothing(plan):
    more = node()["images"] + "\n" + image("kept", ["sonatype/nexus3:3.76.0"], ["base1"])

    assert "one: 50 bytes will be freed" in plan(node(images=more)).notes


def test_nothing_is_left_after_it(plan):
    kept = node(
        images=image("new", [NOW], ["base2", "new"]), builds="sha256:new 5 700",
        volumes=json.dumps([{"Name": "registry-data-0000000b", "Options": NFS}]),
    )  # fmt: skip
    swarm = {**SWARM, "secrets": "registry-certificate-new"}

    made = plan(kept, swarm=swarm)

    assert made.empty
    assert made.notes == ()


@pytest.mark.parametrize(
    ("container", "stays"),
    [
        ("sha256:old|running|other|", True),
        ("sha256:old|exited||", True),
        (f"sha256:old|running|{SERVICE}|", True),
        (f"sha256:old|exited|{SERVICE}|", False),
        (f"sha256:old|created|{SERVICE}|", False),
    ],
)
def test_an_image_that_a_container_uses_stays_unless_it_is_an_ended_task(plan, container, stays):
    made = plan(node(containers=container))

    assert ("remove image moorage/nexus:3.76.0-old" in titles(made)) != stays
    told = "one: image moorage/nexus:3.76.0-old stays: a container uses it"
    assert (told in made.notes) == stays


def test_an_image_that_a_service_has_stays(plan):
    swarm = {**SWARM, "services": "moorage/nexus:3.76.0-old@sha256:1|null|null"}

    assert "remove image moorage/nexus:3.76.0-old" not in titles(plan(swarm=swarm))


def test_the_image_that_an_upgrade_goes_back_to_stays(plan):
    """The inventory asks for the new one by now, and the service runs it."""
    note = {"before": "3.76.0", "to": "3.94.0", "image": "moorage/nexus:3.76.0-old", "backup": "b"}

    made = plan(swarm={**SWARM, "upgrade": json.dumps(note), "held": "", "why": ""})

    assert titles(made)[:1] == ["remove image moorage/nexus:3.76.0-older"]


@pytest.mark.parametrize(
    ("tags", "goes"),
    [
        ([], True),
        (["moorage/nexus:3.76.0-old", "mine:kept"], False),
        (["else/nexus:3.76.0-old"], False),
    ],
)
def test_only_names_that_are_moorages_own_make_an_image_a_former_build(plan, tags, goes):
    images = image("old", tags, ["base1", "old"])
    made = plan(node(images=images, builds="sha256:old 30 600"))

    found = [title for title in titles(made) if "image" in title]
    assert bool(found) == goes
    if goes:
        assert found == ["remove image old"]


def test_an_image_without_the_label_is_somebody_elses(plan):
    images = image("old", ["moorage/nexus:by-hand"], ["base1", "old"])

    assert [
        title for title in titles(plan(node(images=images, builds=""))) if "image" in title
    ] == []


def test_a_definition_that_is_mounted_stays(plan):
    containers = "sha256:new|running||registry-data-0000000a,"

    made = plan(node(containers=containers))

    assert "remove volume registry-data-0000000a" not in titles(made)
    assert "one: volume registry-data-0000000a stays: a container uses it" in made.notes


def test_with_the_whole_site_all_its_images_go_and_the_plan_is_the_same_before_and_after(plan):
    before = plan(image=None, volumes=())
    gone = node(containers="", volumes="[]")
    after = plan(gone, swarm=dict.fromkeys(SWARM, ""), image=None, volumes=())

    assert titles(before) == [
        f"remove image {NOW}",
        "remove image moorage/nexus:3.76.0-old",
        "remove image moorage/nexus:3.76.0-older",
    ]
    assert before.same_as(after)


def test_a_node_that_does_not_answer_is_told_and_the_others_are_cleaned(plan):
    made = plan(Unreachable("no SSH connection", host="one"), boss=node())

    assert "one was left out: no SSH connection" in made.notes
    assert len(titles(made, "boss")) == 4


def test_all_of_it_may_be_done_side_by_side(plan):
    assert {(change.together, change.needs) for change in plan().changes} == {("clean", ())}


def test_a_docker_that_does_not_answer_is_no_empty_host():
    text = probe(node()).replace("--frame = 0", "--frame = 1", 1)
    with pytest.raises(Refused, match="Docker does not tell its images"):
        parse_node(text, "one")
    with pytest.raises(Refused, match="Docker does not tell its services"):
        parse_manager(probe({**node(), **SWARM}).replace(
            "--frame services\n", "--frame services\nno leader\n").replace(
            'ConfigName":"registry-certificate-c"}]\n\n--frame = 0',
            'ConfigName":"registry-certificate-c"}]\n\n--frame = 1'), "boss", "nexus")  # fmt: skip


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (612_345_678, "612 MB"),
                        (999_600, "1 MB"), (1_234_567_890_123_456, "1.23 PB")],
)  # fmt: skip
def test_bytes_for_a_person(size, words):
    assert in_words(size) == words


def test_a_line_of_an_image_that_is_not_whole_is_an_error_and_no_image_less(plan):
    """What it has in use would be taken for unused."""
    with pytest.raises(Unreadable, match="is not whole"):
        plan(one=node(containers="sha256:new|running"))


def test_blobs_that_an_upgrade_may_go_back_to_are_not_compacted_away():
    """The backup of its way back has the database alone: blobs stay where they are."""
    note = {"before": "3.76.0", "to": "3.94.0", "image": "a:1", "backup": "b"}
    said = [""]
    host = SimpleNamespace(read=lambda _script: said[0])
    site = SimpleNamespace(stack=SimpleNamespace(name="registry"))
    fleet = SimpleNamespace(host=lambda _name: host)
    assembly = SimpleNamespace(site=site, fleet=fleet, manager="boss")
    refuse_gc(assembly)
    said[0] = json.dumps(note)

    with pytest.raises(Refused, match=r"an upgrade from 3\.76\.0 to 3\.94\.0 is not over"):
        refuse_gc(assembly)
