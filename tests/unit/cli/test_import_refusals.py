"""``fab import``: what is refused before any host is contacted, and how the file is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from moorage.takeover.taken import Taken
from moorage.takeover.writing import write

ROOT = Path(__file__).resolve().parents[3]
FAB = Path(sys.executable).parent / "fab"
HOSTS = ["--nfs", "ops@127.0.0.1:1", "--manager", "ops@127.0.0.1:1", "--stack", "registry"]


@pytest.fixture
def program(tmp_path):
    def run(*words, before=()):
        environment = {key: value for key, value in os.environ.items()
                       if key not in {"MOORAGE_YES", "NEXUS_ADMIN_PASSWORD"}}  # fmt: skip
        return subprocess.run(
            [str(FAB), "--search-root", str(ROOT), *before, "import", *HOSTS, *words],
            cwd=tmp_path, env=environment, text=True, capture_output=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def test_an_inventory_that_is_there_is_not_replaced_without_a_word(program, tmp_path):
    (tmp_path / "site.yml").write_text("mine\n")

    ran = program("--to", str(tmp_path))

    assert ran.returncode == 3
    assert "--force" in ran.stderr
    assert (tmp_path / "site.yml").read_text() == "mine\n"


@pytest.mark.parametrize(
    "words,said",
    [
        (["--admin-password", "hunter2"], "--admin-password"),
        (["--key", "not-there"], "--key: there is no file"),
        (["--ssh-config", "not-there"], "--ssh-config: there is no file"),
        (["--node", "a b"], "--node: a b is no address"),
    ],
)
def test_flags_that_mean_nothing_are_refused(program, words, said, tmp_path):
    ran = program("--to", str(tmp_path / "new"), *words)

    assert ran.returncode == 3
    assert said in ran.stderr
    assert "hunter2" not in ran.stdout + ran.stderr
    assert not (tmp_path / "new").exists()


def test_hosts_are_named_by_its_own_flags(program, tmp_path):
    ran = program("--to", str(tmp_path / "new"), before=["-H", "127.0.0.1"])

    assert ran.returncode == 3
    assert "--manager" in ran.stderr


def test_a_host_out_of_reach_ends_with_four_and_writes_nothing(program, tmp_path):
    ran = program("--to", str(tmp_path / "new"))

    assert ran.returncode == 4
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "new").exists()


def taken():
    found = Taken()
    found.put("schema", 1)
    return found


def test_the_file_comes_whole_into_a_new_folder(tmp_path):
    path = tmp_path / "new" / "site.yml"

    assert write(path, taken(), ["head"], replacing=False) is None

    assert path.read_text() == "# head\nschema: 1\n"
    assert [one.name for one in path.parent.iterdir()] == ["site.yml"]


def test_one_that_came_to_be_there_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text("mine\n")

    with pytest.raises(FileExistsError):
        write(path, taken(), [], replacing=False)

    assert path.read_text() == "mine\n"
    assert [one.name for one in tmp_path.iterdir()] == ["site.yml"]


def test_the_former_one_is_kept_beside(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text("mine\n")

    kept = write(path, taken(), [], replacing=True)

    assert kept.read_text() == "mine\n"
    assert path.read_text() == "schema: 1\n"
    assert len(list(tmp_path.iterdir())) == 2
