"""./run and its virtual environment: made anew by whoever may, and by nobody else half-way."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


@pytest.fixture
def checkout():
    """A folder with run, a lock file and an environment that was made from another one."""
    # pytest's own folders are closed to other accounts
    above = Path(tempfile.mkdtemp())
    above.chmod(0o755)
    folder = above / "checkout"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "run", folder / "run")
    (folder / "requirements.lock").write_text("")
    (folder / ".venv" / "bin" / "python").write_text("#!/bin/sh\n")
    (folder / ".venv" / "bin" / "python").chmod(0o755)
    (folder / ".venv" / ".stamp").write_text("made from another one")
    yield folder
    (folder / ".venv").chmod(0o755)
    shutil.rmtree(above)


def ran(folder, *words, **more):
    return subprocess.run(["sh", str(folder / "run"), *words], capture_output=True, text=True,
                          check=False, **more)  # fmt: skip


def test_who_may_not_make_the_environment_anew_is_told_who_may_in_one_line(checkout):
    if os.getuid() == 0:
        as_other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    else:
        as_other = {}
        (checkout / ".venv").chmod(0o555)
    before = sorted(checkout.rglob("*"))

    one = ran(checkout, "fab", "-l", **as_other)

    assert one.returncode == 3, one.stderr
    assert len(one.stderr.splitlines()) == 1, one.stderr
    assert "run ./run setup as the account that " in one.stderr
    assert sorted(checkout.rglob("*")) == before
