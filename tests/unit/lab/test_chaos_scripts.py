"""The shell of faults, run for real against stand-ins of the programs that it calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lab.chaos import scripts
from lab.chaos.schedule import CLOCK, CUT_OFF, DOCKERD, EXPORT, LINK, SSHD, Fault

NOW = 1_800_000_000
PROGRAMS = {
    "systemd-run": r"""
for word in "$@"; do
  case $word in
    --unit=*) unit=${word#--unit=} ;;
    --on-active=*) seconds=${word#--on-active=} ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
while case $1 in --*) : ;; *) false ;; esac; do shift; done
printf '%s\n' "$seconds" "$*" >"$STATE/armed/$unit"
""",
    "systemctl": r"""
case $* in
  "is-active --quiet docker.service")
    alive || [ ! -e "$RUN/systemd/system/docker.service.d/moorage-chaos.conf" ] ;;
  "is-active --quiet "*) [ -e "$STATE/units/$3" ] ;;
  "show --property MainPID --value docker.service") cat "$STATE/pid" ;;
  "start docker.service") sleep 60 >/dev/null 2>&1 & echo $! >"$STATE/pid" ;;
  "start "*) : >"$STATE/units/$2" ;;
  "stop "*) shift; for unit; do rm -f "$STATE/units/$unit" "$STATE/armed/${unit%.timer}"; done ;;
esac
""",
    "tc": r"""
case $* in
  "qdisc add "*|"filter add "*) echo "$*" >>"$STATE/tc" ;;
  "qdisc del dev eth0 root") [ -e "$STATE/tc" ] || exit 2; rm "$STATE/tc" ;;
  "qdisc show dev eth0") cat "$STATE/tc" 2>/dev/null || echo "qdisc pfifo_fast 0: root" ;;
esac
""",
    "date": r"""
at=$(awk -v o="$(cat "$STATE/offset")" '{ printf "%.2f", $1 + o }' "$STATE/uptime")
case $1 in
  -s) awk -v to="${2#@}" '{ printf "%.2f\n", to - $1 }' "$STATE/uptime" >"$STATE/o"
    mv "$STATE/o" "$STATE/offset" ;;
  +%s) echo "${at%.*}" ;;
  +%s.%N) echo "${at}0000000" ;;
esac
""",
    "df": r"""
taken=$(cat "$SRV/moorage-chaos.ballast" 2>/dev/null || echo 0)
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "/dev/ubda 6000000 0 $((5000000 - taken)) 1% /"
""",
    # the last 1000 K cannot be had at once
    "fallocate": r"""
size=${2%K}
[ "$size" -gt 0 ] && [ "$size" -le "$(cat "$STATE/room")" ] || exit 1
echo "$size" >"$3"
""",
    "pkill": 'echo "$*" >>"$STATE/killed"',
    "modprobe": ":",
    "curl": "alive",
    "alive": r"""
case $(cut -d ' ' -f 3 "/proc/$(cat "$STATE/pid")/stat" 2>/dev/null) in [RSD]) ;; *) exit 1 ;; esac
""",
}


class Guest:
    """A folder in a guest's place."""

    def __init__(self, folder: Path):
        self.state = folder / "state"
        self.places = {"/run/": folder / "run", "/srv/": folder / "srv",
                       "/proc/uptime": self.state / "uptime"}  # fmt: skip
        for name in ("state/armed", "state/units", "run", "srv", "bin"):
            (folder / name).mkdir(parents=True)
        for name, text in PROGRAMS.items():
            program = folder / "bin" / name
            program.write_text(f"#!/bin/sh\n{text}")
            program.chmod(0o755)
        self.env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "STATE": str(self.state),
                    "RUN": str(folder / "run"), "SRV": str(folder / "srv")}  # fmt: skip
        self.uptime(100)
        (self.state / "offset").write_text(f"{NOW - 100}\n")
        (self.state / "room").write_text("4999000")
        self.dockerd = subprocess.Popen(["sleep", "60"])
        (self.state / "pid").write_text(str(self.dockerd.pid))
        (self.state / "units/ssh.service").touch()

    def uptime(self, seconds):
        (self.state / "uptime").write_text(f"{seconds}.00 7.00\n")

    def run(self, script):
        for place, there in self.places.items():
            script = script.replace(place, f"{there}/" if place.endswith("/") else str(there))
        return subprocess.run(["sh", "-s"], input=script, env=self.env, capture_output=True,
                              text=True, check=False, timeout=30)  # fmt: skip

    def well(self, script):
        ran = self.run(script)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def armed(self):
        return {path.name: int(path.read_text().splitlines()[0])
                for path in (self.state / "armed").iterdir()}  # fmt: skip

    def fire(self, unit):
        """Let a timer's time come."""
        path = self.state / "armed" / unit
        words = path.read_text().splitlines()[1]
        path.unlink()
        subprocess.run(["sh", "-c", words], env=self.env, check=True, timeout=30)

    def clock(self):
        return int(self.well("date +%s"))


