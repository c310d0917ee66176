"""Questions on a terminal: an end or odd bytes in an answer's place are refused, no tracebacks."""

from __future__ import annotations

import getpass
import io
import sys

import pytest

from moorage import terminal
from moorage.errors import Refused

WAYS = {
    "yes or no": lambda: terminal.confirmed("carry it out?"),
    "a word": lambda: terminal.typed("the stack's name:"),
    "a plan": lambda: terminal.consent(yes=False)("carry it out?"),
    "a secret": lambda: terminal.asker()("passphrase"),
    "a line": lambda: terminal.answer("nfs: "),
}


class Terminal(io.TextIOWrapper):
    """Standard input that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def typed(monkeypatch):
    def what(content):
        stream = Terminal(io.BytesIO(content), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", stream)
        # getpass would open /dev/tty, the terminal of whoever runs the tests
        monkeypatch.setattr(getpass, "getpass", input)

    return what


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_ctrl_d_is_no_answer(typed, way, capsys):
    typed(b"")

    with pytest.raises(Refused, match="no answer came"):
        way()
    assert capsys.readouterr().out.endswith("\n"), "the error begins on a line of its own"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_bytes_that_are_no_text_are_refused(typed, way):
    typed(b"caf\xe9\n")

    with pytest.raises(Refused, match="is no text in this terminal's encoding"):
        way()


def test_an_answer_is_what_was_typed(typed):
    typed(b" ops@nas \nY\n")

    assert terminal.answer("nfs: ") == "ops@nas"
    assert terminal.confirmed("write it?")
