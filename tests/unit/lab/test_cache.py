"""Artefacts are made once for the same inputs, never half, and go when nobody needs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.cache import Cache, fingerprint


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def recipe(calls: list[Path], text: str = "made"):
    def build(out: Path) -> None:
        calls.append(out)
        out.write_text(text)

    return build


def test_fingerprint_tells_where_one_input_ends():
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])


def test_fingerprint_sees_names_contents_and_the_executable_bit(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    file = tree / "one"
    file.write_text("x")
    seen = [fingerprint([tree])]
    file.write_text("y")
    seen.append(fingerprint([tree]))
    file.chmod(0o755)
    seen.append(fingerprint([tree]))
    file.rename(tree / "two")
    seen.append(fingerprint([tree]))
    assert len(set(seen)) == len(seen)


def test_fingerprint_does_not_see_times_nor_compiled_python(tmp_path):
    (tmp_path / "one").write_text("x")
    before = fingerprint([tmp_path])
    os.utime(tmp_path / "one", (1, 1))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/one.pyc").write_text("bytes")
    assert fingerprint([tmp_path]) == before


def test_an_artefact_is_built_once_and_again_for_other_inputs(cache):
    calls: list[Path] = []
    with cache.locked():
        first = cache.make("disk.img", ["a"], recipe(calls))
        assert cache.make("disk.img", ["a"], recipe(calls)) == first
        assert cache.make("disk.img", ["b"], recipe(calls)) != first
    assert len(calls) == 2
    assert first.read_text() == "made"


def test_a_failed_build_leaves_nothing(cache):
    def build(out: Path) -> None:
        out.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), cache.locked():
        cache.make("disk.img", ["a"], build)
    assert not cache.path("disk.img", ["a"]).exists()
    assert list(cache.scratch.iterdir()) == []


def test_what_a_killed_build_left_is_cleared_by_the_next(cache):
    with cache.locked():
        pass
    (cache.scratch / "half").mkdir()
    with cache.locked():
        assert list(cache.scratch.iterdir()) == []


def test_old_variants_go_unless_a_lab_is_pinned_to_them(cache):
    made: list[Path] = []
    with cache.locked():
        for number in range(4):
            made.append(cache.make("disk.img", [str(number)], recipe([])))
            # the order of making shows in the change times, which tick slowly
            os.utime(made[-1], (number, number))
            while len({path.stat().st_ctime_ns for path in made}) < len(made):
                made[-1].chmod(0o600)
        cache.pin(cache.root / "pin-other", [made[0].name])
        left = [path for path in made if path.exists()]
    assert left == [made[0], made[2], made[3]]
