"""Carries faults out on the guests, and undoes them whatever that takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import LabError, NotReadyError
from . import scripts
from .machines import Clock, Machines, in_short
from .schedule import CUT_OFF, LINK, NEXUS, POWER, Fault
from .witness import HOST, Witness

_SCRIPT_SECONDS = 120.0
_TRY_SECONDS = 20.0
_REACHED_SECONDS = 60.0
_NEXUS_SECONDS = 120.0
_PAUSE = 3.0


@dataclass(frozen=True)
class Undone:
    """How a fault came to its end.

    Attributes:
        took: Whether it had come about.
        gone: Whether nothing is left of it.
        note: What else there is to say of it.
    """

    took: bool
    gone: bool
    note: str = ""


class Faults:
    """Makes faults and undoes them.

    Args:
        machines: The guests.
        witness: Who looks at the NFS server; told before that is switched off.
        clock: Time of the run.
        now: The right time, in seconds since 1970.
    """

    def __init__(
        self,
        machines: Machines,
        witness: Witness,
        clock: Clock,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._machines = machines
        self._witness = witness
        self._clock = clock
        self._now = now
        self._begun: set[Fault] = set()
        self._at_bridge: set[Fault] = set()

    def begin(self, fault: Fault) -> None:
        """Break something.

        Raises:
            LabError: It could not be, or not all of it; it is to be undone all the same.
        """
        if fault.kind == POWER:
            self._off(fault.hosts[0])
        elif fault.kind == NEXUS:
            self._kill_nexus(fault)
        elif fault.kind in (LINK, CUT_OFF) and not all(map(self._has_netem, fault.hosts)):
            self._at_bridge.add(fault)
            self._machines.cut(*fault.hosts)
        else:
            for host in fault.hosts:
                self._machines.run(host, scripts.begin(fault, host), timeout=_SCRIPT_SECONDS)
                if fault.kind in scripts.UNREACHABLE:
                    self._machines.forget(host)
        self._begun.add(fault)

    def undo(self, fault: Fault) -> Undone:
        """Put it right again, and see that it is; harmless where it is already.

        Where a guest cannot be helped otherwise it is switched off and on, which ends all that is
        not on its disk.
        """
        try:
            took = self._undo(fault)
        except LabError as failure:
            return self._undo_by_power(fault, in_short(failure))
        note = "at the lab's bridge, since there is no netem" if fault in self._at_bridge else ""
        return Undone(took, gone=True, note=note)

    def _undo(self, fault: Fault) -> bool:
        """Undo it; whether it had come about."""
        if fault.kind == POWER:
            self._on(fault.hosts[0])
        elif fault in self._at_bridge:
            for host in fault.hosts:
                self._machines.mend(host)
        elif fault.kind != NEXUS:
            told = [self._undo_inside(fault, host) for host in fault.hosts]
            return all("took" in one.split() for one in told)
        return fault in self._begun

    def _undo_inside(self, fault: Fault, host: str) -> str:
        patience = _REACHED_SECONDS
        if fault.kind in scripts.UNREACHABLE:
            patience += fault.lasts
        self._reached(host, patience)
        self._machines.run(host, scripts.undo(fault, host), timeout=_SCRIPT_SECONDS)
        now = self._now()
        self._machines.run(host, scripts.gone(fault, host, now), timeout=_SCRIPT_SECONDS)
        return self._machines.run(host, scripts.took(fault), timeout=_SCRIPT_SECONDS)

    def _undo_by_power(self, fault: Fault, why: str) -> Undone:
        note = f"by switching it off and on: {why}"
        try:
            for host in fault.hosts:
                self._off(host)
                self._on(host)
            if fault in self._at_bridge or fault.kind in (POWER, NEXUS):
                self._undo(fault)
            else:
                for host in fault.hosts:
                    self._undo_inside(fault, host)
        except LabError as failure:
            note = f"{note}; {in_short(failure)}"
            return Undone(fault in self._begun, gone=False, note=note)
        return Undone(fault in self._begun, gone=True, note=note)

    def _kill_nexus(self, fault: Fault) -> None:
        """Kill the process of Nexus' container, wherever it runs; waits for one for a while."""
        deadline = self._clock.now() + _NEXUS_SECONDS
        while self._clock.now() < deadline:
            if any(self._killed(host) for host in fault.hosts):
                return
            self._clock.sleep(_PAUSE)
        raise NotReadyError(f"Nexus did not run within {_NEXUS_SECONDS:.0f} s")

    def _killed(self, host: str) -> bool:
        try:
            said = self._machines.run(host, scripts.NEXUS_KILLED, timeout=_SCRIPT_SECONDS)
        except LabError:
            return False
        return "killed" in said.split()

    def _has_netem(self, host: str) -> bool:
        script = f"{{ {scripts.NETEM_THERE}; }} >/dev/null 2>&1 && echo netem; :"
        return "netem" in self._machines.run(host, script, timeout=_SCRIPT_SECONDS)

    def _reached(self, host: str, patience: float) -> None:
        """Wait until a guest takes commands."""
        deadline = self._clock.now() + patience
        while True:
            try:
                self._machines.run(host, ":", timeout=_TRY_SECONDS)
            except LabError:
                if self._clock.now() > deadline:
                    raise
                self._machines.forget(host)
                self._clock.sleep(_PAUSE)
            else:
                return

    def _off(self, host: str) -> None:
        if host == HOST:
            try:
                self._witness.collect()
            except LabError:
                # what it saw is lost; too little of it is found wanting in the end
                self._machines.forget(host)
        self._machines.kill(host)

    def _on(self, host: str) -> None:
        self._machines.boot(host)
        if host == HOST:
            self._witness.begin()
