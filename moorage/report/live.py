"""The moving part of a terminal: a line for each step at work, or a whole screen drawn anew."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.spinner import Spinner

_TIMES_A_SECOND = 8


class Moving:
    """Lines that move until they are taken away.

    Args:
        out: the terminal.
        begun: when each step began, on the clock of ``time.monotonic()``.
    """

    def __init__(self, out: TextIO, begun: Mapping[str, float]) -> None:
        self._out = out
        self._begun = begun
        self._texts: dict[str, str] = {}
        self._live: Live | None = None
        self._spinner: Spinner | None = None

    def tell(self, step: str, text: str) -> None:
        """What a step is doing now."""
        self._texts[step] = text
        if self._live is None:
            from rich.console import Console
            from rich.live import Live
            from rich.spinner import Spinner

            # one for all lines, so that it goes round although the table is made anew
            self._spinner = Spinner("dots")
            self._live = Live(
                console=Console(file=self._out), get_renderable=self._table, transient=True,
                refresh_per_second=_TIMES_A_SECOND,
            )  # fmt: skip
            self._live.start()

    def _table(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        for step, text in list(self._texts.items()):
            seconds = time.monotonic() - self._begun.get(step, time.monotonic())
            table.add_row(self._spinner, Text(f"{step}: {text}", overflow="ellipsis", no_wrap=True),
                          Text(f"{seconds:.0f} s"))  # fmt: skip
        return table

    def quiet(self) -> None:
        """Take the lines away."""
        self._texts.clear()
        if self._live is not None:
            self._live.stop()
            self._live = None


class Screen:
    """The whole terminal, drawn anew each time; what was there before comes back at the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live: Live | None = None

    def show(self, text: str) -> None:
        """Show this in the place of what was shown."""
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            self._live = Live(console=Console(file=self._out), screen=True, auto_refresh=False)
            self._live.start()
        self._live.update(Text.from_ansi(text), refresh=True)

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None
