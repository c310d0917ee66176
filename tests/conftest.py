"""What all tests share: which parts run here, and the tally of what was left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_SKIPPED = {name for name in os.environ.get("MOORAGE_SKIP", "").split(",") if name}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what MOORAGE_SKIP names; put the lab's tests last, in the order of their files."""
    for name in sorted(_SKIPPED):
        for item in items:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"MOORAGE_SKIP says {name}"))
    items.sort(key=lambda item: item.get_closest_marker("lab") is not None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    for name in sorted(_SKIPPED):
        terminalreporter.write_line(f"LEFT OUT by MOORAGE_SKIP: {name}", red=True, bold=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
