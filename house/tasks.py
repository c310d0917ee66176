"""Tasks for those who work on Moorage: tests, measures, checks, locks; for ``inv``."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

ROOT = Path(__file__).resolve().parents[1]
_BIN = Path(sys.executable).parent


@task
def check(_c: Context) -> None:
    """Check format, lint, types, imports, dead code, links, files and words.

    example: inv check
    """
    from house import check

    raise Exit(code=check.run())


@task
def audit(_c: Context) -> None:
    """Ask what is known against the locked packages; 4: not reached.

    example: inv audit
    """
    from house import audit
    from house.errors import HouseError

    try:
        raise Exit(code=audit.run())
    except HouseError as failure:
        raise Exit(f"error: {failure}", failure.exit_code) from None


@task
def pictures(_c: Context) -> None:
    """Draw the README's pictures from recorded output.

    example: inv pictures
    """
    from house import pictures

    pictures.main()


@task(
    auto_shortflags=False,
    help={
        "minutes": "how long there are faults",
        "seed": "number that the faults are drawn from; default: any, and it is told",
        "json": "file to write the report to as data too",
    },
)
def chaos(_c: Context, minutes: str = "10", seed: str = "", json: str = "") -> None:
    """Break the lab by chance while it is used, and judge what is left.

    example: inv chaos --minutes 10 --seed 7
    """
    from lab.chaos import run

    try:
        drawn, length = int(seed) if seed else None, int(minutes)
    except ValueError:
        raise Exit("error: --minutes and --seed take whole numbers", 3) from None
    install_packages()
    code = run.main(ROOT, _BIN, drawn, length, Path(json) if json else None)
    raise Exit(code=code)


@task(auto_shortflags=False, help={"options": "further options of pytest"})
def test(_c: Context, options: str = "") -> None:  # noqa: PT028
    """Run all tests, those in the lab included.

    example: inv test --options '-q tests/unit'
    """
    skipped = os.environ.get("MOORAGE_SKIP", "").split(",")
    install_packages(lab="lab" not in skipped, tests=True, groovy="groovy" not in skipped,
                      core="core" not in skipped, proxies="proxies" not in skipped)  # fmt: skip
    run_program("pytest", *shlex.split(options))


@task(
    auto_shortflags=False,
    help={
        "quick": "the rows of one host, few pairs each, into .bench/",
        "only": "one part: converge, startup or nexus; the other rows stay",
        "group": "only groups of rows whose heading begins so",
    },
)
def bench(_c: Context, quick: bool = False, only: str = "", group: str = "") -> None:
    """Measure against Ansible, pyinfra, Fabric and ssh, into bench/.

    example: inv bench --quick
    """
    flags = ["--quick"] * quick + ["--only", only] * bool(only) + ["--group", group] * bool(group)
    run_program("python", "-m", "bench", *flags)


@task(
    auto_shortflags=False,
    help={
        "minutes": "how long to look; default: 10",
        "seed": "of what is tried; default: 1",
        "input": "a find, to be tried again, without atheris",
    },
)
def fuzz(_c: Context, minutes: str = "10", seed: str = "1", input: str = "") -> None:  # noqa: A002
    """Feed the loader of inventories what atheris makes of them; finds go to .fuzz/finds.

    example: inv fuzz --minutes 10
    """
    if not re.fullmatch(r"\d+(\.\d+)?", minutes, re.ASCII) or float(minutes) == 0:
        raise Exit("error: --minutes takes a number above 0, such as 10 or 0.5", 3)
    if not re.fullmatch(r"\d+", seed, re.ASCII):
        raise Exit("error: --seed takes a whole number", 3)
    chosen = ["--input", str(Path(input).resolve())] if input else []
    run_program("python", "tests/fuzz/run.py", "--minutes", minutes, "--seed", seed, *chosen)


@task
def lock(_c: Context) -> None:
    """Make the requirements.lock files anew; needs uv.

    example: inv lock
    """
    common = ["uv", "pip", "compile", "--universal", "--python-version", "3.11",
              "--generate-hashes", "--no-emit-index-url", "--quiet", "--upgrade",
              "--custom-compile-command", "./run inv lock"]  # fmt: skip
    run_program(*common, "pyproject.toml", "--group", "test", "--group", "check",
         "--output-file", "requirements.lock")  # fmt: skip
    for folder in ("bench", "house", "tests/fuzz"):
        run_program(
            *common, f"{folder}/requirements.in", "--output-file", f"{folder}/requirements.lock"
        )


def install_packages(**parts: bool) -> None:
    """Install what the lab and the tests need of this machine, after a question.

    Args:
        parts: as `lab.packages.install_missing` has them.

    Raises:
        Exit: something is missing still.
    """
    from lab.errors import LabError
    from lab.packages import install_missing

    try:
        install_missing(**parts)
    except LabError as failure:
        raise Exit(f"error: {failure}", failure.exit_code) from None


def run_program(program: str, *arguments: str) -> None:
    """Run a program of the virtual environment in the project's folder.

    Raises:
        Exit: its exit code, where that is not 0.
    """
    import subprocess

    found = _BIN / program
    argv = [str(found) if found.exists() else program, *arguments]
    code = subprocess.run(argv, cwd=ROOT, check=False).returncode
    if code:
        raise Exit(code=code)
