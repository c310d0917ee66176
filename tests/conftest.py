"""What all tests share: which parts run here, and the tally of what was left out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a busy machine makes data slowly, and is no fault of a test
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

ROOT = Path(__file__).resolve().parent.parent
_LONG = "long: ./run test --all runs it"
_UNNUMBERED = 1000
_SIDE_BY_SIDE = ("unit", "property", "contract")
# what the caller's shell says for its own runs, as ./run test --yes does, is not for the tests'
for _name in ("MOORAGE_YES", "MOORAGE_DRY_RUN", "MOORAGE_INVENTORY"):
    os.environ.pop(_name, None)
_SKIPPED = {name for name in os.environ.get("MOORAGE_SKIP", "").split(",") if name}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the long tests too")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One for each processor where whole folders of fast tests are asked for, else none.

    The lab is one for all, and to start for a single file takes longer than its tests.
    """
    asked = [Path(word).resolve() for word in config.args]
    folders = [ROOT / "tests" / name for name in _SIDE_BY_SIDE]
    if all(path.is_dir() and any(path.is_relative_to(one) for one in folders) for path in asked):
        return os.cpu_count() or 1
    return 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what MOORAGE_SKIP names, and long tests unless all are asked for; put the lab's
    tests last, in the order of their files.
    """
    if not config.getoption("--all"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason=_LONG))
    for name in sorted(_SKIPPED):
        for item in items:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"MOORAGE_SKIP says {name}"))
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, int]:
    """The lab's tests last, by the numbers of their files; else as they were collected."""
    lab = item.get_closest_marker("lab") is not None
    number = re.match(r"test_(\d+)_", item.path.name)
    return lab, (int(number[1]) if number else _UNNUMBERED) if lab else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    long = [report for report in terminalreporter.stats.get("skipped", ()) if _LONG in str(
        report.longrepr)]  # fmt: skip
    if long:
        terminalreporter.write_line(f"LEFT OUT, {len(long)} long tests: ./run test --all runs them")
    for name in sorted(_SKIPPED):
        terminalreporter.write_line(f"LEFT OUT by MOORAGE_SKIP: {name}", red=True, bold=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
