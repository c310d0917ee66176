"""Who may change a host: a lock on each, with a heartbeat that tells a live run from a dead one."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moorage import lock_shell
from moorage.errors import Locked, MoorageError, Refused
from moorage.identity import Identity, origin
from moorage.transport.base import Probe, Section
from moorage.transport.fleet import Fleet

_BEAT_SECONDS = 20.0
_BEAT_LIMIT = 20.0
"""Seconds after which a host that does not take a beat is left to the next one."""
_JOIN_SECONDS = 2.0
_RELEASE_LIMIT = 120.0
"""Seconds: scripts that are under way still are given their time to end."""
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Holder:
    """Who has a host's lock, as the host tells it.

    Args:
        id: the run's own word; empty while it is being taken.
        key: the word of the run whose the lock is; not ``id`` where a takeover was cut off.
        since: when it was taken, on the holder's clock.
        doing: what the run is to do, and the change that is under way.
        age: seconds since the last heartbeat, on the host's clock.
    """

    host: str
    id: str = ""
    who: str = "somebody"
    pid: int = 0
    origin: str = ""
    since: str = ""
    doing: str = ""
    age: int = 0
    key: str = ""

    @property
    def dead(self) -> bool:
        """Whether it ran on this machine and runs no more."""
        here = bool(self.origin) and self.origin == origin()
        return here and not Path(f"/proc/{self.pid}").exists()

    @property
    def stale(self) -> bool:
        """Whether another run may take it over."""
        return self.dead or self.age >= lock_shell.STALE_SECONDS

    def told(self) -> str:
        """It in one line."""
        pid = f" pid {self.pid}" if self.pid else ""
        since = f" since {clock_time(self.since)}" if self.since else ""
        doing = f", {self.doing}" if self.doing else ""
        return f"locked by {self.who}{pid}{since}{doing}"


def clock_time(text: str) -> str:
    """A time of today as ``10:02:11``; of another day with its date."""
    moment = datetime.fromisoformat(text).astimezone()
    today = moment.date() == datetime.now(UTC).astimezone().date()
    return moment.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def holder(section: Section | None, host: str) -> Holder | None:
    """Who holds the lock, from what :func:`lock_shell.read` printed; None for nobody."""
    lines = section.text.splitlines() if section else []
    age, _, key = lines[0].partition(" ") if lines else ("", "", "")
    digits = age.lstrip("-")
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return None
    owner = _json(lines[1] if len(lines) > 1 else "")
    change = _json(lines[2] + "}" if len(lines) > 2 else "")  # noqa: PLR2004
    doing = str(owner.get("doing", ""))
    if change:
        doing = f"step {change.get('step')}: {change.get('change')} on {change.get('host')}"
    return Holder(
        host,
        id=str(owner.get("id", "")),
        who=str(owner.get("who", "somebody")),
        pid=pid if isinstance(pid := owner.get("pid"), int) else 0,
        origin=str(owner.get("origin", "")),
        since=_moment(owner.get("since")),
        doing=doing,
        age=max(int(age), 0),
        key=key.removesuffix(".over"),
    )


def _moment(text: Any) -> str:
    """A time as it is written; empty where it is none."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        datetime.fromisoformat(text).astimezone()
        return str(text)
    return ""


