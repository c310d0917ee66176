"""What fab status tells on the lab, row by row."""

from __future__ import annotations

import time


def rows(said, subject, *levels):
    return [row["message"] for row in said["rows"] if row["subject"] == subject
            and row["level"] in (levels or (row["level"],))]  # fmt: skip


def until(condition, seconds=180):
    """Wait for something that takes its time; gives what it was at last."""
    deadline = time.monotonic() + seconds
    while not (seen := condition()) and time.monotonic() < deadline:
        time.sleep(2)
    return seen


def known(said):
    """Whether the plans were counted in the time there is, which a busy lab may not have."""
    return said["drift"]["changes"] is not None
