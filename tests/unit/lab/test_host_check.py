"""What the host lacks is said in one message, with what to do about each thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import requirements
from lab.errors import HostLacksError
from lab.paths import Paths


def test_packages_are_named_by_the_programs_that_are_missing(monkeypatch):
    monkeypatch.setattr(requirements, "is_root", lambda: True)
    absent = {"linux.uml", "mmdebstrap"}
    missing = requirements.missing_packages(lambda name: None if Path(name).name in absent else "x")
    assert missing == ["user-mode-linux", "mmdebstrap"]


@pytest.mark.parametrize(("frame", "wanted"), [(3632, []), (11952, ["gcc", "libc6-dev"])])
def test_a_compiler_is_needed_where_the_kernel_does_not_know_the_processor(
    monkeypatch, frame, wanted
):
    monkeypatch.setattr(requirements, "is_root", lambda: True)
    monkeypatch.setattr("lab.kernel._signal_frame_bytes", lambda: frame)
    missing = requirements.missing_packages(lambda name: None if name == "cc" else "x")
    assert missing == wanted


def test_a_plain_user_needs_uidmap_too(monkeypatch):
    monkeypatch.setattr(requirements, "is_root", lambda: False)
    assert "uidmap" in requirements.missing_packages(lambda _name: None)


def test_programs_in_sbin_are_found_without_it_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert "e2fsprogs" not in requirements.missing_packages()


def test_everything_missing_comes_in_one_message(monkeypatch, tmp_path):
    monkeypatch.setattr(requirements, "is_root", lambda: False)
    monkeypatch.setattr(requirements.shutil, "which", lambda _name: None)
    monkeypatch.setattr(requirements, "missing_packages", lambda: ["mmdebstrap", "uidmap"])
    monkeypatch.setattr(requirements, "_works", lambda _argv: False)
    monkeypatch.setattr(requirements, "_TUN", tmp_path / "tun")
    monkeypatch.setattr(requirements, "BUILD_BYTES", 1 << 60)
    monkeypatch.setattr(requirements, "_available_memory_mib", lambda: 100)
    monkeypatch.setenv("MOORAGE_LAB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(HostLacksError) as caught:
        requirements.check_host(Paths.of(tmp_path))
    lines = str(caught.value).splitlines()
    assert caught.value.exit_code == 3
    assert "sudo apt-get install --no-install-recommends mmdebstrap uidmap" in lines[1]
    assert "user namespaces are off" in lines[2]
    assert "modprobe tun" in lines[3]
    assert "MOORAGE_LAB_CACHE" in lines[4]
    assert "100 are free" in lines[5]
    assert len(lines) == 6


def test_a_device_that_may_not_be_opened_is_told_from_a_missing_one(monkeypatch, tmp_path):
    device = tmp_path / "tun"
    device.touch()
    monkeypatch.setattr(requirements, "_TUN", device)
    monkeypatch.setattr(requirements.os, "access", lambda _path, _mode: False)
    (line,) = requirements._devices()
    assert f"sudo chmod 0666 {device}" in line
