"""The stack the other way round, and what else is taken out."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess

import pytest

from moorage.errors import Refused, Unreachable
from moorage.order_destroy import _FORGET
from moorage.quoting import Script
from moorage.steps.certificate import CertificateDesired, CertificateStep
from moorage.steps.certificate.observe import CertificateObserved
from moorage.steps.nodes.desired import Common
from moorage.steps.stack.removal import KINDS, RemovalDesired, RemoveStackStep
from moorage.values import Secret

NFS = {"type": "nfs", "o": "addr=10.0.0.10", "device": ":/srv/nexus"}


def probe(parts):
    lines = ["frame"]
    for name, text in parts.items():
        lines += [f"--frame {name}", text, "", "--frame = 0"]
    return "\n".join([*lines, ""])


def volumes(*names, **others):
    found = [{"Name": name, "Options": NFS} for name in names]
    return json.dumps(found + [{"Name": name, "Options": value} for name, value in others.items()])


def member(name, labels):
    return {"ID": name, "Description": {"Hostname": name}, "Status": {"State": "ready"},
            "Spec": {"Availability": "active", "Labels": labels}}  # fmt: skip


MANAGER = {
    "volumes": volumes("registry-data-0000000a", registry_other=None),
    "service": "registry_nexus\nregistry_more",
    "network": "registry_default",
    "secret": "registry_own",
    "config": "",
    "nodes": json.dumps([member("boss", {}), member("one", {"moorage.registry": "nexus"})]),
}
EMPTY = {"volumes": "[]", **dict.fromkeys(KINDS, ""), "nodes": json.dumps([member("boss", {})])}


@pytest.fixture
def plan(heard):
    def make(manager=MANAGER, one=None, **changes):
        wanted = RemovalDesired("registry", "registry_nexus", "fixed", "moorage.registry",
                                ("boss", "one"), kept=("the data",))  # fmt: skip
        step = RemoveStackStep(None, "boss", dataclasses.replace(wanted, **changes))
        node = one or probe({"volumes": volumes("registry-data-0000000a", "fixed")})
        return step.plan(step.read({"boss": probe(manager), "one": node}, heard))

    return make


def test_all_of_the_stack_is_named_and_one_command_takes_it(plan):
    changes = plan().changes

    assert [(change.host, change.title) for change in changes] == [
        ("boss", "remove service registry_nexus"),
        ("boss", "remove service registry_more"),
        ("boss", "remove network registry_default"),
        ("boss", "remove secret registry_own"),
        ("boss", "remove volume registry-data-0000000a"),
        ("one", "remove volume registry-data-0000000a"),
        ("one", "remove volume fixed"),
        ("boss", "update node one"),
    ]
    summaries = [[action.summary for action in change.actions] for change in changes[:4]]
    assert summaries == [[], [], [], ["stop registry_nexus", "remove the stack registry"]]


def test_a_volume_with_data_stays_and_so_does_what_is_kept(plan):
    notes = plan().notes

    assert "boss: the volume registry_other stays: its data are on that node" in notes
    assert "kept: the data" in notes


def test_with_nothing_left_nothing_is_done(plan):
    assert plan(EMPTY, probe({"volumes": "[]"})).empty


def test_a_host_that_does_not_answer_is_told_but_nothing_is_deleted_behind_it(plan):
    gone = Unreachable("no SSH connection", host="one")

    assert "one was left out: no SSH connection" in plan(one=gone).notes
    with pytest.raises(Refused, match="one does not answer, and may have the data open"):
        plan(one=gone, all_hosts=True)


def test_traefik_gets_back_the_service_that_it_had():
    wanted = CertificateDesired("registry", "traefik_traefik", "", "", (), "", Secret(""))
    ours = {("secret", "registry-certificate-a"), ("config", "registry-certificate-b")}
    mounted = {("secret", "registry-certificate.crt"): "registry-certificate-a",
               ("config", "/d/registry-certificate.yml"): "registry-certificate-b",
               ("secret", "theirs"): "theirs"}  # fmt: skip
    step = CertificateStep(None, "boss", wanted, undo=True)

    update, *removed = step.plan(CertificateObserved("traefik:v3.7", mounted, (), ours)).changes

    assert update.actions[0].script.variables["options"] == (
        "--secret-rm=registry-certificate-a", "--config-rm=registry-certificate-b",
    )  # fmt: skip
    assert [change.subject for change in removed] == [
        "config registry-certificate-b", "secret registry-certificate-a",
    ]  # fmt: skip
    assert step.plan(CertificateObserved("traefik:v3.7", {}, (), frozenset())).empty
    assert step.plan(CertificateObserved(None, {}, (), frozenset())).empty


@pytest.mark.parametrize(
    ("mount", "lasts"),
    [
        ("/var/lib/docker/volumes/registry-data-0000000a/_data", False),
        ("/var/lib/docker/volumes/fixed/_data", False),
        ("/var/lib/docker/volumes/other-data-0000000a/_data", True),
        ("/mnt/registry-data-x", True),
    ],
)
def test_the_nfs_client_stays_for_mounts_that_last(mount, lasts):
    common = Common("/h", "#", (), ("nfs4", "nfsv4"), going=("registry-data-", "fixed"))

    assert bool(common.lasting([mount])) == lasts
    assert Common("/h", "#", (), ("nfs4", "nfsv4")).lasting([mount]) == [mount]


@pytest.fixture
def forget(tmp_path):
    home = tmp_path / "registry"
    home.mkdir()
    (home / "journal.jsonl.1").write_text("first\n")
    (home / "journal.jsonl").write_text("second\n")

    def run(*, keep):
        script = Script("forget", _FORGET, {"home": str(home), "keep": keep})
        return subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                              check=False, env=os.environ)  # fmt: skip

    run.home, run.kept = home, tmp_path / "registry.jsonl"
    return run


def test_the_journal_stays_beside_what_was_taken_away(forget):
    forget.kept.write_text("before\n")

    assert forget(keep=True).stdout == "gone\n"
    assert not forget.home.exists()
    assert forget.kept.read_text() == "before\nfirst\nsecond\n"
    assert (forget(keep=True).returncode, forget(keep=True).stdout) == (0, "")


def test_with_the_data_the_journal_goes_too(forget):
    forget.kept.write_text("before\n")

    assert forget(keep=False).returncode == 0
    assert not forget.home.exists()
    assert not forget.kept.exists()


def test_what_somebody_else_has_locked_stays(forget):
    (forget.home / "lock").mkdir()

    assert forget(keep=True).returncode == 6
    assert (forget.home / "journal.jsonl").exists()
