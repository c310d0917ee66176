"""The step nfs: nothing to do on the recorded host; one change for each thing that is otherwise."""

from __future__ import annotations

import dataclasses

import pytest
from frames import replaced

from moorage import documents
from moorage.errors import CommandFailed, Refused, Unreadable
from moorage.steps.nfs.desired import desired
from moorage.steps.nfs.observe import Directory, parse
from moorage.steps.nfs.step import NfsStep

RECORDING = "nfs/debian-12/export.txt"


@pytest.fixture
def wanted(site, templates):
    file = documents.exports_path(site)
    return desired(site, file, documents.exports(site, templates))


@pytest.fixture
def observed(recorded, wanted):
    return parse(recorded(RECORDING), wanted.path, "nfs")


@pytest.fixture
def plan(wanted, observed):
    """The plan for the recorded host with some fields otherwise."""

    def make(_wanted=None, **changes):
        step = NfsStep(None, "nfs", dataclasses.replace(wanted, **(_wanted or {})))
        return step.plan(dataclasses.replace(observed, **changes))

    return make


def test_the_recorded_host_is_as_asked(plan):
    assert plan().empty
    assert plan().notes == ()


def test_the_recorded_host_is_read_whole(observed):
    assert observed.distribution.split()[0] == "debian"
    assert observed.package
    assert observed.active
    assert observed.enabled
    assert observed.directory == Directory("directory", 200, 200, "0750")
    assert "admin.password" in observed.entries
    assert set(observed.exported) == {"10.77.0.11", "10.77.0.12"}
    assert observed.other_exports == ()
    assert observed.free_percent == 90
    assert observed.free_inodes_percent == 97


EMPTY = {
    "package": False, "active": False, "enabled": False, "directory": None, "entries": (),
    "export_file": None, "exported": {},
}  # fmt: skip


def test_an_empty_host_gets_everything_in_the_order_in_which_it_works(plan):
    made = plan(**EMPTY)

    assert [change.subject for change in made.changes] == [
        "NFS server package", "service nfs-server", "directory /srv/nexus", "export /srv/nexus",
    ]  # fmt: skip
    assert all(change.actions for change in made.changes)
    assert made.changes[3].verb == "create"
    assert "+/srv/nexus 10.77.0.11(" in made.changes[3].diff


def test_what_only_root_is_told_is_unknown_and_no_drift(plan, recorded, wanted):
    said = "exportfs: could not open /var/lib/nfs/.etab.lock: errno 13 (Permission denied)"
    seen = parse(replaced(recorded(RECORDING), "exported", said, 1), wanted.path, "nfs")

    assert seen.exported is None
    made = plan(exported=None)
    assert made.empty
    assert made.notes == ("unknown: what the kernel exports, which only root is told",)


FULL = frozenset({"rw", "sync", "wdelay", "hide", "no_subtree_check", "sec=sys", "secure",
                  "root_squash", "no_all_squash"})  # fmt: skip


@pytest.mark.parametrize(
    ("drift", "subject", "field"),
    [
        ({"package": False}, "NFS server package", "package"),
        ({"active": False}, "service nfs-server", "running"),
        ({"enabled": False}, "service nfs-server", "at boot"),
        ({"directory": Directory("directory", 0, 0, "0750")}, "directory /srv/nexus", "owner"),
        ({"directory": Directory("directory", 200, 0, "0750")}, "directory /srv/nexus", "owner"),
        ({"directory": Directory("directory", 200, 200, "0777")}, "directory /srv/nexus", "mode"),
        ({"directory": None}, "directory /srv/nexus", "owner"),
        ({"exported": {"10.77.0.11": FULL}}, "export /srv/nexus", "10.77.0.12"),
        (
            {"exported": {"10.77.0.11": FULL, "10.77.0.12": FULL, "10.66.6.6": FULL}},
            "export /srv/nexus",
            "10.66.6.6",
        ),
        (
            {"exported": {"10.77.0.11": FULL, "10.77.0.12": FULL - {"rw"} | {"ro"}}},
            "export /srv/nexus",
            "10.77.0.12",
        ),
    ],
)
def test_each_single_drift_is_one_change_of_that_field(plan, drift, subject, field):
    made = plan(**drift)

    (change,) = made.changes
    assert change.subject == subject
    assert field in [difference.field for difference in change.differences]
    assert change.actions