def _json(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def locked(found: Holder) -> Locked:
    """The failure that names a lock's holder and the way out."""
    hint = "wait for it: --wait 10m; or look: fab lock-status"
    if found.stale:
        hint = f"its last sign of life is {found.age} s old: fab unlock"
    return Locked(found.told(), host=found.host, hint=hint)


@dataclass
class Lock:
    """A run's locks on some hosts.

    Args:
        home: the folder on each host, of one stack.
        hosts: inventory names, in the order in which all runs take them.
        doing: what the run is to do, for others to read.
        manager: the one worked through; empty where the Swarm is not changed.
        others: further managers, through which another run may have begun something.
        besides: those of them that this run itself does not change.
    """

    fleet: Fleet
    home: str
    hosts: list[str]
    doing: str
    manager: str = ""
    others: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    me: Identity = field(default_factory=Identity.of_this_run)
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    taken: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    """Those of ``besides`` that cannot be asked."""
    noted: dict[str, str] = field(default_factory=dict)
    """What is not over, by the host that has a note of it."""
    dead: dict[str, str] = field(default_factory=dict)
    """Ids of holders known to be dead, by host."""
    same: dict[str, str] = field(default_factory=dict)
    """Names under which machines were locked first, by their further names."""
    _ended: threading.Event = field(default_factory=threading.Event)

    def probe(self, host: str) -> Probe:
        """Takes the lock of a host, in the same exec as what is read there."""
        owner = {
            "id": self.token, "who": self.me.who, "pid": self.me.pid, "origin": self.me.origin,
            "since": datetime.now(UTC).isoformat(timespec="seconds"), "doing": self.doing,
            "host": host,
        }  # fmt: skip
        # from here on it may be ours, even where the answer never comes
        self.taken.append(host)
        return lock_shell.take(self.home, self.token, json.dumps(owner), self.dead.get(host, ""))

    def settle(self, host: str, found: Mapping[str, Section]) -> None:
        """Look at what taking it gave.

        Raises:
            Locked: somebody else has it.
            Refused: the account may not write there.
        """
        section = found.get("state")
        if section is not None and section.ok:
            self._met_again(host, section)
            if names := found["notes"].text.split():
                self.noted[host] = lock_shell.UNDER_WAY[names[0]]
            return
        if section is not None and section.exit_code == lock_shell.HELD:
            self.taken.remove(host)
            other = holder(section, host) or Holder(host)
            if other.dead:
                self.dead[host] = other.id
            raise locked(other)
        said = section.text.strip().splitlines()[-1:] if section else []
        raise Refused(
            f"the lock cannot be taken: {''.join(said)}", host=host,
            hint=f"give the account sudo, or once as root: install -d -o ACCOUNT {self.home}",
        )  # fmt: skip

    def _met_again(self, host: str, section: Section) -> None:
        """Remember a machine that has this run's lock already, under another name."""
        lines = section.text.splitlines()
        first = str(_json(lines[1] if len(lines) > 1 else "").get("host") or host)
        if first != host:
            self.same[host] = first

    def machine(self, host: str) -> str:
        """The name under which a host was locked: one machine may have several."""
        return self.same.get(host, host)

    def require_over(self) -> None:
        """Make sure that nothing is begun through another manager.

        Only that one has what is needed to end it, and what would start Nexus again.

        Raises:
            Refused: something is.
        """
        for host in sorted(self.others & self.noted.keys()):
            if self.machine(host) != self.machine(self.manager):
                raise Refused(f"{self.noted[host]} through this manager is not over", host=host,
                              hint=f"go on through it: -H {host}")  # fmt: skip

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Beat while the body runs."""
        thread = threading.Thread(target=self._beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(_JOIN_SECONDS)

    def _beat(self) -> None:
        script = lock_shell.beat(self.home, self.token)
        while not self._ended.wait(_BEAT_SECONDS):
            # what fails here is found by the next change, which is not begun without the lock
            self.fleet.each(list(self.taken), lambda host: host.change(script, timeout=_BEAT_LIMIT))

    def release(self, results: dict[str, str]) -> dict[str, MoorageError]:
        """Give back all that was taken.

        Args:
            results: how the change under way ended, by host; ``interrupted`` where left out.

        Returns:
            The hosts on which that failed: their locks turn stale by themselves.
        """
        names = [name for name in self.taken if name not in self.same]
        self.taken = []

        def give_back(host: Any) -> None:
            script = lock_shell.release(
                self.home, self.token, results.get(host.name, "interrupted")
            )
            host.change(script, timeout=_RELEASE_LIMIT).require(script, host.name)

        ended = self.fleet.each(names, give_back)
        return {name: failure for name, failure in ended.items() if failure is not None}
