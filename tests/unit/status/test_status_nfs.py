"""The export as its host tells, and the mount as a node does, without anybody touching it."""

from __future__ import annotations

import pytest
from status_fakes import frame

from moorage.status import nfs
from moorage.transport.base import sections

ADDRESS, SERVICE = "10.77.0.10", "registry_nexus"
CONTAINER = "f" * 64
MOUNTED = (
    ":/srv/nexus|/var/lib/docker/volumes/registry-data-f19748a7/_data|nfs4|rw,relatime,vers=4.2,"
    f"hard,proto=tcp,timeo=600,retrans=2,sec=sys,local_lock=none,addr={ADDRESS}"
)
SOCKET = f"""\
State Recv-Q Send-Q Local Address:Port Peer Address:Port Process
ESTAB 0      188    10.77.0.12:812     {ADDRESS}:2049
\t cubic rto:27000 backoff:7 rtt:1.5/2 lastsnd:12345 lastrcv:64250 lastack:64250 pacing_rate 1Mbps
ESTAB 0      0      10.77.0.12:813     10.77.0.99:2049
\t cubic rto:204 lastsnd:1 lastrcv:2 lastack:3"""


def mount(**said):
    usual = {
        "now": "1768040000",
        "mounts": MOUNTED,
        "containers": f"{'e' * 64}|edge_traefik|Up 2 hours\n{CONTAINER}|{SERVICE}|Up 3 minutes",
        "stuck": "",
        "socket": SOCKET,
        "kernel": "1000.50",
        "server": "",
    }
    found = sections(frame({**usual, **said}))
    return nfs.mount(found, "w1", ADDRESS, 2049, ":/srv/nexus", SERVICE)


def test_the_recorded_export(recorded):
    text = recorded("nfs/debian-12/export.txt")
    seen = nfs.export(sections(text), "nfs", "/srv/nexus")

    assert (seen.active, seen.exported) == (True, True)
    assert (seen.size_bytes, seen.free_bytes) == (6151776 * 1024, 5526156 * 1024)
    assert (seen.free_percent, seen.inodes_free_percent) == (90, 97)
    assert (seen.inodes, seen.inodes_free) == (393216, 382240)
    assert nfs.export(sections(text), "nfs", "/srv/other").exported is False


@pytest.mark.parametrize(
    ("said", "exported"),
    [("exportfs: Permission denied", None), ("no such command", False)],
)
def test_an_export_that_is_not_told(said, exported):
    seen = nfs.export(
        sections(frame({"exported": (said, 1), "active": ("inactive", 3)})), "n", "/s"
    )
    assert (seen.exported, seen.active) == (exported, False)
    assert seen.free_percent is None


def test_a_file_system_that_counts_no_inodes():
    space = "/dev/x 1000 100 900 10% /srv\n/dev/x 0 0 0 - /srv"
    seen = nfs.export(sections(frame({"space": space})), "nas", "/srv/nexus")
    assert (seen.free_percent, seen.inodes, seen.inodes_free, seen.inodes_free_percent) == (
        90, None, None, None,
    )  # fmt: skip


def test_nothing_is_known_of_a_host_that_told_nothing():
    seen = nfs.export({}, "nas", "/srv/nexus")
    assert (seen.active, seen.exported, seen.free_bytes) == (None, None, None)


def test_a_mount_that_is_well():
    seen = mount()
    assert (seen.reachable, seen.mounted, seen.hard, seen.stuck) == (True, True, True, ())
    assert seen.server == f"{ADDRESS}:2049"
    assert seen.unreachable_since is None


def test_the_last_word_of_the_server_is_that_of_its_own_connection():
    seen = mount(server=("timed out", 1))
    assert seen.reachable is False
    # 64 s before the node's own clock
    assert seen.unreachable_since == "2026-01-10T10:12:15+00:00"


KERNEL = """1000.50
[  100.000000] nfs: server 10.77.0.10 not responding, still trying
[  200.000000] nfs: server 10.77.0.10 OK
[  700.250000] nfs: server 10.77.0.10 not responding, still trying
[  800.000000] nfs: server 10.77.0.10 not responding, still trying
[  900.000000] nfs: server 10.77.0.99 not responding, still trying"""


@pytest.mark.parametrize(
    ("kernel", "since"),
    [
        (KERNEL, "2026-01-10T10:08:19+00:00"),
        (f"{KERNEL}\n[  950.0] nfs: server 10.77.0.10 OK", None),
        ("1000.50", None),
        ("", None),
    ],
)
def test_where_there_is_no_connection_any_more_the_kernels_log_tells(kernel, since):
    assert mount(server=("", 1), socket=("", 99), kernel=kernel).unreachable_since == since


def test_without_the_nodes_clock_nothing_is_said_of_since_when():
    assert mount(server=("", 1), now="").unreachable_since is None


def test_where_no_program_can_knock_it_is_not_known():
    assert mount(server=("", 99)).reachable is None


def test_programs_of_the_container_that_hang_are_named_once():
    stuck = "\n".join((
        f"100|0::/system.slice/docker-{CONTAINER}.scope |java",
        f"101|0::/system.slice/docker-{CONTAINER}.scope |java",
        f"102|0::/system.slice/docker-{CONTAINER}.scope |a|odd) name",
        "103|0::/system.slice/docker-" + "e" * 64 + ".scope |traefik",
        "104|0::/ |kworker",
    ))  # fmt: skip
    assert mount(stuck=stuck).stuck == ("java", "a|odd) name")
    # where Docker hangs too, nobody knows which container is which
    assert mount(stuck=stuck, containers=("", 124)).stuck == ("java", "a|odd) name", "traefik")


def test_a_soft_mount_and_none():
    assert mount(mounts=MOUNTED.replace("hard", "soft")).hard is False
    other = mount(mounts=MOUNTED.replace(":/srv/nexus", ":/srv/other"))
    assert (other.mounted, other.hard) == (False, None)
    named = nfs.mount(sections(frame({"mounts": MOUNTED.replace(":/srv", "nas.test:/srv")})), "w1",
                      "nas.test", 2049, ":/srv/nexus", SERVICE)  # fmt: skip
    assert named.mounted