def test_a_hand_made_edit_of_the_export_file_is_shown_as_a_diff(plan, observed):
    edited = observed.export_file.replace("root_squash", "no_root_squash")

    (change,) = plan(export_file=edited).changes

    assert change.verb == "update"
    assert "-/srv/nexus 10.77.0.11(rw,sync,no_subtree_check,no_root_squash)" in change.diff
    assert "+/srv/nexus 10.77.0.11(rw,sync,no_subtree_check,root_squash)" in change.diff


def test_a_symbolic_link_is_refused_with_the_real_path(plan):
    with pytest.raises(Refused) as caught:
        plan(realpath="/mnt/raid/nexus")

    assert "/mnt/raid/nexus" in caught.value.hint
    assert caught.value.host == "nfs"


@pytest.mark.parametrize("kind", ["regular file", "socket", "character special file"])
def test_what_is_no_directory_is_refused(plan, kind):
    with pytest.raises(Refused, match=kind):
        plan(directory=Directory(kind, 200, 200, "0750"), entries=())


def test_foreign_files_are_refused_and_named(plan):
    with pytest.raises(Refused) as caught:
        plan(entries=("photos", "thesis.tex"))

    assert "photos, thesis.tex" in caught.value.message
    assert "storage.adopt" in caught.value.hint


def test_foreign_files_are_taken_over_where_the_inventory_says_so(plan):
    assert plan({"adopt": True}, entries=("photos",)).empty


@pytest.mark.parametrize("entries", [(), ("lost+found",), ("blobs", "db", "anything")])
def test_an_empty_directory_and_nexus_own_are_no_foreign_files(plan, entries):
    assert plan(entries=entries).empty


@pytest.mark.parametrize("other", ["/srv", "/srv/nexus", "/srv/nexus/blobs"])
def test_an_export_of_the_same_place_in_another_file_is_refused(plan, other):
    with pytest.raises(Refused, match=other):
        plan(other_exports=("/srv/else", other))


def test_refusals_come_before_anything_is_planned(plan):
    with pytest.raises(Refused):
        plan(**{**EMPTY, "realpath": "/elsewhere"})


def test_little_room_is_told_and_changes_nothing(plan):
    made = plan(free_percent=14, free_inodes_percent=13)

    assert made.empty
    assert len(made.notes) == 2
    assert "14 %" in made.notes[0]
    assert "inodes" in made.notes[1]


@pytest.mark.parametrize(
    ("what", "words"),
    [("free_percent", r"at / has 4 % of its space free, 5396 MiB; 5 % are needed"),
     ("free_inodes_percent", r"at / has 4 % of its inodes free; 5 % are needed")],
)  # fmt: skip
def test_a_full_disk_is_refused_with_the_numbers(plan, what, words):
    with pytest.raises(Refused, match=words):
        plan(**{what: 4})
    assert plan(_wanted={"floor": 0}, **{what: 4}).empty


def test_a_probe_that_was_cut_off_is_never_taken_for_an_empty_host(recorded, wanted):
    text = recorded(RECORDING)
    half = text[: text.index(",sec=sys")]

    with pytest.raises(CommandFailed, match="cut off before exported"):
        parse(half, wanted.path, "nfs")


def test_a_host_without_nfs_or_directory_is_read_as_such(recorded, wanted):
    text = recorded(RECORDING)
    for part, output in (("package", "no packages found"), ("directory", "stat: cannot"),
                         ("entries", "ls: cannot"), ("file", "cat: No such file"),
                         ("exported", "")):  # fmt: skip
        text = replaced(text, part, output, 1)

    seen = parse(text, wanted.path, "nfs")

    assert (seen.package, seen.directory, seen.entries) == (False, None, ())
    assert (seen.export_file, seen.exported) == (None, {})


