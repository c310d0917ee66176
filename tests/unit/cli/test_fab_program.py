"""The real programs, as an operator starts them: help, refusals, renderings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
TASKS = [
    "backup", "backup-verify", "build-image", "certificate-renew", "clean", "data-move", "deploy",
    "destroy", "doctor", "explain", "gc", "history", "import", "lock-status", "logs", "nexus-seed",
    "nfs-setup", "nodes-setup", "plan", "relocate", "restore", "rollback", "rotate", "shell",
    "status", "unlock", "up", "upgrade", "verify",
]  # fmt: skip


PROGRAMS = {
    "fab": [str(BIN / "fab")],
    "inv": [str(BIN / "inv")],
    "./run fab": [sys.executable, "-P", str(ROOT / "moorage" / "__main__.py")],
}
each_fab = pytest.mark.parametrize("fab", ["fab", "./run fab"])


@pytest.fixture
def program(tmp_path):
    def run(name, *words, root=ROOT, stdout=subprocess.PIPE, **env):
        environment = {**os.environ, "COLUMNS": "100", **env}
        return subprocess.run(
            [*PROGRAMS[name], "--search-root", str(root), *words], cwd=tmp_path, env=environment,
            text=True, stdout=stdout, stderr=subprocess.PIPE, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@each_fab
def test_the_list_has_one_line_of_help_for_each_task(program, fab):
    ran = program(fab, "-l")

    lines = [line.split(maxsplit=1) for line in ran.stdout.splitlines() if line.startswith("  ")]
    assert ran.returncode == 0
    assert [line[0] for line in lines] == TASKS
    assert all(len(line) == 2 for line in lines)
    assert all(len(line) <= 80 for line in ran.stdout.splitlines())


@each_fab
def test_output_that_cannot_be_written_is_no_success(program, fab):
    with Path("/dev/full").open("w") as full:
        ran = program(fab, "-l", stdout=full, PYTHONUNBUFFERED="")

    assert ran.returncode != 0
    assert "No space left" in ran.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("start", "words"),
    [("./run fab", ["-l"]), ("./run fab", ["--help", "plan"]), ("./run fab", ["explain"]),
     ("inv", ["-l"]), ("inv", ["render", "--inventory", "example"])],
)  # fmt: skip
def test_a_reader_who_has_seen_enough_is_no_fault(program, start, words, unbuffered):
    reads, writes = os.pipe()
    os.close(reads)
    ran = program(start, *words, stdout=writes, PYTHONUNBUFFERED=unbuffered)
    os.close(writes)

    assert ran.stderr == ""
    assert ran.returncode == 1


def test_an_odd_end_is_told_as_python_tells_it(program, tmp_path):
    (tmp_path / "fabfile.py").write_text(
        "import atexit\nfrom fabric import task\natexit.register(print, 'all was ended')\n\n\n"
        "@task\ndef odd(c):\n    raise SystemExit('an odd end')\n\n\n"
        "@task\ndef even(c):\n    print('even')\n"
    )
    odd = program("./run fab", "odd", root=tmp_path)
    even = program("./run fab", "even", root=tmp_path)

    assert (odd.returncode, odd.stdout, odd.stderr) == (1, "all was ended\n", "an odd end\n")
    assert (even.returncode, even.stdout, even.stderr) == (0, "even\nall was ended\n", "")


@each_fab
def test_an_unknown_host_ends_with_three_on_stderr(program, fab):
    ran = program(fab, "-H", "nowhere", "deploy", "--inventory", "lab")

    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("error: nowhere is no host")
    assert "Traceback" not in ran.stderr


def test_an_inventory_that_is_not_there_ends_with_three(program):
    ran = program("fab", "up", "--inventory", "no-such")

    assert ran.returncode == 3
    assert "no-such" in ran.stderr


def test_a_host_out_of_reach_ends_with_four_and_no_traceback(program, inventory):
    text = Path(inventory).read_text().replace("10.0.0.10", "127.0.0.1, port: 1")
    Path(inventory).write_text(text)

    ran = program("fab", "nfs-setup", "--inventory", inventory)

    assert ran.returncode == 4
    assert ran.stderr.startswith("error: nfs on nas: ")
    assert "what to do" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_rendering_prints_one_document_alone_and_touches_no_host(program):
    ran = program("inv", "render", "--inventory", "seed", "--what", "stack")

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert "services:" in ran.stdout
    assert "FROM " not in ran.stdout


def test_rendering_follows_no_reference(program, tmp_path):
    """So that somebody else's inventory can be looked at."""
    text = (ROOT / "inventories/lab/site.yml").read_text()
    inventory = tmp_path / "site.yml"
    command = f"command:touch {tmp_path}/followed"
    inventory.write_text(text.replace("file:../../.lab/secrets/admin_password", command))

    ran = program("inv", "render", "--inventory", str(inventory))

    assert ran.returncode == 0, ran.stderr
    assert "command:touch" in inventory.read_text()
    assert not (tmp_path / "followed").exists()


def test_rendering_asks_no_host_for_the_version_of_traefik(program, tmp_path):
    text = (ROOT / "inventories/example/site.yml").read_text()
    inventory = tmp_path / "site.yml"
    inventory.write_text(text.replace('version: "3.7" ', "version: auto "))
    words = ("inv", "render", "--inventory", str(inventory), "--what", "stack")

    ran = program(*words)
    assert ran.returncode == 3
    assert "--traefik-version" in ran.stderr
    told = program(*words, "--traefik-version", "3.1")
    assert told.returncode == 0, told.stderr
    assert "traefik.docker.network=proxy" in told.stdout
    assert program(*words, "--traefik-version", "new").returncode == 3


def test_rendering_for_a_proxy_is_refused_where_traefik_is_in_front(program):
    ran = program("inv", "render", "--inventory", "example", "--proxy", "nginx")
    assert ran.returncode == 3
    assert "ingress.kind is traefik" in ran.stderr


def test_rendering_what_there_is_not_is_refused(program):
    ran = program("inv", "render", "--inventory", "example", "--what", "poem")

    assert ran.returncode == 3
    assert "there is no poem to render" in ran.stderr


def test_rendering_into_a_folder_writes_the_files(program, tmp_path):
    ran = program("inv", "render", "--inventory", "example", "--output", "here")

    assert ran.returncode == 0, ran.stderr
    written = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert written[0] == "Dockerfile"
    assert any(name.endswith(".exports") for name in written)
    assert "stack.yml" in written


def test_what_tests_alone_use_is_imported_when_it_is_used(program, tmp_path):
    (tmp_path / "fabfile.py").write_text("""
import sys
from fabric import task
from invoke import MockContext

@task
def mocked(c):
    print("asyncio" in sys.modules, "ssl" in sys.modules)
    print(type(MockContext(run="said").run).__module__, "asyncio" in sys.modules)
""")
    ran = program("./run fab", "mocked", root=tmp_path)

    assert ran.stdout.splitlines() == ["False False", "unittest.mock True"], ran.stderr