@pytest.fixture
def guest(tmp_path):
    made = Guest(tmp_path)
    yield made
    for pid in {made.dockerd.pid, int((made.state / "pid").read_text())}:
        subprocess.run(["kill", str(pid)], check=False, stderr=subprocess.DEVNULL)
    made.dockerd.wait()


FAULTS = [
    Fault(LINK, ("worker", "nfs"), 20, 30),
    Fault(CUT_OFF, ("worker",), 20, 30),
    Fault(EXPORT, ("nfs",), 20, 30),
    Fault(DOCKERD, ("worker",), 20, 30),
    Fault(SSHD, ("worker",), 20, 30),
    Fault(CLOCK, ("worker",), 20, 30, -3600),
]


def begun(guest, fault):
    host = fault.hosts[0]
    assert guest.run(scripts.gone(fault, host, NOW)).returncode == 0
    guest.well(scripts.begin(fault, host))
    if fault.kind in scripts.UNREACHABLE:
        # it is begun when the connection is over, not before
        assert guest.run(scripts.gone(fault, host, NOW)).returncode == 0
        guest.fire(f"moorage-chaos-{fault.key}-begin")
    return host


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_it_comes_about_and_is_undone_and_both_are_seen(guest, fault):
    host = begun(guest, fault)
    assert guest.run(scripts.gone(fault, host, NOW)).returncode != 0
    assert guest.armed() == {f"moorage-chaos-{fault.key}":
                             31 if fault.kind in scripts.UNREACHABLE else 210}  # fmt: skip

    guest.well(scripts.undo(fault, host))

    guest.well(scripts.gone(fault, host, NOW))
    assert guest.well(scripts.took(fault)) == "took\n"
    assert guest.armed() == {}
    guest.well(scripts.undo(fault, host))
    guest.well(scripts.gone(fault, host, NOW))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_it_undoes_itself_where_nobody_does(guest, fault):
    host = begun(guest, fault)

    guest.fire(f"moorage-chaos-{fault.key}")

    guest.well(scripts.gone(fault, host, NOW))
    assert guest.well(scripts.took(fault)) == "took\n"
    guest.well(scripts.undo(fault, host))
    guest.well(scripts.gone(fault, host, NOW))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_to_undo_what_never_began_is_harmless(guest, fault):
    guest.well(scripts.undo(fault, fault.hosts[0]))

    guest.well(scripts.gone(fault, fault.hosts[0], NOW))
    assert guest.well(scripts.took(fault)) == ""


def test_the_time_that_goes_by_while_a_clock_is_wrong_counts(guest):
    fault = FAULTS[-1]
    host = begun(guest, fault)
    assert guest.clock() == NOW - 3600

    guest.uptime(140)
    assert guest.clock() == NOW - 3560
    guest.well(scripts.undo(fault, host))

    assert guest.clock() == NOW + 40
    guest.well(scripts.gone(fault, host, NOW + 40))


def test_a_fault_that_does_not_come_about_is_told(guest):
    (guest.state / "room").write_text("10")

    assert guest.run(scripts.begin(FAULTS[2], "nfs")).returncode != 0
    guest.well(scripts.undo(FAULTS[2], "nfs"))
    assert guest.well(scripts.took(FAULTS[2])) == ""


def test_a_dockerd_that_does_not_run_is_no_reason_to_kill_all(guest):
    (guest.state / "pid").write_text("0")

    assert guest.run(scripts.begin(FAULTS[3], "worker")).returncode != 0
    (guest.state / "pid").write_text(str(guest.dockerd.pid))


def test_only_what_goes_to_the_other_end_of_a_link_is_lost(guest):
    begun(guest, FAULTS[0])

    lines = (guest.state / "tc").read_text().splitlines()
    assert "netem loss 100%" in next(line for line in lines if "netem" in line)
    assert [line for line in lines if "10.77.0.10/32" in line]
    assert not [line for line in lines if "root netem" in line]


def test_every_shell_is_one_that_sh_can_read():
    for fault in FAULTS:
        for text in (scripts.begin(fault, fault.hosts[0]), scripts.undo(fault, fault.hosts[0])):
            ran = subprocess.run(["sh", "-n"], input=text, text=True, check=False)
            assert ran.returncode == 0


def test_nexus_process_is_the_one_that_is_killed(tmp_path):
    process = subprocess.Popen(["sleep", "60"])
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\ncase $1 in ps) echo c1 ;; inspect) echo {process.pid} ;; esac\n")
    docker.chmod(0o755)

    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", "-s"], input=scripts.NEXUS_KILLED, env=env, text=True,
                         check=True, capture_output=True)  # fmt: skip

    assert ran.stdout == "killed\n"
    assert process.wait() == -9
