"""One look at everything, all at the same time: each host by one exec, Nexus, names, the plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from moorage import lock_shell
from moorage.checks.doctor_names import Door
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, Unfinished, Unreachable
from moorage.quoting import Script
from moorage.status.background import Begun, Clock
from moorage.status.certificates import through
from moorage.status.model import Facts
from moorage.status.nexus import NexusLook
from moorage.status.probe import bounded, status_probe
from moorage.status.reading import HostAnswer, Seen, facts
from moorage.steps.base import HostStep, Step, several
from moorage.transport.base import Host, Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.values import Secret

SECONDS = 20
"""How long all of it may take, with starting the program and showing the result."""
_AROUND_SECONDS = 3.5
"""For starting the program and showing the result."""
_CONNECTING = 0.4
"""Part of the time after which a connection is given up, whatever the inventory allows others."""
_DOCKER = 0.55
"""Part of the time in which Docker is waited for on a host."""
_READING_SECONDS = 1.5
_MAKING_SECONDS = 4.0
_MARGIN_SECONDS = 0.8
"""A host gives what it has by then, before it counts as one that gave nothing."""
_LEAST_SECONDS = 1.0
_LAST = ("nodes", "logins")
"""Steps that look names up, which takes long where DNS is away: they come last on a host."""


@dataclass(frozen=True)
class Made:
    """What the inventory asks, made ready for a look.

    Args:
        steps: those of all steps that could be made.
        unmade: why the others could not.
        image: the image's name and tag; None where its template does not render.
        password: admin's, or why there is none.
    """

    steps: tuple[Step, ...] = ()
    unmade: Mapping[str, MoorageError] = field(default_factory=dict)
    image: str | None = None
    password: Secret | MoorageError = field(default_factory=lambda: Unreachable("not resolved"))


@dataclass(frozen=True)
class Looker:
    """Looks at a site.

    Args:
        manager: inventory name of the manager that is asked first.
        home: the folder of lock and journal on each host.
        make: makes the steps anew; may take a while, since secrets may come from commands.
        order: names of all steps.
        seconds: how long all may take, with what is done before and after a look.
    """

    site: Site
    fleet: Fleet
    manager: str
    home: str
    make: Callable[[], Made]
    order: tuple[str, ...]
    seconds: float = SECONDS

    def look(self, progress: Progress) -> Facts:
        """Everything that can be known in time; what does not answer is named."""
        clock = Clock(self.seconds - _AROUND_SECONDS)
        making = Begun(self.make)
        doors = {host: Begun(partial(through, Door(self.site, self.fleet, host, domain, None)))
                 for host, domain in self.site.domains().items()}  # fmt: skip
        made = making.within(Clock(_MAKING_SECONDS), "the secrets of the inventory did not come "
                             "in time")  # fmt: skip
        if isinstance(made, MoorageError):
            made = Made(unmade=dict.fromkeys(self.order, made), password=made)
        names = list(self.site.named_hosts())
        progress(f"looking at {several(names)}, Nexus and its names")
        nexus = NexusLook(self.fleet.web(self.site.nexus.domain, retry=False), made.password,
                          list(self.site.registry.repositories))  # fmt: skip
        asking = Begun(partial(self._ask_nexus, nexus, made))
        hosts = self._ask_hosts(made, clock)
        seen = Seen(
            site=self.site,
            managers=tuple(dict.fromkeys((self.manager, *self.site.hosts.managers))),
            hosts={name: begun.within(hosts.clock, f"no answer within {hosts.seconds:.0f} s")
                   for name, begun in hosts.begun.items()},
            steps=made.steps,
            unmade=made.unmade,
            order=self.order,
            image=made.image,
        )  # fmt: skip
        planned = seen.plans(lambda: asking.within(clock, nexus.unknown), clock)
        # also where no plan asks for it
        asking.within(clock, nexus.unknown)
        shown = {host: begun.within(clock, "no answer in time") for host, begun in doors.items()}
        return facts(seen, nexus, shown, planned)

    def _ask_nexus(self, look: NexusLook, made: Made) -> object:
        """What the step of Nexus sees, where it can be asked at all.

        Raises:
            Unreachable: it cannot.
        """
        if not look.ask():
            raise Unreachable(look.unknown or look.seen.phase, hint="see what is said of Nexus")
        step = next((step for step in made.steps if step.name == "nexus"), None)
        return step.observe(lambda _: None) if step else None

    def _ask_hosts(self, made: Made, clock: Clock) -> _Asked:
        probes: dict[str, dict[str, Probe]] = {}
        for step in sorted(made.steps, key=lambda step: step.name in _LAST):
            for name, probe in step.probes().items() if isinstance(step, HostStep) else ():
                probes.setdefault(name, {})[step.name] = probe
        until = Clock(clock.left(_READING_SECONDS))
        docker = self.seconds * _DOCKER
        begun = {}
        for name in self.site.named_hosts():
            script = bounded({
                "lock": lock_shell.read(self.home),
                "status": status_probe(self.site, name, self.home),
                **probes.get(name, {}),
            }, docker)  # fmt: skip
            host = self.fleet.host(name)
            begun[name] = Begun(partial(_ask, host, script, until))
        return _Asked(begun, until, until.left())


@dataclass(frozen=True)
class _Asked:
    begun: Mapping[str, Begun[HostAnswer]]
    clock: Clock
    seconds: float


def connect_seconds(seconds: float) -> int:
    """How long a connection may take in a look of so many seconds."""
    return max(int(seconds * _CONNECTING), 1)


def _ask(host: Host, script: Script, until: Clock) -> HostAnswer:
    """What a host prints in time.

    Raises:
        MoorageError: nothing came.
    """
    host.open()
    try:
        return HostAnswer(
            host.read(script, timeout=max(until.left(_MARGIN_SECONDS), _LEAST_SECONDS))
        )
    except Unfinished as cut:
        if not cut.output:
            raise
        return HostAnswer(cut.output, f"it had not told everything after {until.gone():.0f} s")
