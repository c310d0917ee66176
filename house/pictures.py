"""Draws the README's pictures of a terminal: ``./run demo`` as recorded, and a plan's diff."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from house.recorded_plan import plan_text

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/pictures"
DEMO = FOLDER / "demo.txt"
_COLUMNS = 120
# of a part of the demo: so many lines at its beginning and end, and whole what is about as short
_HEAD, _TAIL, _WHOLE = 4, 2, 8
# whole since it is what all the rest is for: an image pushed and pulled back
_SESSION = "docker login, push and pull on the worker"
_THEME = TerminalTheme(
    (24, 26, 31), (208, 212, 220),
    [(90, 96, 110), (240, 113, 120), (126, 200, 120), (232, 190, 100), (110, 168, 254),
     (200, 146, 234), (120, 205, 215), (208, 212, 220)],
)  # fmt: skip


def parts(transcript: str) -> list[str]:
    """The transcript's parts, each from one line with ``===`` to the next one."""
    return [part.strip("\n") for part in re.split(r"\n\n(?==== )", transcript)]


def shortened(part: str) -> str:
    """A part without its middle, of which it is said how long it is."""
    lines = part.splitlines()
    if len(lines) <= _WHOLE or _SESSION in lines[0] or lines[0].startswith("=== done"):
        return part
    left_out = len(lines) - _HEAD - _TAIL
    return "\n".join(
        [*lines[:_HEAD], f"\033[2m  [{left_out} lines more in demo.txt]\033[0m", *lines[-_TAIL:]]
    )


def demo_text(transcript: str) -> str:
    """What the picture of the demo shows of a transcript."""
    shown = "\n\n".join(shortened(part) for part in parts(transcript))
    return re.sub(r"^(===.*|worker\$.*)$", "\033[1m\\1\033[0m", shown, flags=re.MULTILINE)


def svg(text: str, *, title: str, name: str) -> str:
    """A picture of a terminal with this text in it.

    Args:
        text: with the codes of colours that a terminal understands.
        title: in the window's bar.
        name: of the picture; makes it the same at each run.
    """
    console = Console(
        record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True,
        color_system="standard", legacy_windows=False,
    )  # fmt: skip
    for line in text.splitlines():
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", highlight=False)
    drawn = console.export_svg(title=title, theme=_THEME, unique_id=name)
    # no font from elsewhere: who looks at a README asks nobody else for anything
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    return drawn.replace("Fira Code, monospace", "monospace")


def drawn() -> dict[Path, str]:
    """Each picture and what is in its file."""
    return {
        FOLDER / "demo.svg": svg(
            demo_text(DEMO.read_text(encoding="utf-8")), title="./run demo", name="demo"
        ),
        FOLDER / "plan.svg": svg(plan_text(), title="./run fab plan", name="plan"),
    }


def main() -> int:
    """Draw them anew.

    Returns:
        0.
    """
    for path, content in drawn().items():
        path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
