"""The results as a page to read."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from itertools import groupby

from bench.environment import program
from bench.results import Row

_HEAD = """\
# Results of `inv bench`

Made by `./run inv bench`; do not edit. A ratio is the peer's figure / Moorage's, the median of the
pairs' ratios, so that more than 1 speaks for Moorage; in brackets the lowest and highest pair. The
two sides of a pair run right after each other, in turn first.

{facts}

What each side does, and what is left out, is told in [README.md](README.md#how-it-is-measured).

![ratios](results.svg)
"""


_TABLE = """\
| against | Moorage | peer | unit | ratio | asked | pairs |
| --- | ---: | ---: | --- | ---: | ---: | ---: |
"""


def page(rows: list[Row]) -> str:
    """All rows as Markdown, with the machine and the versions that they came from."""
    parts = [_HEAD.format(facts=_facts(rows))]
    for group, found in groupby(rows, key=lambda row: row.group):
        parts.append(f"\n## {group}\n\n{_TABLE}")
        parts += [_line(row, group) for row in found]
    return "".join(parts)


def _line(row: Row, group: str) -> str:
    name = row.figure.removeprefix(f"{group}: ")
    asked = "" if row.target is None else f"{row.target:g}{'' if row.met else ' **missed**'}"
    spread = f" [{row.lowest:g} to {row.highest:g}]" if row.pairs > 1 else ""
    return (f"| {name} | {row.moorage:g} | {row.peer:g} | {row.unit} | {row.ratio:g}{spread} "
            f"| {asked} | {row.pairs} |\n")  # fmt: skip


def _facts(rows: list[Row]) -> str:
    loads = [row.load for row in rows]
    when = time.strftime("%Y-%m-%d", time.gmtime())
    machine = f"Linux {platform.release()}, {os.cpu_count()} cores"
    ansible = _said(program("ansible"), "--version")
    pyinfra = _said(program("pyinfra"), "--version")
    return (
        f"- {when}; {machine}, Python {platform.python_version()}, {_said('ssh', '-V')}\n"
        f"- {ansible}, {pyinfra}, {_fabric()}\n"
        f"- load average while it ran, the bench's own part included: {min(loads)} to {max(loads)}"
    )


def _said(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0].split(",")[0]


def _fabric() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("fabric", "paramiko", "invoke"))
