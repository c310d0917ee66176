"""What is made of the facts: the words for each trouble, and the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from status_fakes import GIB, WELL, hint, host, judged, node, of, status, task

from moorage.status.machines import Mount
from moorage.status.model import (
    Backups,
    BackupSeen,
    DriftStep,
    LockSeen,
)
from moorage.steps.pending_upgrade import Note, UnderWay

SUBJECTS = ["hosts", "export", "service", "task", "node", "image", "nexus", "repositories",
            "certificates", "backup", "lock", "drift"]  # fmt: skip


def test_a_site_that_is_well_has_a_row_for_everything_and_ends_with_zero():
    told, code = judged()

    assert [row.subject for row in told] == SUBJECTS
    assert {row.level for row in told} == {"ok"}
    assert not any(row.hint for row in told)
    assert code == 0
    assert of(told, "export") == [
        "/srv/nexus on nas: 60.0 GiB of 100.0 GiB (60 %), 90 % of inodes free, mounted by w1"
    ]
    assert of(told, "repositories") == [
        "docker-private (hosted, 3.0 GiB), docker-all (group); blob stores: default 4.0 GiB"
    ]
    assert of(told, "backup") == ["last 9 h ago (b2, 4.0 GiB); last verified restore: 3 d ago (b1)"]


def test_whatever_is_not_well_says_what_to_do():
    told, _ = judged(
        hosts=(host("nas", "nfs", reached=False, reason="gone"),), export=None, nodes=(),
        service=None, tasks=(), nexus=None, repositories=None, backups=Backups(), drift=(),
    )  # fmt: skip
    assert all(row.hint for row in told if row.level != "ok"), told


def test_an_nfs_host_that_died_under_a_running_nexus():
    """Scenario 4."""
    mount = Mount(
        "w1",
        "10.0.0.5:2049",
        reachable=False,
        mounted=True,
        hard=True,
        unreachable_since="2026-01-10T10:02:11+00:00",
        stuck=("java", "curl"),
    )
    gone = host("nas", "nfs", reached=False, reason="no SSH connection to 10.0.0.5:22")
    told, code = judged(
        hosts=(gone, *WELL.hosts[1:]), mounts=(mount,),
        export=replace(WELL.export, active=None, exported=None, free_percent=None),
    )  # fmt: skip

    [message] = of(told, "export", "failure")
    assert message.startswith("NFS 10.0.0.5:2049 unreachable since 2026-01-10 ")
    assert "; task hung on hard mount (D state): java, curl" in message
    assert "goes on by itself" in hint(told, "export")
    assert "restart" in hint(told, "export")
    assert code == 4


def test_since_when_is_left_out_where_nobody_knows_and_a_hard_mount_is_named():
    mount = Mount("w1", "10.0.0.5:2049", reachable=False, mounted=True, hard=True)
    told, code = judged(mounts=(mount,))
    assert of(told, "export", "failure") == [
        "NFS 10.0.0.5:2049 unreachable; mounted hard: what touches it waits (from w1)"
    ]
    assert code == 1


PENDING = "no suitable node (scheduling constraints not satisfied on 2 nodes)"


def test_a_pinned_worker_that_was_killed():
    """Scenario 5."""
    told, code = judged(
        hosts=(*WELL.hosts[:2], host("w1", "node", reached=False, reason="gone"), WELL.hosts[3]),
        nodes=(node("m1"), node("w1", eligible=True, state="down", message="heartbeat failure"),
               node("w2")),
        service=replace(WELL.service, running=0),
        tasks=(task("pending", on="", error=PENDING, number="b" * 25),
               task("running", "shutdown")),
    )  # fmt: skip

    assert of(told, "task", "failure") == [f'Pending "{PENDING}"']
    assert hint(told, "task") == (
        "bring w1 back, or fab relocate --to w2 once stack.placement.nodes names w2 too"
    )
    assert of(told, "node", "failure") == ["w1 (may run Nexus) is Down: heartbeat failure"]
    assert of(told, "service") == ["registry_nexus 0/1"]
    assert code == 4


def test_a_node_that_may_run_nexus_already_is_the_one_to_move_to():
    nodes = (node("w1", eligible=True, state="down"), node("w2"), node("m1", eligible=True))
    pending = (task("pending", on="", error=PENDING),)

    told, _ = judged(nodes=nodes, tasks=pending)
    assert hint(told, "task") == "bring w1 back, or fab relocate --to m1"

    told, _ = judged(nodes=(node("w1", eligible=True), node("m1", eligible=True)), tasks=pending)
    assert hint(told, "task") == "see the nodes below: none may take it"

    told, _ = judged(nodes=nodes, tasks=pending, relocates=False)
    assert hint(told, "task") == "bring w1 back"


def test_where_no_other_node_is_ready_only_one_way_is_left():
    told, _ = judged(
        nodes=(node("w1", eligible=True, state="down"), node("w2", availability="drain")),
        tasks=(task("pending", on="", error=PENDING),),
    )
    assert hint(told, "task") == "bring w1 back"
    assert of(told, "node", "warning") == ["w2 is Drain"]


@pytest.mark.parametrize(
    ("free", "inodes", "level"),
    [(16, 90, "ok"), (15, 90, "warning"), (60, 15, "warning"), (5, 90, "warning"),
     (4, 90, "failure"), (60, 4, "failure"), (60, None, "ok"), (None, None, "unknown")],
)  # fmt: skip
def test_free_space_and_inodes_are_warned_of_at_fifteen_percent(free, inodes, level):
    """Scenario 9."""
    export = replace(WELL.export, free_percent=free, inodes_free_percent=inodes)
    told, code = judged(export=export)
    assert [row.level for row in told if row.subject == "export"] == [level]
    assert code == (1 if level in ("failure", "unknown") else 0)


def test_a_server_that_another_node_does_not_reach_is_a_warning_while_nexus_does():
    other = Mount("w2", "10.0.0.5:2049", reachable=False)
    told, code = judged(mounts=(*WELL.mounts, other))
    assert of(told, "export", "warning") == ["NFS 10.0.0.5:2049 unreachable (from w2)"]
    assert code == 0
    assert judged(mounts=(other,))[1] == 1


def test_an_export_that_is_not_live_is_a_failure():
    assert of(judged(export=replace(WELL.export, exported=False))[0], "export", "failure") == [
        "/srv/nexus on nas: it is not exported"
    ]
    assert of(judged(export=replace(WELL.export, active=False))[0], "export", "failure") == [
        "/srv/nexus on nas: the NFS service does not run"
    ]
    # an account without root is not told of exports
    assert judged(export=replace(WELL.export, exported=None))[1] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"refused": True, "role": "node"}, 3),
        ({"role": "node"}, 4),
        ({"role": "nfs"}, 4),
        ({"role": "manager"}, 4),
        ({"role": "client"}, 0),
    ],
)
def test_the_exit_code_says_what_kind_of_trouble_a_host_is(changes, code):
    away = replace(host("x", changes.pop("role"), reached=False, reason="gone"), **changes)
    told, seen = judged(hosts=(*WELL.hosts, away))
    assert seen == code
    assert "x: gone" in of(told, "hosts", "failure", "warning")


def test_a_host_that_is_slow_is_told_and_is_no_failure_by_itself():
    told, code = judged(hosts=(*WELL.hosts, host("x", "node", reason="no end after 11 s")))
    assert of(told, "hosts", "warning") == ["x is slow: no end after 11 s"]
    assert code == 0


@pytest.mark.parametrize(
    ("backups", "words", "hinted"),
    [
        (Backups(known=True), "none was ever made", "fab backup"),
        (Backups(), "not known", "hosts"),
        (replace(WELL.backups, proven=None), "last verified restore: never", "--verify"),
        (replace(WELL.backups, last=BackupSeen("b", "2026-01-01T00:00:00Z")), "9 d ago",
         "8 days old"),
        (replace(WELL.backups, proven=BackupSeen("b", "2025-11-01T00:00:00+00:00")), "70 d ago",
         "35 days old"),
    ],
)  # fmt: skip
def test_backups_that_are_missing_old_or_unproven_are_warned_of(backups, words, hinted):
    """Scenario 31: the last verified restore is shown."""
    told, code = judged(backups=backups)
    [row] = [row for row in told if row.subject == "backup"]
    assert row.level == "warning"
    assert words in row.message
    assert hinted in row.hint
    assert code == 0


def test_a_lock_is_told_and_a_stale_one_is_a_warning():
    lock = LockSeen("m1", "alice@laptop", "x", "step stack", 12, stale=False,
                    told="locked by alice@laptop")  # fmt: skip
    assert of(judged(locks=(lock,))[0], "lock", "ok") == ["m1: locked by alice@laptop"]
    told, code = judged(locks=(replace(lock, stale=True, age_seconds=900),))
    assert of(told, "lock", "warning") == ["m1: locked by alice@laptop; no sign of life for 900 s"]
    assert code == 0


def test_what_is_not_over_is_told_with_the_ways_on():
    note = Note("3.90.0", "3.94.0", "nexus:1", "b1")
    half = {"m1": UnderWay(note, held=True)}
    told, code = judged(under_way=half)
    assert of(told, "upgrade", "warning") == ["from 3.90.0 to 3.94.0 is not over, on m1"]
    assert of(told, "data", "warning") == ["an exchange of Nexus' data is not over, on m1"]
    assert {row.hint for row in told if row.hint} == {note.ways_on()}
    assert code == 0

    lock = LockSeen("m1", "alice@laptop", "x", "step stack", 12, stale=False, told="locked")
    told, _ = judged(under_way=half, locks=(lock,))
    assert of(told, "upgrade", "ok") == ["from 3.90.0 to 3.94.0 is under way, on m1"]


def test_drift_is_counted_and_what_is_unknown_has_its_reason_once():
    later = DriftStep("nexus", None, "known only after stack is applied")
    told, code = judged(drift=(DriftStep("nfs", 1), DriftStep("stack", 2), later))
    assert of(told, "drift", "warning") == [
        "3 changes: nfs 1, stack 2", "unknown: nexus (known only after stack is applied)",
    ]  # fmt: skip
    assert code == 0
    same = (DriftStep("image", None, "m1 is away"), DriftStep("stack", None, "m1 is away"))
    assert of(judged(drift=same)[0], "drift") == ["unknown: image, stack (m1 is away)"]
    assert of(judged(drift=(DriftStep("nfs", 1),))[0], "drift") == ["1 change: nfs 1"]


def test_sizes_in_words():
    from moorage.status.words import size

    assert [size(number) for number in (0, 1023, 1024, 5 * GIB, None)] == [
        "0 B", "1023 B", "1.0 KiB", "5.0 GiB", "size not known",
    ]  # fmt: skip


def test_the_last_line_says_why_in_few_words():
    from moorage.status.screen import last_line

    assert last_line(status()) == "registry is healthy (2.5 s)"
    assert last_line(status(image_wanted="x:1")) == "registry is healthy, 1 warning (2.5 s)"
    long = host("x", "node", reached=False, reason="a" * 200)
    line = last_line(status(hosts=(long,) * 5))
    assert line.startswith("registry is not healthy: hosts: x: aaa")
    assert line.endswith("…; and 2 more (2.5 s)")
    assert len(line) < 400


def test_a_lock_on_a_host_that_does_not_answer_is_not_called_free():
    gone = host("nas", "nfs", reached=False, reason="gone")
    told, _ = judged(hosts=(gone, *WELL.hosts[1:]))

    assert of(told, "lock", "warning") == ["not known of nas"]
    assert of(told, "lock", "ok") == []
