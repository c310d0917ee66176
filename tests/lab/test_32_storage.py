"""Scenarios 3, 9, 25 and 26: an NFS host that dies, is full, or has what nobody expects."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest
from two_nodes import containers
from witness import SPEC, TASKS, filled, until, writable

pytestmark = [pytest.mark.lab, pytest.mark.long]

_VOLUMES = "docker volume ls -q --filter label=com.docker.stack.namespace=registry"
_MOUNT_SECONDS = 60


@pytest.mark.scenario(3, "NFS host down mid-apply")
def test_an_nfs_host_that_dies_after_its_export_stops_the_deployment(lab, fab, start, site_up):
    lab.run("manager", "docker stack rm registry >/dev/null")
    until(lambda: containers(lab, "manager") + containers(lab, "worker") == 0)
    for host in ("manager", "worker"):
        until(lambda host=host: not lab.run(host, f"docker volume rm $({_VOLUMES}) >/dev/null 2>&1;"
                                            f"{_VOLUMES}").strip())  # fmt: skip
    lab.run("nfs", "chmod 0700 /srv/nexus")
    run = start("up")
    run.until("nfs: 1 change made and verified")
    # held still until the machine is really off
    os.killpg(run.process.pid, signal.SIGSTOP)
    try:
        lab.kill("nfs")
    finally:
        os.killpg(run.process.pid, signal.SIGCONT)
    begun = time.monotonic()
    try:
        code = run.ended()
        took = time.monotonic() - begun
        there = lab.run("manager", "docker service ls -q --filter name=registry_nexus")
    finally:
        lab.boot("nfs")
        lab.wait_ready()

    assert code == 4, run.text
    assert "10.77.0.10:2049" in run.text
    # the probe's mount, and what is still asked of the dead host
    assert took < 2 * 3 * _MOUNT_SECONDS
    assert there == ""
    healed = fab("up")
    assert healed.code == 0, healed.text
    assert writable(lab) == "200"


@pytest.mark.scenario(9, "Disk full on the export")
def test_a_full_disk_is_refused_with_the_numbers(lab, fab, site_up):
    """``fab status`` at 15 %: test_20; backups that find no room: test_21; upgrades: test_22."""
    with filled(lab, 97):
        lab.run("manager", "docker service update -d -q --label-add by.hand=1 registry_nexus")
        before = lab.run("manager", f"{SPEC}; {TASKS}")
        ran = fab("up")
        free = lab.run("nfs", "df -Pk /srv/nexus | awk 'NR == 2 { print int($4 / 1024), $6 }'")
        untouched = lab.run("manager", f"{SPEC}; {TASKS}")

    assert ran.code == 3, ran.text
    mebibytes, place = free.split()
    assert f"the file system at {place} has " in ran.err
    [told] = re.findall(r"% of its space free, (\d+) MiB; 5 % are needed", ran.err)
    assert abs(int(told) - int(mebibytes)) < 64
    assert untouched == before
    assert fab("up").code == 0


@pytest.mark.scenario(9, "Disk full on the export")
def test_a_file_system_without_inodes_is_refused_too(lab, fab, other_stack):
    lab.run("nfs", "mkdir -p /srv/few && mount -t tmpfs -o nr_inodes=50 tmpfs /srv/few && "
            "mkdir /srv/few/nexus && "
            "for n in $(seq 100); do touch /srv/few/$n 2>&1 || break; done")  # fmt: skip
    try:
        ran = fab("nfs-setup", inventory=other_stack("/srv/few/nexus"))
        exported = lab.run("nfs", "exportfs -s")
    finally:
        lab.run("nfs", "umount /srv/few; rmdir /srv/few")

    assert ran.code == 3, ran.text
    assert "the file system at /srv/few has " in ran.err
    assert "% of its inodes free; 5 % are needed" in ran.err
    assert "/srv/few" not in exported


@pytest.fixture
def other_stack(lab, variant, site_up):
    """Another stack's inventory, with an export of its own."""

    def make(export):
        return variant(("export: /srv/nexus", f"export: {export}"),
                       ("stack:\n  placement", "stack:\n  name: other\n  placement"))  # fmt: skip

    yield make
    lab.run("nfs", "rm -f /etc/exports.d/moorage-other.exports; exportfs -ra; "
            "rm -rf /var/lib/moorage/other")  # fmt: skip


