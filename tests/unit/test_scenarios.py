"""Each numbered scenario is a test by its sentence, and docs/faults.md is their table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "docs/faults.md"
NUMBERS = range(1, 36)
RECORDED = {22, 23, 24, 33, 34}
"""Those for which recorded hosts may stand in."""
_ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def marked():
    """Node names of the marked tests, by number and sentence."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.scenario":
                    number, sentence = (ast.literal_eval(word) for word in mark.args)
                    name = f"{path.relative_to(ROOT)}::{node.name}"
                    found.setdefault((number, sentence), set()).add(name)
    return found


def listed():
    """What the table says: sentence, what Moorage does, and tests by number."""
    return {
        int(number): (fault.strip(), does.strip(), {"::".join(one) for one in _TEST.findall(tests)})
        for number, fault, does, tests in _ROW.findall(FAULTS.read_text(encoding="utf-8"))
    }


def test_every_scenario_has_a_test_and_one_sentence():
    assert sorted(number for number, _ in marked()) == list(NUMBERS)


def test_the_table_lists_exactly_these_tests():
    table = {(number, fault): tests for number, (fault, _, tests) in listed().items()}

    assert table == marked()


def test_each_row_says_what_moorage_does():
    assert [number for number, (_, does, _) in listed().items() if len(does) < 40] == []


def test_the_lab_shows_all_but_those_that_may_be_recorded():
    shown = {number for (number, _), tests in marked().items()
             if any(test.startswith("tests/lab/") for test in tests)}  # fmt: skip

    assert set(NUMBERS) - shown <= RECORDED
