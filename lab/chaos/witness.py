"""Who has Nexus' data, by the NFS server's own view, several times a second; and who answers.

The kernel of the NFS server knows which clients hold the lock of the data directory. None of this
is Moorage's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import LabError
from .events import ANSWER, Events
from .machines import Machines
from .scripts import EXPORTED, FOLDER

HOST = "nfs"
_UNIT = "moorage-chaos-sampler"
_SAMPLES = f"{FOLDER}/samples"
# the clients are read one after the other: a lock that goes from one to the next meanwhile is no
# second one, so two holders are looked at again
_SAMPLER = f"""holders() {{
  inode=$(stat -c %i {EXPORTED}/lock 2>/dev/null) || return 0
  for client in /proc/fs/nfsd/clients/*/; do
    if grep -q "type: lock.*:$inode\\"" "$client/states" 2>/dev/null; then
      sed -n 's/^address: "\\(.*\\):[0-9]*"$/\\1/p' "$client/info"
    fi
  done | sort -u | tr '\\n' ' '
}}
while :; do
  found=$(holders)
  case $found in *" "*" "*) found=$(holders) ;; esac
  echo "at $found"
  sleep 0.2
done
"""
_BEGIN = f"""set -e
mkdir -p {FOLDER}
cat >{FOLDER}/sampler <<'SAMPLER_END'
{_SAMPLER}SAMPLER_END
systemctl stop {_UNIT}.service 2>/dev/null || :
systemd-run --quiet --collect --unit={_UNIT} sh -c 'exec sh {FOLDER}/sampler >>{_SAMPLES}'
"""
_COLLECT = f"systemctl stop {_UNIT}.service; cat {_SAMPLES} 2>/dev/null; rm -f {_SAMPLES}; :"
_SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """What the NFS server told.

    Attributes:
        samples: How often it was asked.
        most: The most holders at one moment.
        holders: Addresses of those who ever held the lock.
    """

    samples: int
    most: int
    holders: frozenset[str]


class Witness:
    """Samples the NFS server, also beyond its restarts.

    Args:
        machines: The guests.
    """

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._lines: list[str] = []

    def begin(self) -> None:
        """Begin to look, or go on; what is in the guest's memory already stays."""
        self._machines.run(HOST, _BEGIN, timeout=_SECONDS)

    def collect(self) -> None:
        """Look no more and fetch what was seen: a guest's memory ends with it."""
        self._lines += self._machines.run(HOST, _COLLECT, timeout=_SECONDS).splitlines()

    def seen(self) -> Seen:
        """All that was seen and fetched."""
        return seen(self._lines)


def seen(lines: list[str]) -> Seen:
    """Read the sampler's lines; a last one that was cut off is none."""
    found = [set(line.split()[1:]) for line in lines if line.startswith("at")]
    most = max((len(holders) for holders in found), default=0)
    return Seen(len(found), most, frozenset(set().union(*found)))


class Watcher:
    """Asks Nexus by its public name whether it can be written to.

    Args:
        machines: The guests.
        authority: Certificate that Traefik's is checked against.
        events: Where it is told.
    """

    def __init__(self, machines: Machines, authority: Path, events: Events) -> None:
        self._machines = machines
        self._words = ["curl", "-s", "-f", "-o", "/dev/null", "-m", "5", "--cacert", str(authority),
                       "https://nexus.lab/service/rest/v1/status/writable"]  # fmt: skip
        self._events = events

    def answers(self) -> bool:
        """Whether it can."""
        try:
            self._machines.exec(self._words, timeout=15.0)
        except LabError:
            return False
        return True

    def once(self) -> None:
        """Ask and tell of it."""
        self._events.add(ANSWER, self.answers())
