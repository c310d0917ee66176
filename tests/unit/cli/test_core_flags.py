"""Fabric's own flags, wrong ones: a few lines and 3, as for a task's; a password nobody types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FAB = [sys.executable, "-P", str(ROOT / "moorage" / "__main__.py"), "--search-root", str(ROOT)]
INV = [str(Path(sys.executable).with_name("inv")), "--search-root", str(ROOT)]


def ended(argv, shell=""):
    if shell:
        argv = ["sh", "-c", f'exec "$@" {shell}', "sh", *argv]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-S", "/nope", "doctor"], "/nope"),
        (["-f", "/nope", "plan"], "/nope"),
        (["-t", "abc", "plan"], "abc"),
        (["-D", "abc", "-l"], "abc"),
        (["-F", "bogus", "-l"], "bogus"),
        (["--prompt-for-sudo-password", "plan"], "no password was given"),
    ],
)
def test_a_wrong_flag_before_the_task_is_refused_in_a_few_lines(words, said):
    done = ended([*FAB, *words])

    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert said in done.stderr
    assert any(line.startswith("error: ") for line in lines)
    assert lines[-1].startswith("  what to do: ")


def test_with_debug_its_traceback_is_shown():
    assert "Traceback" in ended([*FAB, "--debug", "-S", "/nope", "doctor"]).stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("argv", [[*FAB, "explain", "3"], [*INV, "render", "--inventory=example"]])
def test_with_standard_output_closed_a_task_is_carried_out_all_the_same(argv, closed):
    assert ended(argv, closed).returncode == 0


@pytest.mark.parametrize("flag", ["--minutes=abc", "--minutes=nan", "--minutes=0", "--minutes=-1",
                                  "--seed=x"])  # fmt: skip
def test_a_search_by_chance_takes_numbers(flag):
    done = ended([*INV, "fuzz", flag])

    assert done.returncode == 3
    assert done.stderr.startswith("error: --")
