"""The shell of each fault that is made inside a guest: its begin, its undo, and whether it is gone.

Before a fault begins, its undo is armed in the guest itself, by a timer of systemd's, which counts
the monotonic clock. So a guest that cannot be reached comes back, and so does one whose chaos run
has died.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..topology import guest
from .schedule import CUT_OFF, DOCKERD, EXPORT, LINK, SSHD, Fault

FOLDER = "/run/moorage-chaos"
"""In memory, so that it goes with the faults that a restart ends."""
BALLAST = "/srv/moorage-chaos.ballast"
EXPORTED = "/srv/nexus"
SERVICE = "registry_nexus"
UNREACHABLE = frozenset({CUT_OFF, SSHD})
"""Kinds that end every connection to their guest, so that only what is armed undoes them."""

_DROP_IN = "/run/systemd/system/docker.service.d/moorage-chaos.conf"
_GRACE_SECONDS = 180
"""How much later than planned a guest that can be reached helps itself."""
_CLOCK_SECONDS = 30
"""How far a clock may be off and count as right: a busy machine's ssh takes some of it."""

NETEM_THERE = "command -v tc >/dev/null && modprobe -a sch_netem sch_prio cls_u32"
NEXUS_KILLED = f"""
for container in $(docker ps -q --filter label=com.docker.swarm.service.name={SERVICE}); do
  pid=$(docker inspect --format '{{{{.State.Pid}}}}' "$container") || continue
  [ "$pid" -gt 1 ] && kill -9 "$pid" && echo killed
done
:
"""

_ALL_LOST = "modprobe sch_netem; tc qdisc add dev eth0 root netem loss 100%"
# a band of its own for what is to be lost; the others are those of the default
_LOST_TO = """modprobe -a sch_netem sch_prio cls_u32
tc qdisc add dev eth0 root handle 1: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1
tc qdisc add dev eth0 parent 1:4 handle 40: netem loss 100%
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst {address}/32 flowid 1:4"""
_NONE_LOST = "tc qdisc del dev eth0 root 2>/dev/null || :"
_NO_NETEM = "! tc qdisc show dev eth0 | grep -q netem"
# its space is taken without being written; the last bytes may need another try
_FILLED = f"""for spare in 0 64 1024 8192; do
  free=$(df -Pk {EXPORTED} | awk 'NR == 2 {{ print $4 }}')
  fallocate -l $((free - spare))K {BALLAST} && break
done
[ "$(df -Pk {EXPORTED} | awk 'NR == 2 {{ print $4 }}')" -lt 4096 ]"""
# systemd's own restart, and the socket, would bring it back at once
_DOCKERD_KILLED = f"""mkdir -p {_DROP_IN.rpartition("/")[0]}
printf '[Service]\\nRestart=no\\n' >{_DROP_IN}
systemctl daemon-reload
pid=$(systemctl show --property MainPID --value docker.service)
[ "$pid" -gt 1 ]
kill -9 "$pid"
systemctl stop docker.socket
if systemctl is-active --quiet docker.service; then exit 1; fi"""
_DOCKERD_BACK = f"""rm -f {_DROP_IN}
systemctl daemon-reload
systemctl reset-failed docker.service docker.socket 2>/dev/null || :
systemctl start docker.service"""
_DOCKERD_THERE = f"""[ ! -e {_DROP_IN} ] && systemctl is-active --quiet docker.service &&
  curl -s -f -o /dev/null --max-time 60 --unix-socket /run/docker.sock http://docker/_ping"""
_SSHD_STOPPED = """systemctl stop ssh.service
pkill -9 '^sshd' || :"""
_SSHD_THERE = "systemctl is-active --quiet ssh.service"
# what the clock was before is known by the time since the start, which nobody sets
_CLOCK_WRONG = """awk -v now="$(date +%s.%N)" '{{ printf "%.2f\\n", now - $1 }}' /proc/uptime \\
  >{offset}
date -s "@$(awk -v o="$(cat {offset})" '{{ printf "%.2f", $1 + o + {shift} }}' /proc/uptime)"
"""
_CLOCK_RIGHT = """[ ! -e {offset} ] ||
  date -s "@$(awk -v o="$(cat {offset})" '{{ printf "%.2f", $1 + o }}' /proc/uptime)" >/dev/null"""
