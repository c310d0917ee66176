"""Whatever an editor or a disk does to an inventory, the answer is a list of problems."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moorage.config.schema.site import Site
from moorage.config.validate import site_from
from moorage.errors import InventoryError

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = (ROOT / "inventories" / "example" / "site.yml").read_text()
LINES = [line for line in EXAMPLE.splitlines() if line.strip() and line.lstrip()[0] != "#"]
SCRAPS = ["&a ", "*a", "{", "}", "[", "]", ": ", "- ", "? ", "|\n", "'", '"', "\t", "!!", "<<: ",
          "%", "\n", "0o", "1:30", "yes", "~", "#", "---\n", "\\x", "env:", "null",
          "\x85", "\u2028"]  # fmt: skip


def tried(content):
    try:
        error = None
        assert isinstance(site_from(Path("site.yml"), content), Site)
    except InventoryError as caught:
        error = caught
    if error is not None:
        assert all(problem.message for problem in error.problems)
        assert all(line.isprintable() for line in error.lines())


@given(st.binary(max_size=200))
def test_any_bytes(content):
    tried(content)


@given(st.text(max_size=200))
def test_any_text(content):
    tried(content.encode("utf-8", "surrogatepass"))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data())
def test_the_example_with_lines_lost_doubled_and_scraps_put_in(data):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["lose", "double", "indent", "scrap", "cut"]))
        column = data.draw(st.integers(0, len(lines[index])))
        if how == "lose":
            del lines[index]
        elif how == "double":
            lines.insert(index, lines[index])
        elif how == "indent":
            lines[index] = " " * data.draw(st.integers(1, 3)) + lines[index]
        elif how == "scrap":
            scrap = data.draw(st.sampled_from(SCRAPS))
            lines[index] = lines[index][:column] + scrap + lines[index][column:]
        else:
            lines[index] = lines[index][:column]
    tried("\n".join(lines).encode())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(
    st.sampled_from(range(len(LINES))),
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.just("[]"), st.just("{a: {b: c}}"),
        st.just("x"), st.just("''"), st.just("[[x]]"), st.just("[{}, null, 1]"), st.just("1e400"),
    ),
)  # fmt: skip
def test_the_example_with_one_value_of_another_kind(index, value):
    lines = list(LINES)
    key = lines[index].partition(":")[0]
    lines[index] = f"{key}: {str(value).lower() if value is not None else ''}"
    tried("\n".join(lines).encode())


@pytest.mark.parametrize("cut", range(0, len(EXAMPLE), 97))
def test_the_example_cut_off(cut):
    tried(EXAMPLE[:cut].encode())
