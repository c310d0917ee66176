"""A run on a terminal whose encoding lacks some signs: it says them otherwise, and goes on."""

from __future__ import annotations

import io

import pytest

from moorage.change import Change, Difference, Plan
from moorage.report.text import Report

PLAN = Plan("nfs", (Change("update", "/srv/né", "nas", (Difference("mode", "0755", "0750"),)),))


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", r"mode: 0755 \u2192 0750"), ("latin-1", r"mode: 0755 \u2192 0750"),
     ("utf-8", "mode: 0755 → 0750")],
)  # fmt: skip
def test_what_an_encoding_lacks_is_written_out_and_stops_no_run(encoding, shown):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

    Report(out, live=False).plan(PLAN)

    out.flush()
    assert shown in out.buffer.getvalue().decode(encoding)
