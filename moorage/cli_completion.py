"""``inv completion``: prints what makes a shell complete ``fab``, ``inv`` and ``./run``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from moorage.cli import ROOT, said, told
from moorage.completion.values import SHELLS
from moorage.errors import Refused


def completion(shell: str | None) -> None:
    """Print the script for a shell.

    Raises:
        Exit: 3 for a shell that is not known.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        print(script(shell), end="")


def script(shell: str | None) -> str:
    """The script for a shell.

    Raises:
        Refused: there is none.
    """
    folder = ROOT / "moorage" / "completion"
    if shell not in SHELLS:
        raise Refused(f'there is no completion for "{shell or ""}"',
                      hint=f"--shell takes {', '.join(SHELLS)}")  # fmt: skip
    # the environment's own Python, with no ./run before it: a Tab is to install nothing
    program = [sys.executable, "-P", str(folder / "__main__.py")]
    text = Path(folder / "scripts" / shell).read_text("utf-8")
    return text.replace("@MAIN@", shlex.join(program))
