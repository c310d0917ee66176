"""The step nodes: one change for each thing that is otherwise, each machine by itself."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from frames import replaced

from moorage.errors import Refused, Unreachable
from moorage.steps.nodes import Common, NodeDesired, NodesStep, desired
from moorage.steps.nodes.observe import NodeObserved, parse

CA = "-----BEGIN CERTIFICATE-----\nthe site's own\n-----END CERTIFICATE-----\n"
DIGEST = hashlib.sha256(CA.encode()).hexdigest()
PATH = "/etc/docker/certs.d/registry.lab/ca.crt"
MIRROR = "https://mirror.lab"
MARK = " # moorage registry"
LINE = f"10.77.0.11 registry.lab nexus.lab{MARK}"
WANTED = NodeDesired(
    nfs=True, runs=True, certificates={PATH: CA}, address="10.77.0.11",
    names=("registry.lab", "nexus.lab"), mirror=MIRROR,
)  # fmt: skip
AS_WANTED = NodeObserved(
    distribution="debian", package=True, kernel=True, mounts=(), certificates={PATH: DIGEST},
    hosts=("127.0.0.1 localhost", LINE), known=frozenset({"registry.lab", "nexus.lab"}),
    daemon_json=json.dumps({"dns": ["10.0.0.1"], "registry-mirrors": [f"{MIRROR}/"]}),
    engine="20.10.24+dfsg1", mirrors=(MIRROR,),
    put=("package nfs-common", f"ca {PATH} {DIGEST}", f"mirror {MIRROR}"),
)  # fmt: skip
COMMON = Common("/var/lib/moorage/registry", MARK, ("registry.lab",), ("nfs4", "nfsv4"))


def planned(wanted=WANTED, common=COMMON, **seen):
    step = NodesStep(None, {"worker": wanted}, common)
    return step.plan({"worker": dataclasses.replace(AS_WANTED, **seen)})


def subjects(plan):
    return [f"{change.verb} {change.subject}" for change in plan.changes]


def script_of(plan):
    (change,) = plan.changes
    return change.actions[0].script


def test_a_machine_that_has_all_of_it_is_left_alone():
    assert planned().changes == ()
    assert planned().notes == ()


@pytest.mark.parametrize(
    ("seen", "change"),
    [
        ({"package": False}, "create NFS client package"),
        ({"certificates": {}}, f"create CA {PATH}"),
        ({"certificates": {PATH: "0" * 64}}, f"update CA {PATH}"),
        ({"hosts": ("127.0.0.1 localhost",)}, "create line in /etc/hosts"),
        ({"hosts": (f"10.0.0.9 registry.lab nexus.lab{MARK}",)}, "update line in /etc/hosts"),
        ({"daemon_json": None}, "create mirror in /etc/docker/daemon.json"),
        ({"mirrors": ()}, "create mirror in /etc/docker/daemon.json"),
    ],
)
def test_each_thing_that_is_otherwise_is_one_change(seen, change):
    plan = planned(**seen)

    assert subjects(plan) == [change]
    assert plan.changes[0].needs == ()
    assert plan.changes[0].together


def test_all_of_it_comes_out_again_and_nothing_else():
    plan = planned(NodeDesired(), hosts=("127.0.0.1 localhost", LINE, "10.0.0.5 other"))

    assert subjects(plan) == [
        "remove NFS client package", f"remove CA {PATH}", "remove line in /etc/hosts",
        "remove mirror in /etc/docker/daemon.json",
    ]  # fmt: skip


def test_what_was_there_before_stays():
    assert planned(NodeDesired(), put=(), hosts=("127.0.0.1 localhost",)).changes == ()


def test_what_somebody_else_has_changed_stays_and_is_told():
    plan = planned(
        NodeDesired(), certificates={PATH: "0" * 64}, hosts=(), put=(f"ca {PATH} {DIGEST}",)
    )

    assert plan.changes == ()
    assert plan.notes == (f"worker: {PATH} stays, since somebody else has changed it",)


def test_a_client_in_use_stays():
    plan = planned(NodeDesired(), mounts=("/mnt",), put=("package nfs-common",), hosts=())

    assert plan.changes == ()
    assert "/mnt is mounted by NFS" in plan.notes[0]


def test_what_the_inventory_names_no_more_goes():
    old = "/etc/docker/certs.d/old.lab/ca.crt"
    plan = planned(certificates={PATH: DIGEST, old: DIGEST},
                   put=(f"ca {PATH} {DIGEST}", f"ca {old} {DIGEST}"))  # fmt: skip

    assert subjects(plan) == [f"remove CA {old}"]


def test_keys_and_mirrors_of_others_stay_in_the_configuration():
    before = {"dns": ["10.0.0.1"], "registry-mirrors": ["https://theirs"], "log-opts": {"a": "b"}}
    text = json.dumps(before)

    script = script_of(planned(daemon_json=text, mirrors=("https://theirs",), put=()))

    assert json.loads(script.variables["after"]) == {
        **before, "registry-mirrors": [MIRROR, "https://theirs"]
    }  # fmt: skip
    assert script.variables["before"] == text


def test_another_mirror_takes_the_former_ones_place():
    plan = planned(dataclasses.replace(WANTED, mirror="https://new.lab"))

    assert subjects(plan) == ["update mirror in /etc/docker/daemon.json"]
    script = script_of(plan)
    assert json.loads(script.variables["after"])["registry-mirrors"] == ["https://new.lab"]
    assert script.variables["gone"] == [MIRROR]


def test_the_last_mirror_goes_by_an_empty_list_first():
    script = script_of(planned(dataclasses.replace(WANTED, mirror="")))

    assert json.loads(script.variables["loaded"])["registry-mirrors"] == []
    assert json.loads(script.variables["after"]) == {"dns": ["10.0.0.1"]}


def test_a_file_that_had_the_mirror_alone_goes_with_it():
    only = json.dumps({"registry-mirrors": [MIRROR]})

    assert script_of(planned(dataclasses.replace(WANTED, mirror=""), daemon_json=only)).variables[
        "after"] == ""  # fmt: skip


def test_a_kernel_without_nfs_is_told_of_where_nexus_may_not_run():
    spare = dataclasses.replace(WANTED, runs=False)

    plan = planned(spare, kernel=False)

    assert plan.changes == ()
    assert plan.notes == (
        "worker: the kernel has no NFS client (nfsv4), so Nexus could not be moved there",
    )
    assert "modprobe" not in script_of(planned(spare, package=False)).text()
    assert "modprobe" in script_of(planned(package=False)).text()


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"kernel": False}, r"the kernel has no NFS client \(nfsv4\)"),
        ({"daemon_json": "{"}, "not valid JSON"),
        ({"daemon_json": "[]"}, "not valid JSON"),
        ({"daemon_json": '{"registry-mirrors": 1.5}'}, "no list of texts"),
        ({"daemon_json": '{"registry-mirrors": "https://mirror.lab"}'}, "no list of texts"),
        ({"daemon_json": '{"registry-mirrors": [null]}'}, "no list of texts"),
        ({"hosts": ("10.0.0.7 registry.lab",)}, "gives 10.0.0.7 for registry.lab"),
        ({"engine": "", "mirrors": ()}, "Docker does not answer"),
    ],
)
def test_what_must_not_be_touched_is_refused(seen, words):
    with pytest.raises(Refused, match=words) as caught:
        planned(**seen)

    assert caught.value.host == "worker"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("engine", "taken"),
    [("20.10.24+dfsg1", False), ("24.0.0", False), ("24.0.9", True), ("25.0.0-rc.1", True)],
)
def test_a_mirror_with_a_path_needs_a_newer_docker(engine, taken):
    wanted = dataclasses.replace(WANTED, mirror="https://nexus.lab/repository/docker-hub")
    if taken:
        assert subjects(planned(wanted, engine=engine))
        return
    with pytest.raises(Refused, match=r"24\.0\.9"):
        planned(wanted, engine=engine)


def test_names_that_the_hosts_file_has_already_need_no_line():
    assert planned(hosts=("10.77.0.11 nexus.lab registry.lab",)).changes == ()


def test_a_name_that_leads_nowhere_is_told():
    plan = planned(dataclasses.replace(WANTED, address=""), hosts=(), known=frozenset())

    assert "registry.lab and nexus.lab cannot be resolved there" in plan.notes[0]


def test_one_that_does_not_answer_leaves_the_others_theirs():
    step = NodesStep(None, {"worker": WANTED, "other": WANTED}, COMMON)
    seen = {"worker": Unreachable("no answer"), "other": AS_WANTED}

    plan = step.plan(seen)

    assert plan.notes == ("worker was left out: no answer",)
    with pytest.raises(Unreachable):
        step.plan({"worker": Unreachable("no answer")})


def test_only_the_swarm_needs_nfs_and_a_mirror_in_nexus_its_ca(site):
    hosts = site.hosts.model_copy(update={"clients": {"ci": site.hosts.nodes["worker"]}})
    nodes = site.nodes.model_copy(update={"mirror": "docker-hub"})
    wanted = desired(site.model_copy(update={"hosts": hosts, "nodes": nodes}), CA)

    assert {name: one.nfs for name, one in wanted.items()} == {
        "manager": True, "worker": True, "ci": False
    }  # fmt: skip
    assert wanted["ci"].mirror == "https://nexus.lab/repository/docker-hub"
    assert list(wanted["ci"].certificates) == [
        PATH, "/etc/docker/certs.d/nexus.lab/ca.crt"
    ]  # fmt: skip
    assert desired(site, CA, undo=True)["worker"] == NodeDesired()


def test_a_recorded_machine_is_read_whole(recorded):
    seen = parse(recorded("docker/20.10/nodes.txt"), "worker")

    assert seen.distribution == "debian"
    assert seen.package
    assert seen.kernel is True
    assert seen.mounts[0].startswith("/var/lib/docker/volumes/registry-data-")
    assert "127.0.0.1 localhost" in seen.hosts
    assert json.loads(seen.daemon_json)["dns"] == ["10.77.0.11"]
    assert (seen.engine, seen.mirrors) == ("20.10.24+dfsg1", ())


@pytest.mark.parametrize(
    ("part", "said", "code", "field", "value"),
    [
        ("kernel", "modprobe: FATAL", 1, "kernel", False),
        ("kernel", "", 99, "kernel", None),
        ("package", "config-files", 0, "package", False),
        ("certificates", f"{DIGEST}  {PATH}", 0, "certificates", {PATH: DIGEST}),
        ("names", "registry.lab\nnexus.lab", 0, "known", {"registry.lab", "nexus.lab"}),
        ("daemon", "", 0, "daemon_json", None),
        ("engine", 'WARNING: x\n24.0.9|["https://m/"]', 0, "mirrors", ("https://m",)),
        ("engine", "Cannot connect to the Docker daemon", 1, "engine", ""),
        ("put", "mirror https://m", 0, "put", ("mirror https://m",)),
    ],
)
def test_what_is_otherwise_is_read_so(recorded, part, said, code, field, value):
    text = replaced(recorded("docker/20.10/nodes.txt"), part, said, code)

    assert getattr(parse(text, "worker"), field) == value