def test_the_step_observes_by_one_script(played_host, played_fleet, recorded, wanted, heard):
    host = played_host("nfs", lambda _: recorded(RECORDING))
    step = NfsStep(played_fleet(host), "nfs", wanted)

    assert step.plan(step.observe(heard)).empty
    assert len(host.asked) == 1


def test_an_export_that_is_somebody_elses_is_left_and_told(plan):
    live = {"*": frozenset({"rw", "no_root_squash"})}
    by_hand = {"export_file": None, "exported": live, "other_exports": ("/srv/nexus",)}

    left = plan({"manage_export": False}, **by_hand)

    assert left.empty
    assert left.notes == ("export /srv/nexus to *: left as it is (no_root_squash,rw)",)
    with pytest.raises(Refused, match="overlaps") as caught:
        plan(**by_hand)
    assert "manage_export: false" in caught.value.hint


def test_a_node_that_such_an_export_does_not_name_is_told(plan):
    live = {"10.77.0.11": frozenset({"rw"}), "10.0.0.0/8": frozenset({"ro"})}
    by_hand = {"export_file": None, "other_exports": ("/srv/nexus",)}

    def told(*clients):
        exported = {client: live.get(client, frozenset({"rw"})) for client in clients}
        notes = plan({"manage_export": False}, exported=exported, **by_hand).notes
        return [note for note in notes if "does not name" in note]

    assert told("10.77.0.11") == ["export /srv/nexus does not name 10.77.0.12"]
    assert told("10.77.0.0/24") == []
    assert told("*") == []
    assert told("node*.lan", "10.77.0.11") == []


def test_two_do_not_say_who_may_mount(plan):
    with pytest.raises(Refused, match="manage_export is false"):
        plan({"manage_export": False})


def test_who_may_not_look_into_the_directory_is_told_so_and_not_refused(plan, recorded, wanted):
    text = replaced(recorded(RECORDING), "entries", "", 1)

    assert parse(text, wanted.path, "nfs").entries is None
    made = plan(entries=None)
    assert made.empty
    assert made.notes == ("unknown: what is in /srv/nexus, which not everybody is told",)


def test_files_of_others_are_counted_and_owned_only_when_that_is_asked(plan, wanted, recorded):
    recursive = dataclasses.replace(wanted, recursive=True)
    assert "foreign" not in NfsStep(None, "nfs", wanted).probes()["nfs"].parts
    assert "foreign" in NfsStep(None, "nfs", recursive).probes()["nfs"].parts

    (change,) = plan(foreign=17).changes

    assert change.subject == "files below /srv/nexus"
    assert [(one.field, one.before, one.after) for one in change.differences] == [
        ("files of others", 17, 0)
    ]


@pytest.mark.parametrize(
    "said",
    ["", "/dev/root 6151776 609236", "/dev/root 1 1 1 x% /\n/dev/root 1 1 1 1% /",
     "/dev/root 1 1 1 10% /"],
)  # fmt: skip
def test_room_that_cannot_be_read_is_an_error_and_not_plenty(recorded, wanted, said):
    with pytest.raises(Unreadable):
        parse(replaced(recorded(RECORDING), "space", said), wanted.path, "nfs")


def test_inodes_that_are_not_counted_and_warnings_of_df_are_no_error(recorded, wanted):
    said = ("df: /x: Permission denied\n/dev/root 9 5 4 56% /srv/a b\n"
            "df: /x: Permission denied\n/dev/root 0 0 0 - /srv/a b")  # fmt: skip
    seen = parse(replaced(recorded(RECORDING), "space", said), wanted.path, "nfs")

    assert (seen.free_percent, seen.free_inodes_percent, seen.free) == (44, 100, 4 * 1024)
    assert seen.mounted_at == "/srv/a b"
