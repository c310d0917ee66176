"""inv fuzz without atheris: a find is tried again, and where it cannot be had that is said."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests/fuzz/run.py"


@pytest.fixture
def run(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("fuzz_run", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PYTHON", tmp_path / "venv/bin/python")
    return module


def again(path):
    done = subprocess.run(
        [sys.executable, FILE, "--minutes", "1", "--seed", "1", "--input", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_file_that_is_judged_rightly_is_told_as_an_operator_sees_it(tmp_path):
    path = tmp_path / "find"
    path.write_bytes(b"a: \x07")

    code, said = again(path)

    assert code == 0
    assert "site.yml:1:4" in said


def test_a_file_that_is_not_there_is_no_find(tmp_path):
    code, said = again(tmp_path / "find")

    assert code == 3
    assert "cannot be read" in said


def test_a_find_that_is_one_still_ends_with_1(run, tmp_path, monkeypatch, capsys):
    path = tmp_path / "find"
    path.write_bytes(b"x")
    monkeypatch.syspath_prepend(str(ROOT / "tests"))
    import mangled_inventories

    def fail(_content):
        raise KeyError("x")

    monkeypatch.setattr(mangled_inventories, "judged", fail)

    assert run.again(path) == 1
    assert "KeyError" in capsys.readouterr().err


def test_where_there_is_no_wheel_that_is_said_with_what_to_do(run, monkeypatch, capsys):
    def no_wheel(_argv, **_options):
        return SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution found")

    monkeypatch.setattr(run.subprocess, "run", no_wheel)

    assert run.main(["--minutes", "1", "--seed", "1"]) == 3
    said = capsys.readouterr().err
    assert "atheris cannot be had here: ERROR: No matching distribution found" in said
    assert "what to do: MOORAGE_EXAMPLES" in said
