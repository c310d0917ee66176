"""The running lab, the operator's commands against it, and witnesses that are not Moorage."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.lab import Lab

_BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def lab(root: Path) -> Iterator[Lab]:
    """The lab, up with fresh disks; ended after the tests unless MOORAGE_KEEP_LAB is set."""
    running = Lab(root)
    running.reset()
    running.wait_ready()
    yield running
    if not os.environ.get("MOORAGE_KEEP_LAB"):
        running.down()


@dataclass(frozen=True)
class Ran:
    """How an operator's command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


Command = Callable[..., Ran]


class Started:
    """An operator's command that still runs, read line by line."""

    def __init__(self, root: Path, *words: str, inventory: str | Path = "lab", **env: str) -> None:
        environment = {**os.environ, "MOORAGE_INVENTORY": str(inventory), "MOORAGE_YES": "1",
                       "PYTHONUNBUFFERED": "1", **env}  # fmt: skip
        argv = [str(_BIN / "fab"), "--search-root", str(root), *words]
        self.process = subprocess.Popen(
            argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.text = ""

    def until(self, words: str) -> None:
        """Read on until a line has these words."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.text += line
            if words in line:
                return
        pytest.fail(f"it ended before it said {words!r}: {self.text}")

    def ended(self, timeout: float = 900) -> int:
        """Its exit code, when it has one."""
        rest, _ = self.process.communicate(timeout=timeout)
        self.text += rest
        return self.process.returncode


def _runner(root: Path, program: str) -> Command:
    def run(
        *words: str,
        inventory: str | Path = "lab",
        typed: str = "",
        timeout: float = 900,
        **env: str,
    ) -> Ran:
        environment = {**os.environ, "MOORAGE_INVENTORY": str(inventory), "MOORAGE_YES": "1", **env}
        argv = [str(_BIN / program), "--search-root", str(root), *words]
        # a session of its own has no terminal, so that questions are read from stdin
        done = subprocess.run(
            argv,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            input=typed,
            start_new_session=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def fab(root: Path) -> Command:
    """Run Fabric tasks as an operator does."""
    return _runner(root, "fab")


@pytest.fixture(scope="session")
def start(root: Path) -> Callable[..., Started]:
    """Start a Fabric task and go on."""
    return lambda *words, **options: Started(root, *words, **options)


@pytest.fixture(scope="session")
def inv(root: Path) -> Command:
    """Run Invoke tasks as an operator does."""
    return _runner(root, "inv")


@pytest.fixture(scope="session")
def site_up(lab: Lab, fab: Command) -> Ran:
    """The whole main job done once, by the operator's own command."""
    ran = fab("up")
    assert ran.code == 0, ran.text
    return ran


@pytest.fixture
def variant(root: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies of the lab's inventory with some text replaced."""

    def make(*replacements: tuple[str, str]) -> Path:
        text = (root / "inventories/lab/site.yml").read_text()
        for old, new in (("../../.lab", str(root / ".lab")), *replacements):
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "lab" / "site.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return make
