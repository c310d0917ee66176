"""What holds the project's own supply: locks with hashes, an honest audit, a linter everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from house import audit

ROOT = Path(__file__).resolve().parents[1]


def text(file):
    return (ROOT / file).read_text(encoding="utf-8")


HOLE = ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": '
        '["2"]}]}]}')  # fmt: skip


CLEAN = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'


SKIPPED = '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}'


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        (CLEAN, 0, "1 packages, 0 vulnerabilities"),
        (HOLE, 1, "a 1: X-1, mended in 2"),
        # pip-audit itself ends with 0 here
        (SKIPPED, 4, "NOT AUDITED, nothing is told about 1 packages: a"),
        ("", 4, "NOT AUDITED, the data could not be reached"),
    ],
)
def test_an_audit_that_could_not_look_does_not_pass(report, code, words, capsys):
    assert audit.run(lambda _lock: report) == code
    assert words in capsys.readouterr().out


def test_a_vulnerability_outweighs_what_could_not_be_reached():
    reports = iter([HOLE, "", SKIPPED, CLEAN])

    assert audit.run(lambda _lock: next(reports)) == audit.VULNERABLE


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_every_locked_package_has_its_hashes(lock):
    """What ``--require-hashes`` would refuse only when the environment is made."""
    pinned = re.findall(
        r"^[a-z0-9.\[\]-]+==[^\n]*(?:\n    --hash=[^\n]*)*", text(lock), re.MULTILINE
    )

    assert pinned
    assert [one for one in pinned if "--hash=sha256:" not in one] == []


def test_the_lock_is_what_run_installs_from():
    assert "--require-hashes" in text("run")
    assert "--require-hashes" in text("house/environment.py")


def test_what_audits_is_not_needed_to_run():
    assert not re.search(r"^pip-audit==", text("requirements.lock"), re.MULTILINE)


def test_the_linter_looks_for_what_bandit_knows_everywhere():
    """One call of a shell in each folder is found: no folder leaves the rules out wholesale."""
    for folder in ("moorage", "lab", "bench", "house", "tests"):
        ran = subprocess.run(
            [str(Path(sys.executable).parent / "ruff"), "check", "--no-cache", "--select", "S",
             "--stdin-filename", f"{folder}/new.py", "-"],
            input="import subprocess\nsubprocess.run('ls', shell=True)\nimport pickle\n",
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert ran.returncode == 1, folder
        assert "S602" in ran.stdout, folder
