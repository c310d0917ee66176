"""``python -m bench``: measure, and write the results after each group of rows."""

from __future__ import annotations

import argparse
import importlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import readme, report, results
from bench.environment import HERE, WORK, program
from bench.errors import BenchError
from bench.results import Row
from bench.scope import Scope

_DATA = "results.json"
PARTS = ("startup", "converge", "nexus")


def main(argv: list[str]) -> int:
    """Run the bench; give its exit code: 1 where a side failed, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="inv bench")
    parser.add_argument("--quick", action="store_true", help="the rows of one host, few pairs")
    parser.add_argument("--only", choices=PARTS, help="one part; the others' rows stay as they are")
    parser.add_argument("--group", default="", help="only groups whose name begins so")
    parser.add_argument("--rounds", type=int, default=99, help="at most so many pairs a peer")
    given = parser.parse_args(argv)
    WORK.mkdir(exist_ok=True)
    folder = WORK if given.quick else HERE
    # what ends the bench ends its servers too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begin = time.monotonic()
    try:
        every: list[Row] = []
        for rows in _measured(given):
            _tell(rows)
            every += rows
            _write(folder, results.merged(results.read(folder / _DATA), rows))
        if not (given.only or given.group):
            # a whole run leaves no rows of figures that there are no more
            _write(folder, every)
        _draw(folder)
    except BenchError as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; the rows so far are kept, without a plot", file=sys.stderr)
        return 130
    print(f"bench: done in {time.monotonic() - begin:.0f} s; see {folder / 'results.md'}")
    return 0


def _measured(given: argparse.Namespace) -> Iterator[list[Row]]:
    parts = [given.only] if given.only else ["converge"] if given.quick else PARTS
    for name in parts:
        part = importlib.import_module(f"bench.{name}.figures")
        yield from part.rows(Scope(given.quick, given.group, given.rounds))


def _tell(rows: list[Row]) -> None:
    for row in rows:
        asked = "" if row.target is None else f", asked {row.target:g}"
        verdict = {None: "", True: "", False: "  MISSED"}[row.met]
        spread = f"[{row.lowest:g} to {row.highest:g}]"
        print(f"{row.figure}: {row.moorage:g} against {row.peer:g} {row.unit}, "
              f"ratio {row.ratio:g} {spread}{asked}{verdict}", flush=True)  # fmt: skip


def _write(folder: Path, rows: list[Row]) -> None:
    data = folder / _DATA
    results.write(data, rows)
    (folder / "results.md").write_text(report.page(rows))
    if folder == HERE:
        readme.quote(HERE.parent / "README.md", rows)


def _draw(folder: Path) -> None:
    """Draw the rows, once at the end: it takes as long as a pair of a quick run."""
    data = folder / _DATA
    plot = [program("python"), str(HERE / "plot.py"), str(data), str(folder / "results.svg")]
    subprocess.run(plot, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
