"""Texts that lead to the guests: hosts, ssh_config, known_hosts, and the kernel's command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.machine import Disks, guest_words
from lab.paths import Paths
from lab.ssh import known_hosts, ssh_config
from lab.topology import GUESTS, MANAGER, NFS, WORKER, guest, hosts_file

LONGEST_SOCKET_PATH = 107


def test_hosts_file_has_every_name_once():
    lines = [line.split() for line in hosts_file().splitlines()]
    names = [name for _, name in lines]
    assert sorted(names) == sorted(
        ["localhost", "nfs", "manager", "worker", "nexus.lab", "registry.lab", "hub.lab"]
    )
    assert ["10.77.0.11", "registry.lab"] in lines


def test_a_wrong_guest_is_named_with_the_right_ones():
    with pytest.raises(LabError, match="no guest 'nsf'; its guests are nfs, manager, worker"):
        guest("nsf")


def test_guests_differ_in_all_that_must_differ():
    for field in ("name", "address", "tap", "mac"):
        assert len({getattr(one, field) for one in GUESTS}) == len(GUESTS)


@pytest.mark.parametrize("typed", ["manager", "10.77.0.11"])
def test_ssh_itself_reads_the_config(tmp_path: Path, typed: str):
    config = tmp_path / "ssh_config"
    config.write_text(ssh_config(tmp_path, tmp_path / "enter"))
    argv = ["ssh", "-G", "-F", config, typed]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "hostname 10.77.0.11" in shown
    assert "stricthostkeychecking true" in shown
    assert f"proxycommand {tmp_path}/enter" in shown
    assert "user root" in shown


def test_known_hosts_serves_names_and_addresses(tmp_path: Path):
    file = tmp_path / "known_hosts"
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIJyMNXkFZ9oQ0z0eRHi6b3y8s5g0oTfI0l3q7c1wTSkQ"
    file.write_text(known_hosts(f"ssh-ed25519 {key} host_key\n"))
    for name in ("worker", "10.77.0.12"):
        argv = ["ssh-keygen", "-F", name, "-f", file]
        assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_sockets_stay_short_however_deep_the_project(tmp_path: Path):
    deep = tmp_path.joinpath(*["directory" * 4] * 5)
    control = Paths.of(deep).run / "opspw@manager.0123456789abcdef"
    assert len(str(control)) <= LONGEST_SOCKET_PATH


def test_two_projects_have_two_labs(tmp_path: Path):
    one, other = Paths.of(tmp_path / "one"), Paths.of(tmp_path / "other")
    assert one.run != other.run
    assert one.disks != other.disks
    assert one.cache == other.cache


def test_the_cache_goes_where_the_environment_says(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("MOORAGE_LAB_CACHE", raising=False)
    assert Paths.of(tmp_path).cache == tmp_path / "xdg/moorage/lab"
    monkeypatch.setenv("MOORAGE_LAB_CACHE", str(tmp_path / "mine"))
    assert Paths.of(tmp_path).cache == tmp_path / "mine"


def test_a_guest_with_docker_has_a_second_disk(tmp_path: Path):
    disks = Disks((Path("/c/root"), Path("/c/docker")), (Path("/d/0"), Path("/d/1")))
    words = guest_words(["k"], MANAGER, disks, tmp_path, tmp_path / "share")
    assert {"ubd0=/d/0,/c/root", "ubd1=/d/1,/c/docker"} < set(words)
    assert f"hostfs={tmp_path}/share" in words
    assert "systemd.wants=docker.service" in words
    assert "lab.address=10.77.0.11/24" in words


def test_the_nfs_guest_starts_no_server_by_itself(tmp_path: Path):
    words = guest_words(["k"], NFS, Disks((Path("/c"),), (Path("/d"),)), tmp_path, tmp_path)
    assert not any(word.startswith(("ubd1", "systemd.wants")) for word in words)


def test_only_the_manager_is_the_hub():
    assert "lab-hub.service" in MANAGER.wants
    assert "lab-hub.service" not in WORKER.wants
