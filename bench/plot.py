"""Draws the ratios as bars: ``python plot.py RESULTS.json RESULTS.svg``, with matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "moorage"
import matplotlib.pyplot as plt  # noqa: E402

_ROW_INCHES = 0.24


def draw(rows: list[dict[str, object]], path: Path) -> None:
    """One bar a row, with the spread of its pairs and a mark where a ratio is asked for."""
    shown = list(reversed(rows))
    ratios = [float(str(row["ratio"])) for row in shown]
    ends = [(float(str(row["lowest"])), float(str(row["highest"]))) for row in shown]
    below = [ratio - lowest for ratio, (lowest, _) in zip(ratios, ends, strict=True)]
    above = [highest - ratio for ratio, (_, highest) in zip(ratios, ends, strict=True)]
    figure, axes = plt.subplots(figsize=(9, 1.2 + _ROW_INCHES * len(shown)))
    places = range(len(shown))
    # from 1 to both sides: on a logarithmic scale a bar has no other beginning
    axes.barh(places, [ratio - 1 for ratio in ratios], left=1, height=0.7, color="#3b6ea5")
    axes.errorbar(ratios, places, xerr=[below, above], fmt="none", ecolor="#999", linewidth=1)
    asked = [(place, row["target"]) for place, row in zip(places, shown, strict=True)
             if row["target"] is not None]  # fmt: skip
    axes.scatter([target for _, target in asked], [place for place, _ in asked],
                 marker="|", s=90, color="#c33", zorder=3, label="asked for")  # fmt: skip
    axes.axvline(1, color="#333", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks(places, [str(row["figure"]) for row in shown], fontsize=7)
    axes.set_xlabel("peer / Moorage: more than 1 speaks for Moorage")
    axes.margins(y=0.01)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
