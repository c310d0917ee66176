"""Machines that the inventory knows by name, and the kernel by address."""

from __future__ import annotations

import pytest

from moorage.errors import Refused
from moorage.steps.nfs import NfsStep
from moorage.steps.nfs.desired import NfsDesired
from moorage.steps.nfs.observe import Directory, NfsObserved

ADDRESS = {"one": "one.example.com", "two": "two.example.com"}
NAMES = {"one.example.com": frozenset({"10.0.0.1"}), "two.example.com": frozenset({"10.0.0.2"})}


def wanted(*names, pinned=None):
    clients = [ADDRESS[name] for name in names]
    text = f"/srv/nexus {' '.join(f'{client}(rw)' for client in clients)}\n"
    return NfsDesired(
        path="/srv/nexus", uid=200, mode="0750", adopt=False, file="/e", text=text,
        clients=dict.fromkeys(clients, frozenset({"rw"})), pinned=pinned or {},
    )  # fmt: skip


def seen(*exported, holding, names=NAMES):
    return NfsObserved(
        distribution="debian", package=True, active=True, enabled=True, realpath="/srv/nexus",
        directory=Directory("directory", 200, 200, "0750"), entries=("db",),
        export_file="", exported=dict.fromkeys(exported, frozenset({"rw"})), other_exports=(),
        free_percent=90, free_inodes_percent=90, holders=frozenset({holding}), names=names,
    )  # fmt: skip


# the second one is what the server calls it
@pytest.mark.parametrize("exported", ["one.example.com", "one.internal.example.com"])
def test_a_nexus_that_runs_is_never_cut_off(exported):
    with pytest.raises(Refused, match=r"10\.0\.0\.1 has Nexus' data open"):
        NfsStep(None, "nas", wanted("two")).plan(seen(exported, holding="10.0.0.1"))


def test_one_that_stays_let_in_is_not_in_the_way():
    NfsStep(None, "nas", wanted("one")).plan(seen("two.example.com", holding="10.0.0.1"))


def test_the_export_lets_in_the_node_that_nexus_is_on():
    step = NfsStep(None, "nas", wanted("one", pinned=ADDRESS),
                   lambda nodes: wanted(*nodes, pinned=ADDRESS))  # fmt: skip
    changes = step.plan(seen("one.example.com", holding="10.0.0.2")).changes

    assert changes[0].actions[0].script.variables["clients"] == ["two.example.com"]


def test_names_are_looked_up_in_the_same_exec_and_only_where_there_are_any():
    assert "names" in NfsStep(None, "nas", wanted("one")).probes()["nas"].parts
    plain = NfsDesired(path="/srv/nexus", uid=200, mode="0750", adopt=False, file="/e", text="",
                       clients={"10.0.0.1": frozenset(), "10.1.0.0/16": frozenset()})  # fmt: skip
    assert "names" not in NfsStep(None, "nas", plain).probes()["nas"].parts
