"""A whole chaos run: the site set up, used and broken at the same time, and judged."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path
from types import FrameType

from .. import process
from ..errors import LabError
from ..lab import Lab
from ..progress import say
from .client import Client
from .driver import Driver
from .events import Events, minutes
from .faults import Faults
from .judge import Facts, judged
from .looking import CONTAINERS, LEFT, LOCKS, settled, told
from .loops import Loop, all_ended
from .machines import Clock, Machines
from .operating import BACKUP, PLAN, UP, Fab, Operator, fab
from .report import Report
from .schedule import NODES, Fault, schedule
from .witness import Watcher, Witness

INTERRUPTED = 130
_LOOP_SECONDS = 960.0
_BROKEN_OFF_SECONDS = 30.0
_REFUSED = 3
_SEEDS = 1_000_000
_BACKUP = "backup: {to: /srv/backup, floor: 1k, keep: 3}"


def main(root: Path, programs: Path, seed: int | None, length: int, json_file: Path | None) -> int:
    """Make the lab anew, set the site up, run the faults and print the report.

    Args:
        root: The project's folder.
        programs: Folder with the virtual environment's programs.
        seed: What the faults are drawn from, or None for any.
        length: Minutes during which there are any.
        json_file: Where the report is written as data too, or None.

    Returns:
        The exit code: 0 where every demand holds, 1 where one does not, that of the failure where
        nothing could be begun, 130 after Ctrl-C, when the faults are undone.
    """
    seed = random.randrange(_SEEDS) if seed is None else seed
    say(f"chaos: {length} minutes, seed {seed}")
    try:
        faults = schedule(seed, length)
    except LabError as failure:
        say(f"chaos: {failure}")
        return _REFUSED
    signal.signal(signal.SIGTERM, _interrupt)
    run: Run | None = None
    try:
        run = _ready(root, programs, seed, length)
        report = run.whole(faults)
    except LabError as failure:
        say(f"chaos: {failure}")
        if run is None:
            return failure.exit_code
        report = run.report()
    except KeyboardInterrupt:
        say("chaos: interrupted")
        if run is not None:
            _told(run.report(), json_file)
        return INTERRUPTED
    _told(report, json_file)
    say("chaos: the lab is left as it is; end it with: ./run lab down")
    return 0 if report.good else 1


def _ready(root: Path, programs: Path, seed: int, length: int) -> Run:
    """A run on a lab that was made anew, with the site set up.

    Raises:
        LabError: One of both could not be had.
    """
    lab = Lab(root)
    lab.reset()
    lab.wait_ready()
    folder = lab.paths.home / "chaos"
    say("chaos: setting the site up")
    command = fab(root, programs, inventory(root, folder))
    up = command(UP)
    if up.code != 0:
        raise LabError(f"the site could not be set up, fab up ended with {up.code}:\n{up.text}")
    log = folder / f"seed-{seed}.log"
    log.write_text("", encoding="utf-8")
    password = (lab.paths.secrets / "admin_password").read_text()
    return Run(lab, command, password, lab.paths.home / "ca.crt", seed, length, log)


def inventory(root: Path, folder: Path) -> Path:
    """The lab's inventory with backups, written into a folder; its path."""
    text = (root / "inventories/lab/site.yml").read_text()
    text = text.replace("../../.lab", str(root / ".lab"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "site.yml"
    path.write_text(f"{text}\n{_BACKUP}\n")
    return path


class Run:
    """One run on a site that is up.

    Args:
        machines: The guests.
        command: What runs fab.
        password: Of the registry's admin.
        authority: Certificate that Traefik's is checked against.
        seed: What all is drawn from.
        length: Minutes of it.
        log: File for every word of it, or None.
        clock: Time of the run.
    """

    def __init__(
        self,
        machines: Machines,
        command: Fab,
        password: str,
        authority: Path,
        seed: int,
        length: int,
        log: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._machines = machines
        self._seed, self._length = seed, length
        self._clock = clock or Clock()
        self._events = Events(self._clock, log)
        self._witness = Witness(machines)
        self._client = Client(machines, password, random.Random(f"client {seed}"), self._events)
        self._operator = Operator(command, self._events)
        self._watcher = Watcher(machines, authority, self._events)
        self._driver = Driver(Faults(machines, self._witness, self._clock), self._clock, self._say)
        self._ended = 0.0

    def whole(self, faults: tuple[Fault, ...]) -> Report:
        """Faults with a client and an operator beside them, then the look at what is left.

        Raises:
            LabError: What is left could not be looked at.
        """
        self._client.first()
        self._clock.begin()
        self._witness.begin()
        broken = self._break(faults)
        self._say("the faults are over; waiting until all is there again")
        after = settled(self._machines, self._watcher.answers, self._clock)
        facts = self._facts(broken)
        report = self.report()
        return Report(self._seed, self._length, report.records, report.events, self._ended,
                      after, judged(facts))  # fmt: skip

    def report(self) -> Report:
        """What there is to tell so far."""
        ended = self._ended or self._clock.now()
        return Report(self._seed, self._length, self._driver.records, self._events.all(), ended)

    def _break(self, faults: tuple[Fault, ...]) -> dict[str, str]:
        """Use the site and break it; how the loops broke that did."""
        loops = [
            Loop("client", self._client.once, 1.0),
            Loop("operator", self._operator.once, 3.0),
            Loop("watcher", self._watcher.once, 2.0),
        ]
        for loop in loops:
            loop.start()
        try:
            self._driver.run(faults, self._length * 60)
        except BaseException:
            with process.stopped():
                all_ended(loops, _BROKEN_OFF_SECONDS)
            raise
        all_ended(loops, _LOOP_SECONDS)
        self._ended = self._clock.now()
        return {loop.name: loop.failure for loop in loops}

    def _facts(self, broken: dict[str, str]) -> Facts:
        """Bring the site to rest and look at everything."""
        ups = self._operator.until_done(UP)
        backups = self._operator.until_done(BACKUP)
        self._say(f"pulling all of {len(self._client.acknowledged)} acknowledged images")
        lost = self._client.lost()
        plan = self._operator.command(PLAN)
        self._witness.collect()
        return Facts(
            self._length * 60,
            self._driver.records,
            broken,
            self._client.acknowledged,
            lost,
            self._witness.seen(),
            told(self._machines, CONTAINERS, NODES),
            told(self._machines, LOCKS),
            told(self._machines, LEFT),
            self._operator.ran,
            ups,
            backups,
            plan,
        )

    def _say(self, line: str) -> None:
        say(f"chaos {minutes(self._clock.now()):>6} {line}")
        self._events.note(line)


def _told(report: Report, json_file: Path | None) -> None:
    print(report.text(), flush=True)
    if json_file:
        text = json.dumps(report.data(), indent=2, ensure_ascii=False)
        json_file.write_text(text + "\n", encoding="utf-8")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