@pytest.mark.scenario(25, "Export path is a symlink / not empty / wrong owner")
def test_the_owner_of_the_top_is_set_and_of_files_below_only_when_asked(lab, fab, other_stack):
    """Symbolic links and foreign files: test_4."""
    lab.run("nfs", "mkdir -p /srv/theirs/blobs && touch /srv/theirs/blobs/one && "
            "chown -R 0:0 /srv/theirs")  # fmt: skip
    config = other_stack("/srv/theirs")
    look = "stat -c '%u:%g' /srv/theirs /srv/theirs/blobs/one"
    try:
        top = fab("nfs-setup", inventory=config)
        after_top = lab.run("nfs", look).split()
        asked = fab("nfs-setup", "--chown-recursive", inventory=config)
        after = lab.run("nfs", look).split()
        again = fab("nfs-setup", "--chown-recursive", inventory=config)
    finally:
        lab.run("nfs", "rm -f /etc/exports.d/moorage-other.exports; exportfs -ra; "
                "rm -rf /srv/theirs")  # fmt: skip

    assert top.code == 0, top.text
    assert "owner: 0:0 → 200:200" in top.out
    assert after_top == ["200:200", "0:0"]
    assert asked.code == 0, asked.text
    assert "of others: 2 → 0" in asked.out
    assert after == ["200:200", "200:200"]
    assert "nfs: no changes" in again.out


@pytest.mark.scenario(25, "Export path is a symlink / not empty / wrong owner")
@pytest.mark.parametrize("theirs", ["/srv/theirs", "/srv/theirs/nexus/inner"])
def test_what_lies_above_or_below_another_export_is_refused(lab, fab, other_stack, theirs):
    lab.run("nfs", "mkdir -p /srv/theirs/nexus/inner; "
            f"echo '{theirs} 10.9.9.9(ro,no_subtree_check)' "
            ">/etc/exports.d/theirs.exports; chown -R 200:200 /srv/theirs/nexus; "
            "[ -e /srv/theirs/nexus/blobs ] || mkdir /srv/theirs/nexus/blobs")  # fmt: skip
    try:
        ran = fab("nfs-setup", inventory=other_stack("/srv/theirs/nexus"))
    finally:
        lab.run("nfs", "rm -rf /srv/theirs /etc/exports.d/theirs.exports; exportfs -ra")

    assert ran.code == 3, ran.text
    assert f"overlaps the export {theirs}" in ran.err


@pytest.mark.scenario(25, "Export path is a symlink / not empty / wrong owner")
@pytest.mark.parametrize("path", ["/", "/home", "/etc"])
def test_a_directory_of_the_system_is_never_exported(lab, fab, variant, path):
    ran = fab("nfs-setup", inventory=variant(("export: /srv/nexus", f"export: {path}")))

    assert ran.code == 3, ran.text
    assert "is never exported" in ran.err


@pytest.mark.scenario(26, "Volume exists with other driver_opts")
def test_other_options_are_another_volume_and_the_former_goes_after_convergence(
    lab, fab, variant, site_up
):
    """A name that the operator fixed, and options that differ on one node alone: test_7."""
    options = "volume: {options: [nfsvers=4.2, hard, rw, noatime]}"
    config = variant(("export: /srv/nexus", f"export: /srv/nexus\n  {options}"))
    data = "ls -A /srv/nexus | sort; sha256sum /srv/nexus/db/standin.json"
    before = {host: lab.run(host, _VOLUMES).split() for host in ("manager", "worker")}
    kept = lab.run("nfs", data)

    ran = fab("deploy", inventory=config)

    assert ran.code == 0, ran.text
    after = {host: lab.run(host, _VOLUMES).split() for host in ("manager", "worker")}
    former = {name for names in before.values() for name in names}
    assert former
    assert not former & {name for names in after.values() for name in names}
    assert "- remove volume registry-data-" in ran.out
    assert lab.run("nfs", data) == kept
    mounts = lab.run("worker", "cat /proc/mounts") + lab.run("manager", "cat /proc/mounts")
    assert "noatime" in next(line for line in mounts.splitlines() if ":/srv/nexus " in line)
    back = fab("up")
    assert back.code == 0, back.text
