"""``fab status``: whether the site is well, once or again and again."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from moorage.choice import ORDER
from moorage.cli import Flags, assembled, options, told
from moorage.errors import MoorageError, Refused
from moorage.exit_codes import ExitCode

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.report.text import Report
    from moorage.status.look import Looker, Made
    from moorage.status.model import Status


_PAUSE = "10s"
_LEAST_SECONDS = 8
"""A look that is shorter finds nothing but its own end."""


def status(
    context: Any,
    flags: Flags,
    *,
    as_json: bool = False,
    watch: bool = False,
    every: str | None = None,
    within: str = "20s",
    prometheus: str | None = None,
) -> None:
    """Look at everything within 20 s and print one screen; nothing is changed.

    Args:
        as_json: print it as data, by ``docs/status.schema.json``; with ``watch`` one line a look.
        watch: look again and again until Ctrl-C.
        every: with ``watch``, the pause between two looks.
        within: how long a look may take, for hosts that are far away or slow.
        prometheus: also write metrics into this file.

    Raises:
        Exit: 0 healthy, 1 not, 3 where a host refuses to be looked at, 4 where one does not
            answer; 130 for the end of ``watch``.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(told(debug=options(context).debug))
        if prometheus is not None and not prometheus.strip():
            raise Refused("--prometheus names no file", hint="such as /srv/metrics/moorage.prom")
        if every is not None and not watch:
            raise Refused("--every is the pause of --watch", hint="add --watch, or leave it out")
        pause = _duration("--every", _PAUSE if every is None else every)
        most = _duration("--within", within, _LEAST_SECONDS)
        assembly, report = stack.enter_context(_prepared(context, flags, most, as_json=as_json))
        looker = _looker(assembly, most)

        def look() -> Status:
            found = _looked(looker, report, quiet=watch)
            if prometheus is not None:
                from moorage.status.prometheus import metrics, write

                write(Path(prometheus), metrics(found))
            return found

        if watch:
            show = stack.enter_context(_watching(report, as_json=as_json))
            _again_and_again(look, show, pause)
        found = look()
        if as_json:
            _print_data(found, indent=2)
        else:
            print(_screen(report, found))
        if found.exit_code:
            raise Exit(code=found.exit_code)


@contextlib.contextmanager
def _prepared(
    context: Any, flags: Flags, most: float, *, as_json: bool
) -> Iterator[tuple[Assembly, Report]]:
    """What a look needs, with all questions asked."""
    from moorage.status.look import connect_seconds

    with contextlib.ExitStack() as stack:
        quiet = (
            stack.enter_context(Path(os.devnull).open("w", encoding="utf-8")) if as_json else None
        )
        ready = stack.enter_context(
            assembled(context, replace(flags, dry_run=True), names=ORDER, out=quiet,
                      connect_seconds=connect_seconds(most))
        )  # fmt: skip
        _ask_questions(ready[0])
        yield ready


def _duration(flag: str, text: str, least: float = 1) -> float:
    """Seconds of a flag.

    Raises:
        Refused: it is no duration, or too short a one.
    """
    from moorage.config.schema.base import seconds

    try:
        given = float(seconds(text))
    except ValueError as cause:
        raise Refused(f"{flag}: {cause}", hint=f"such as {flag} 30s") from None
    if given < least:
        raise Refused(f"{flag} {text} is less than {least:.0f} s", hint=f"such as {flag} 30s")
    return given


def _looker(assembly: Assembly, most: float) -> Looker:
    from moorage.order import lock_home
    from moorage.status.look import Looker

    return Looker(
        site=assembly.site,
        fleet=assembly.fleet,
        manager=assembly.manager,
        home=lock_home(assembly.site),
        make=lambda: _made(replace(assembly)),
        order=tuple(assembly.names),
        seconds=most,
    )


def _made(assembly: Assembly) -> Made:
    """The steps that can be made, anew for each look; why the others cannot."""
    from moorage.status.look import Made

    steps, unmade = [], {}
    for name in assembly.names:
        try:
            steps.append(assembly.step(name))
        except MoorageError as failure:
            unmade[name] = failure
    return Made(
        steps=tuple(steps),
        unmade=unmade,
        image=_or_none(lambda: assembly.image),
        password=_or_why(lambda: assembly.secret(assembly.site.nexus.admin_password)),
    )


def _or_none(find: Callable[[], str]) -> str | None:
    with contextlib.suppress(MoorageError):
        return find()
    return None


def _or_why(find: Callable[[], Any]) -> Any:
    try:
        return find()
    except MoorageError as failure:
        return failure


def _ask_questions(assembly: Assembly) -> None:
    """Have secrets typed before the clock runs; each question is put once."""
    for reference in _references(assembly.site.model_dump(by_alias=True)):
        with contextlib.suppress(MoorageError):
            assembly.secret(reference)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, str) and value.startswith("prompt:"):
        yield value


def _looked(looker: Looker, report: Report, *, quiet: bool) -> Status:
    from moorage.config.paths import shown
    from moorage.status.judge import exit_code, rows
    from moorage.status.model import Status

    report.begin("status")
    begun, at = time.monotonic(), datetime.now(UTC)
    facts = looker.look((lambda _: None) if quiet else report.progress_of("status"))
    report.quiet()
    found = rows(facts, datetime.now(UTC))
    return Status(
        site=shown(looker.site.path),
        stack=looker.site.stack.name,
        at=at.isoformat(timespec="seconds"),
        seconds=time.monotonic() - begun,
        facts=facts,
        rows=found,
        exit_code=int(exit_code(facts, found)),
    )


def _screen(report: Report, found: Status) -> str:
    from moorage.status.screen import cells, last_line

    return "\n".join((*report.block(cells(found.rows)), last_line(found)))


def _print_data(found: Status, *, indent: int | None) -> None:
    from moorage.status.data import status_data

    print(json.dumps(status_data(found), indent=indent, ensure_ascii=False), flush=True)


@contextlib.contextmanager
def _watching(report: Report, *, as_json: bool) -> Iterator[Callable[[Status], None]]:
    """Gives what shows a look: drawn anew on a terminal, a block or a line elsewhere."""
    from moorage.report.live import Screen

    screen, last = Screen(sys.stdout), ""

    def show(found: Status) -> None:
        nonlocal last
        if as_json:
            _print_data(found, indent=None)
            return
        moment = datetime.fromisoformat(found.at).astimezone().strftime("%H:%M:%S")
        last = _screen(report, found)
        told = f"looked at {moment}; Ctrl-C ends it"
        if report.moves:
            # the end comes first: what a small terminal has no room for is the end
            *rows, end = last.splitlines()
            screen.show("\n".join((told, end, *rows)))
        else:
            print(f"{last}\n{told}\n", flush=True)

    try:
        yield show
    finally:
        screen.close()
        if report.moves and last:
            print(last)


def _again_and_again(
    look: Callable[[], Status], show: Callable[[Status], None], pause: float
) -> None:
    """Until Ctrl-C.

    Raises:
        Exit: 130, which is the usual end of it and needs no words.
    """
    try:
        while True:
            show(look())
            time.sleep(pause)
    except KeyboardInterrupt:
        raise Exit(code=int(ExitCode.INTERRUPTED)) from None
