"""The README's table of results, kept between two marks of it."""

from __future__ import annotations

import re
from pathlib import Path

from bench.errors import BenchError
from bench.results import Row

_MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)
_HEAD = """\
| figure | Moorage | peer | ratio | asked |
| --- | ---: | ---: | ---: | ---: |
"""


def quote(path: Path, rows: list[Row]) -> None:
    """Put the rows that a ratio is asked for into the README.

    Raises:
        BenchError: it has lost its marks.
    """
    lines = [
        f"| {row.figure} | {row.moorage:g} {row.unit} | {row.peer:g} {row.unit} "
        f"| {row.ratio:g} | {row.target:g}{'' if row.met else ', missed'} |\n"
        for row in rows
        if row.target is not None
    ]
    text = path.read_text(encoding="utf-8")
    if not _MARKED.search(text):
        raise BenchError(f"{path} has no place for the results: <!-- bench --> … <!-- /bench -->")
    table = _HEAD + "".join(lines)
    path.write_text(_MARKED.sub(lambda found: found[1] + table + found[2], text), encoding="utf-8")