_CLOCK_AGREES = """off=$(( $(date +%s) - {now} ))
[ "$off" -ge -{allowed} ] && [ "$off" -le {allowed} ]"""


@dataclass(frozen=True)
class Shell:
    """The shell of one fault on one guest.

    Attributes:
        begin: Makes it so.
        undo: Puts it right; harmless where it is.
        gone: Ends with 0 where nothing of it is left.
    """

    begin: str
    undo: str
    gone: str


_PLAIN = {
    CUT_OFF: Shell(_ALL_LOST, _NONE_LOST, _NO_NETEM),
    EXPORT: Shell(_FILLED, f"rm -f {BALLAST}", f"[ ! -e {BALLAST} ]"),
    DOCKERD: Shell(_DOCKERD_KILLED, _DOCKERD_BACK, _DOCKERD_THERE),
    SSHD: Shell(_SSHD_STOPPED, "systemctl start ssh.service", _SSHD_THERE),
}


def shell(fault: Fault, host: str, now: float = 0) -> Shell:
    """The shell of a fault on one of its guests.

    Args:
        fault: A fault that is made inside guests.
        host: One of its guests.
        now: The right time, in seconds since 1970.
    """
    if fault.kind == LINK:
        (other,) = set(fault.hosts) - {host}
        return Shell(_LOST_TO.format(address=guest(other).address), _NONE_LOST, _NO_NETEM)
    if fault.kind in _PLAIN:
        return _PLAIN[fault.kind]
    offset = f"{FOLDER}/{fault.key}.offset"
    return Shell(
        _CLOCK_WRONG.format(offset=offset, shift=fault.shift),
        _CLOCK_RIGHT.format(offset=offset),
        _CLOCK_AGREES.format(now=int(now), allowed=_CLOCK_SECONDS),
    )


def begin(fault: Fault, host: str) -> str:
    """Script that arms the undo of a fault in a guest, and then begins it.

    What would end the connection is begun a second later, when the script is over.
    """
    made, at = shell(fault, host), f"{FOLDER}/{fault.key}"
    later = fault.kind in UNREACHABLE
    seconds = fault.lasts + (1 if later else _GRACE_SECONDS)
    carried = f"set -e\n{made.begin}\necho took >>{at}.on"
    started = _timer(f"{fault.key}-begin", 1, f"{at}.begin") if later else f"sh {at}.begin"
    return "\n".join([
        "set -e",
        f"mkdir -p {FOLDER}",
        f": >{at}.on",
        _file(f"{at}.undo", f"mv {at}.on {at}.took 2>/dev/null || exit 0\n{made.undo}"),
        _file(f"{at}.begin", carried),
        _timer(fault.key, seconds, f"{at}.undo"),
        started,
    ])  # fmt: skip


def undo(fault: Fault, host: str) -> str:
    """Script that undoes a fault in a guest, whether or not it has undone itself."""
    at = f"{FOLDER}/{fault.key}"
    return "\n".join([
        f"systemctl stop {_unit(fault.key)}.timer {_unit(fault.key)}-begin.timer 2>/dev/null",
        f"[ ! -e {at}.on ] || mv {at}.on {at}.took",
        "set -e",
        shell(fault, host).undo,
    ])  # fmt: skip


def gone(fault: Fault, host: str, now: float) -> str:
    """Script that ends with 0 where nothing of a fault is left in a guest."""
    return shell(fault, host, now).gone


def took(fault: Fault) -> str:
    """Script that prints "took" where a fault came about in a guest."""
    return f"cat {FOLDER}/{fault.key}.took 2>/dev/null; :"


def _unit(key: str) -> str:
    return f"moorage-chaos-{key}"


def _file(path: str, text: str) -> str:
    return f"cat >{path} <<'CHAOS_END'\n{text}\nCHAOS_END"


def _timer(key: str, seconds: int, file: str) -> str:
    return (f"systemd-run --quiet --collect --unit={_unit(key)} --on-active={seconds} "
            f"--timer-property=AccuracySec=100ms /bin/sh {file}")  # fmt: skip
