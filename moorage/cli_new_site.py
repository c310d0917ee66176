"""``inv new-site``: asks the few questions and writes the inventory, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.exceptions import Exit

from moorage.cli import ROOT, said, told
from moorage.errors import InventoryError, Refused
from moorage.exit_codes import ExitCode
from moorage.problem import Problem
from moorage.terminal import answer, confirmed, there_is_one

if TYPE_CHECKING:
    from moorage.new_site import Question


_FLAGS = "correct the flags named; nothing was written"


def new_site(name: str, given: Mapping[str, str | None], *, yes: bool) -> None:
    """Write ``inventories/NAME/site.yml``.

    Args:
        name: of the inventory.
        given: answers of the command line, by flag; None: to be asked, or the default.
        yes: take the defaults and ask for what is needed alone.

    Raises:
        Exit: 3 where an answer is missing or wrong, or the inventory is there; nothing is written.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        from moorage.config.paths import shown
        from moorage.config.private_files import write_new
        from moorage.config.validate import site_from
        from moorage.new_site import by_flag, questions, text

        path = _place(name)
        asked = questions(ROOT)
        answers = _answers(asked, given, path, yes=yes or said("MOORAGE_YES"))
        written = text(asked, answers, path, ROOT)
        try:
            site_from(path, written.encode())
        except InventoryError as failure:
            raise InventoryError(by_flag(asked, failure), hint=_FLAGS) from None
        if not (yes or said("MOORAGE_YES")):
            print(f"\n{written}")
            with _unwritten():
                agreed = confirmed(f"write {shown(path)}?")
            if not agreed:
                raise Refused("nothing was written", hint="run it again, and answer y")
        try:
            write_new(path, written)
        except FileExistsError:
            raise _there(path) from None
        print(f"new-site: {shown(path)} written")
        _tell_what_is_next(name, answers)


@contextlib.contextmanager
def _unwritten() -> Iterator[None]:
    """Says of an early end what it means here: there is nothing to carry on, nor to take away."""
    try:
        yield
    except Refused as failure:
        raise Refused(f"{failure.message}; nothing was written", hint=failure.hint) from None
    except KeyboardInterrupt:
        raise Exit("\ninterrupted: nothing was written", int(ExitCode.INTERRUPTED)) from None


def _place(name: str) -> Path:
    from moorage.config.inventory import FILE_NAME
    from moorage.config.paths import shown
    from moorage.config.schema.base import plain_name

    try:
        path = ROOT / "inventories" / plain_name(name) / FILE_NAME
    except ValueError as cause:
        raise Refused(str(cause)) from None
    if os.path.lexists(path):
        raise _there(path)
    if os.path.lexists(path.parent) and not path.parent.is_dir():
        raise Refused(f"{shown(path.parent)} is there and no folder; nothing was written",
                      hint="move it away, or give the new site another name")  # fmt: skip
    return path


def _there(path: Path) -> Refused:
    from moorage.config.paths import shown

    return Refused(f"{shown(path)} is there already; nothing was written",
                   hint="edit it, or give the new site another name")  # fmt: skip


def _answers(
    asked: Sequence[Question], given: Mapping[str, str | None], path: Path, *, yes: bool
) -> dict[str, str]:
    """All answers, each right in itself.

    Raises:
        Refused: one is missing and nobody can be asked, or one of the command line is wrong.
    """
    from moorage.new_site import completed, mistakes

    answers: dict[str, str] = {}
    wrong: list[Problem] = []
    for question in asked:
        value = given.get(question.flag)
        if value is None:
            continue
        found = mistakes(asked, {**answers, question.flag: value}, question, path)
        wrong += [Problem(question.option, 0, 0, "", message) for message in found]
        if not found:
            answers[question.flag] = value
    if wrong:
        raise InventoryError(wrong, hint=_FLAGS)
    open_ones = [one for one in asked if one.flag not in answers and not (yes and one.default)]
    if open_ones and not there_is_one():
        needed = [one for one in open_ones if one.default is None]
        flags = ", ".join(one.option for one in needed) or "--yes"
        raise Refused("there is no terminal to ask on; nothing was written",
                      hint=f"say {flags}" + ", and --yes for the rest" * bool(needed))  # fmt: skip
    for question in open_ones:
        answers[question.flag] = _asked(asked, answers, question, path)
    return completed(asked, answers)


def _asked(
    asked: Sequence[Question], answers: Mapping[str, str], question: Question, path: Path
) -> str:
    """An answer of the operator's; asked again until it is right."""
    from moorage.new_site import mistakes

    default = question.default(answers) if question.default else None
    prompt = question.flag.replace("_", " ") + (f" [{default}]: " if default else ": ")
    while True:
        print(f"\n{question.text}")
        with _unwritten():
            chosen = answer(prompt) or default
        if chosen is None:
            continue
        found = mistakes(asked, {**answers, question.flag: chosen}, question, path)
        if not found:
            return chosen
        print("\n".join(f"  {line}" for line in found))


def _tell_what_is_next(name: str, answers: Mapping[str, str]) -> None:
    from moorage.new_site import to_be_set

    for variable in to_be_set(answers):
        print(f"new-site: set before use: {variable}")
    if answers["tls"] == "private":
        print(f"new-site: next: inv ca-create --inventory {name}")
    print(f"new-site: next: fab doctor --inventory {name}    what is in the way")
    print(f"new-site: then: fab plan --inventory {name}      what would change")
