"""Questions to the operator, where there is a terminal to ask them on."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from typing import Any

from moorage.errors import Refused


def there_is_one() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def have_outputs() -> None:
    """Let what is printed go nowhere where the caller has closed standard output or error.

    Else Python has no file for it, and the next one that is opened would take its number.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  for good


def end_when_unread() -> None:
    """End in silence where whoever reads what is printed, such as head(1), reads no more."""
    have_outputs()

    def hook(kind: type[BaseException], fault: BaseException, trace: Any) -> None:
        if issubclass(kind, BrokenPipeError):
            os._exit(1)
        sys.__excepthook__(kind, fault, trace)

    def flush() -> None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            os._exit(1)

    sys.excepthook = hook
    atexit.register(flush)


def asker() -> Callable[[str], str] | None:
    """Asks for a secret without showing it; None where there is nobody to ask."""

    def ask(prompt: str) -> str:
        import getpass

        return _read(getpass.getpass, f"{prompt} ")

    return ask if there_is_one() else None


def answer(prompt: str) -> str:
    """A line that the operator types.

    Raises:
        Refused: no answer came, by Ctrl-D, or what came is no text.
    """
    return _read(input, prompt).strip()


def _read(ask: Callable[[str], str], prompt: str) -> str:
    try:
        text = ask(prompt)
        # in the locale C bytes that are no text come as half characters, which nothing can write
        text.encode()
    except EOFError:
        # what comes next does not begin behind the question
        print()
        raise Refused("no answer came", hint="run it again, and answer the question") from None
    except UnicodeError:
        raise Refused("what was typed is no text in this terminal's encoding",
                      hint="type it in UTF-8, and set LC_ALL=C.UTF-8") from None  # fmt: skip
    return text


def confirmed(question: str) -> bool:
    """Ask yes or no.

    Raises:
        Refused: there is no terminal to ask on, or no answer came.
    """
    if not there_is_one():
        raise Refused("there is no terminal to ask on", hint="run this on a terminal")
    return answer(f"{question} [y/N] ").lower() in {"y", "yes"}


def typed(question: str) -> str:
    """What the operator types for an answer.

    Raises:
        Refused: there is no terminal to ask on, or no answer came.
    """
    if not there_is_one():
        raise Refused("there is no terminal to ask on", hint="run this on a terminal")
    return answer(f"{question} ")


def consent(*, yes: bool) -> Callable[[str], None]:
    """Gives what asks whether a plan is to be carried out; it raises where it is not.

    Args:
        yes: the answer is given already, by ``--yes`` or ``MOORAGE_YES=1``.
    """

    def ask(question: str) -> None:
        if yes:
            return
        if not there_is_one():
            raise Refused(
                "there is no terminal to ask on whether to carry this plan out",
                hint="look at the plan, then add --yes, or set MOORAGE_YES=1",
            )
        if not confirmed(question):
            raise Refused("the plan was not confirmed; it was not carried out",
                          hint="nothing to do; --dry-run or fab plan shows it again")  # fmt: skip

    return ask
