"""Observes several steps side by side: hosts with one exec each, Nexus meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from moorage import lock_shell
from moorage.errors import HostKeyRefused, MoorageError, SudoRefused, Unreachable
from moorage.lock import Holder, Lock, holder
from moorage.steps.base import HostStep, Step, several
from moorage.transport.base import Host, Probe, Progress, portion, sections, together
from moorage.transport.fleet import Fleet

_LOOK_SECONDS = 120
"""How long looking at a host may take: it only reads, so what takes longer hangs."""
_LOCK = "lock"

Answer = str | MoorageError


@dataclass
class Gathered:
    """What was read.

    Args:
        observed: what each step sees, or why it does not, by the step's name.
        answers: the hosts' own words, by step and host.
        holders: who holds a lock, by host.
    """

    observed: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)


@dataclass(frozen=True)
class Gatherer:
    """Looks at a site.

    Args:
        fleet: its hosts.
        home: the folder of lock and journal on each of them.
        locked: inventory names of the hosts that have one; this machine has none.
        progress: gives what a step's progress is told to.
    """

    fleet: Fleet
    home: str
    locked: Sequence[str]
    progress: Callable[[str], Progress]

    def look(self, steps: Sequence[Step], lock: Lock | None = None) -> Gathered:
        """Observe steps, and take locks in the same execs where they are asked for.

        Raises:
            Locked: a lock is another's; those that were taken are still to be released.
            Unreachable: a host to lock does not answer; none was taken.
            HostKeyRefused: a host's key is unknown or changed; no command was run anywhere.
            SudoRefused: sudo lets us in on some hosts not; all of them are named.
        """
        on_hosts = [step for step in steps if isinstance(step, HostStep)]
        others = [step for step in steps if not isinstance(step, HostStep)]
        pool = ThreadPoolExecutor(max_workers=len(others) or 1)
        try:
            started = {step.name: pool.submit(self._observe, step) for step in others}
            gathered = self._hosts(on_hosts, lock)
            for step in on_hosts:
                gathered.observed[step.name] = self.read(step, gathered.answers[step.name])
            gathered.observed |= {name: future.result() for name, future in started.items()}
        finally:
            # after Ctrl-C nobody waits for what does not answer
            pool.shutdown(wait=False, cancel_futures=True)
        return gathered

    def holders(self, hosts: Iterable[str]) -> list[Holder]:
        """Who holds the locks of some hosts, as far as they answer; nothing else is read."""
        script = lock_shell.read(self.home).script()
        found = self.fleet.each(
            hosts, lambda host: holder(sections(host.read(script)).get("state"), host.name)
        )
        return [one for one in found.values() if isinstance(one, Holder)]

    def _observe(self, step: Step) -> Any:
        try:
            return step.observe(self.progress(step.name))
        except MoorageError as failure:
            return failure

    def read(self, step: HostStep, answers: Mapping[str, Answer]) -> Any:
        """What a step makes of the hosts' answers, or why it cannot."""
        try:
            return step.read(answers, self.progress(step.name))
        except MoorageError as failure:
            return failure

    def probe(self, step: HostStep, host: str, parts: Sequence[str] = ()) -> Probe | None:
        """What a step reads on a host, or some parts of it, for :meth:`taken` to understand."""
        found = step.probes().get(host)
        return found and together({step.name: found.only(parts)})

    def taken(self, step: HostStep, output: str) -> str:
        """A step's part of what its :meth:`probe` printed."""
        return portion(output, step.name)

    def _hosts(self, steps: Sequence[HostStep], lock: Lock | None) -> Gathered:
        wanted: dict[str, dict[str, Probe]] = {}
        for step in steps:
            probes = step.probes()
            self.progress(step.name)(f"reading {several(list(probes))}")
            for host, probe in probes.items():
                wanted.setdefault(host, {})[step.name] = probe
        unreached = self._unreached({*wanted, *(lock.hosts if lock else ())})
        outputs: dict[str, Answer] = {**unreached}
        hosts = self._to_lock(lock, unreached) if lock else []
        if none := next((unreached[host] for host in hosts if host in unreached), None):
            # to ask again would take its time once more, and no lock of another host is any use
            raise none
        for host in hosts:
            # locks are taken one after the other; several hosts are read side by side after that
            probes = wanted.pop(host, {}) if len(hosts) == 1 else {}
            outputs[host] = self._locked(host, probes, lock)
        if lock:
            lock.require_over()
        # who did not let us in has had the time for it, and has refused a login once already
        reached = [host for host in wanted if host not in unreached]
        outputs |= self.fleet.each(reached, lambda host: self._ask(host, wanted[host.name]))
        _require_sudo(outputs)
        return Gathered(
            answers={
                step.name: {host: _portion(outputs[host], step.name) for host in step.probes()}
                for step in steps
            },
            holders={host: found for host, output in outputs.items()
                     if isinstance(output, str) and (found := _holder(output, host))},
        )  # fmt: skip

    def _to_lock(self, lock: Lock, unreached: Mapping[str, MoorageError]) -> list[str]:
        """All its hosts but those that this run does not change and that do not answer."""
        silent = {host for host in lock.hosts if host in unreached and host in lock.besides}
        for host in sorted(silent):
            self._pass(lock, host, unreached[host])
        return [host for host in lock.hosts if host not in lock.passed]

    def _pass(self, lock: Lock, host: str, failure: MoorageError) -> None:
        if host not in lock.passed:
            self.progress("lock")(f"note: {host} is not locked: {failure.message}")
        lock.passed.add(host)

    def _unreached(self, names: Iterable[str]) -> dict[str, MoorageError]:
        """Connect to all before a command is run on any: a wrong key may mean somebody in between.

        Returns:
            Why there is no connection, by the hosts that there is none to.

        Raises:
            HostKeyRefused: a host's key is unknown or changed.
        """
        opened = self.fleet.each(names, lambda host: host.open())
        failures = {name: failure for name, failure in opened.items() if failure is not None}
        for failure in failures.values():
            if isinstance(failure, HostKeyRefused):
                raise failure
        return failures

    def _ask(self, host: Host, probes: dict[str, Probe]) -> str:
        lock = {_LOCK: lock_shell.read(self.home)} if host.name in self.locked else {}
        return host.read(together({**lock, **probes}).script(), timeout=_LOOK_SECONDS)

    def _locked(self, name: str, probes: dict[str, Probe], lock: Lock | None) -> Answer:
        assert lock  # noqa: S101
        script = together({_LOCK: lock.probe(name), **probes}).script()
        # in the middle of a change to come: not a read, although nothing of the site is changed
        try:
            result = self.fleet.host(name).change(script, timeout=_LOOK_SECONDS)
        except Unreachable as failure:
            if name not in lock.besides:
                raise
            self._pass(lock, name, failure)
            return failure
        output = result.require(script, name)
        lock.settle(name, sections(portion(output, _LOCK)))
        return output


def _require_sudo(outputs: Mapping[str, Answer]) -> None:
    """Name all hosts whose sudo refuses at once: else they would come to light one by one."""
    refused = {name: told for name, told in outputs.items() if isinstance(told, SudoRefused)}
    if not refused:
        return
    hosts: dict[str, list[str]] = {}
    for name, told in refused.items():
        hosts.setdefault(told.message, []).append(name)
    messages = [f"{message} (on {', '.join(names)})" for message, names in hosts.items()]
    raise SudoRefused("; ".join(messages), hint=next(iter(refused.values())).hint)


def _portion(answer: Answer, name: str) -> Answer:
    return portion(answer, name) if isinstance(answer, str) else answer


def _holder(output: str, host: str) -> Holder | None:
    return holder(sections(portion(output, _LOCK)).get("state"), host)
