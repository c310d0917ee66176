"""Account, system, clock and disk of any host."""

import pytest
from doctor_fakes import NOW, answers, machine

from moorage.checks import doctor_machine
from moorage.checks.doctor_probe import Answers


def test_says_whose_sudo_made_root():
    _, sudo = doctor_machine.login("nas", answers(machine()), needs_root=True)
    assert (sudo.level, sudo.message) == ("ok", "root by sudo of ops")


@pytest.mark.parametrize(("needs_root", "level"), [(True, "failure"), (False, "ok")])
def test_the_nfs_host_needs_root_and_a_docker_host_may_do_without(needs_root, level):
    seen = answers(machine(account="1000|ops|"))
    _, sudo = doctor_machine.login("nas", seen, needs_root=needs_root)
    assert sudo.level == level
    assert "ops" in sudo.message


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("debian|12||Debian GNU/Linux 12 (bookworm)", "ok"),
        ("debian|13||Debian GNU/Linux 13 (trixie)", "ok"),
        ("debian|11||Debian GNU/Linux 11 (bullseye)", "warning"),
        ("ubuntu|24.04|debian|Ubuntu 24.04.1 LTS", "ok"),
        ("ubuntu|23.10|debian|Ubuntu 23.10", "warning"),
        ("rocky|9.4|rhel centos fedora|Rocky Linux 9.4", "ok"),
        ("almalinux|8.9|rhel centos fedora|AlmaLinux 8.9", "warning"),
        ("linuxmint|12|ubuntu debian|Linux Mint", "warning"),
    ],
)
def test_says_which_systems_are_tested(line, level):
    finding = doctor_machine.system("nas", answers(machine(os=line)))
    assert finding.level == level
    assert line.rpartition("|")[2] in finding.message


def test_a_system_without_os_release_is_told_and_not_a_crash():
    finding = doctor_machine.system("nas", answers(machine(os=("cannot open", 2))))
    assert finding.level == "warning"


def _clock(begin, end, sent=NOW, received=NOW + 1):
    parts = machine(begin=f"{begin:.9f}", end=f"{end:.9f}")
    seen = answers(parts)
    return doctor_machine.clock_offset(Answers(seen.parts, sent, received))


def test_a_slow_connection_is_no_wrong_clock():
    # 20 s to connect: the host's clock stands where it should
    assert doctor_machine.clock("nas", _clock(NOW + 19, NOW + 20, received=NOW + 20)).level == "ok"


@pytest.mark.parametrize(
    ("offset", "level", "words"),
    [
        (3, "ok", "agrees"),
        (8, "warning", "ahead of"),
        (-8, "warning", "behind"),
        (90, "failure", "ahead of"),
        (-3600, "failure", "behind"),
    ],
)
def test_a_wrong_clock_is_told_by_how_much(offset, level, words):
    finding = doctor_machine.clock("nas", _clock(NOW + offset, NOW + 1 + offset))
    assert finding.level == level
    assert words in finding.message
    if level != "ok":
        assert f"{abs(offset)} s" in finding.message


def test_a_clock_that_was_not_read_is_not_called_right():
    seen = answers(machine(begin=("date: not found", 127)))
    assert doctor_machine.clock("nas", doctor_machine.clock_offset(seen)).level == "warning"


def test_clocks_are_held_against_each_other_too():
    offsets = {"a": (3.9, 4.0), "b": (-4.0, -3.9), "c": (0.0, 0.1)}
    (finding,) = doctor_machine.clocks(offsets)
    assert (finding.level, finding.message) == ("warning", "a is 8 s ahead of b")


def test_clocks_that_agree_are_told_once():
    (finding,) = doctor_machine.clocks({"a": (-0.1, 0.1), "b": (-0.2, 0.0)})
    assert (finding.level, finding.host) == ("ok", "here")


@pytest.mark.parametrize(
    ("used", "inodes", "levels"),
    [
        ("85%", "10%", ["ok"]),
        ("86%", "10%", ["warning"]),
        ("95%", "10%", ["warning"]),
        ("96%", "10%", ["failure"]),
        ("20%", "-", ["ok"]),
        ("20%", "97%", ["ok", "failure"]),
    ],
)
def test_space_and_inodes_have_their_floors(used, inodes, levels):
    df = (
        f"nas:/tank 41152812 0 2057640 {used} /srv/my data\nnas:/tank 100 0 3 {inodes} /srv/my data"
    )
    findings = list(doctor_machine.disk("nas", answers({"disk": df}).part("disk")))
    assert [finding.level for finding in findings] == levels
    assert "on /srv/my data" in findings[0].message
    assert "2.0 of 39.2 GiB" in findings[0].message


def test_a_df_that_failed_is_told():
    (finding,) = doctor_machine.disk("nas", answers({"disk": ("df: no", 1)}).part("disk"))
    assert finding.level == "warning"
