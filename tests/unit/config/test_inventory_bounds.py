"""What no inventory is: too large, too deep, without an end. It is told soon, with its line."""

import time
from pathlib import Path

import pytest

from moorage.config.inventory import load_site
from moorage.config.validate import MOST_BYTES, site_from
from moorage.errors import InventoryError

SECONDS = 15
"""Far more than any of them takes on an idle machine, far less than what has no bound."""


def refused(content):
    begun = time.process_time()
    with pytest.raises(InventoryError) as caught:
        site_from(Path("site.yml"), content)
    assert time.process_time() - begun < SECONDS
    assert caught.value.hint
    assert all(problem.file == "site.yml" and problem.line for problem in caught.value.problems)
    return caught.value.problems[0]


@pytest.mark.parametrize("opening", ["[", "a: [", "{a: ", "- ", "? ", "[[a], ", "a: {b: ["])
@pytest.mark.parametrize("number", [100, 10_000])
def test_nesting_without_end_is_told_with_its_line(opening, number):
    problem = refused(f"schema: 1\nhosts:\n  {opening * number}".encode())

    assert problem.line == 3


def test_nesting_over_many_lines_is_told_where_it_becomes_too_deep():
    text = "".join(f"{' ' * level}k{level}:\n" for level in range(200))

    problem = refused(text.encode())

    assert 20 < problem.line < 150
    assert "nested too deeply" in problem.message


def test_aliases_of_aliases_are_told_with_a_line():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    problem = refused("\n".join(lines).encode())

    assert "values" in problem.message


def test_a_chain_of_aliases_is_told_where_it_becomes_too_deep():
    lines = ["a0: &a0 x", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3_000))]

    problem = refused("\n".join(lines).encode())

    assert "nested too deeply" in problem.message


@pytest.mark.parametrize("text", ["a: !\n", 'a: "\\UFFFFFFFF"\n', 'a: "\\xzz"\n', "a: !<>\n",
                                  "a: \0\n", "a: b\n\x07\n"])  # fmt: skip
def test_what_stops_the_reader_has_a_line(text):
    refused(text.encode())


def test_a_file_that_is_no_inventory_by_its_size_is_not_parsed():
    problem = refused(b"a: 1\n" * (MOST_BYTES // 5 + 1))

    assert "128 KiB" in problem.message


def test_no_more_of_such_a_file_is_read_than_tells_its_size(tmp_path):
    path = tmp_path / "site.yml"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(InventoryError, match="1 mistake"):
        load_site(str(path), root=tmp_path, environ={})
