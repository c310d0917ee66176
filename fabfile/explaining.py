"""The task that says what a code, an error or a key means."""

from __future__ import annotations

import sys
from typing import Any

from fabric import Task, task
from invoke.parser.argument import Argument


class _Word(Argument):  # type: ignore[misc,unused-ignore]
    """A word behind a task that may be left out; Invoke asks for each one that it knows of."""

    @property
    def value(self) -> Any:
        given = super().value
        return "" if given is None and not self._follows() else given

    @value.setter
    def value(self, given: Any) -> None:
        self.set_value(given)

    def _follows(self) -> bool:
        words = sys.argv[sys.argv.index("explain") + 1 :] if "explain" in sys.argv else []
        return any(not word.startswith("-") for word in words)


class _MayStandAlone(Task):  # type: ignore[misc,unused-ignore]
    """A task whose words may be left out."""

    def get_arguments(self, *words: Any, **more: Any) -> Any:
        return [
            _Word(names=one.names, positional=True, help=one.help) if one.positional else one
            for one in super().get_arguments(*words, **more)
        ]


@task(  # type: ignore[untyped-decorator]
    klass=_MayStandAlone,
    auto_shortflags=False,
    help={"word": "an exit code, an error's name, or a key of the inventory; default: all of them"},
)
def explain(c: Any, word: str) -> None:
    """Say what an exit code, an error or a key means.

    example: fab explain storage.export
    """
    from moorage import cli_explain

    cli_explain.explain(c, word)
