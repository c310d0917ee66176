"""``fab explain``: codes, errors and keys in the words of their own places."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moorage import errors
from moorage.config.docstrings import attribute_docs, one_line
from moorage.config.keys import all_keys
from moorage.errors import Refused
from moorage.exit_codes import ExitCode
from moorage.explain import errors as all_errors
from moorage.explain import everything, explained

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "moorage" / "__main__.py")
FAB = {"fab": [str(Path(sys.executable).parent / "fab")], "./run fab": [sys.executable, "-P", MAIN]}


@pytest.fixture(params=FAB)
def fab(request, tmp_path):
    def run(*words):
        argv = [*FAB[request.param], "--search-root", str(ROOT), *words]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False,
                              env={**os.environ, "MOORAGE_INVENTORY": "nowhere"})  # fmt: skip

    return run


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_by_its_number_and_by_its_name(code):
    lines = explained(str(int(code)))
    assert lines == explained(code.name)
    assert lines[0] == f"exit code {int(code)}: {one_line(attribute_docs(ExitCode)[code.name])}"
    ends = {kind.__name__ for kind in all_errors() if kind.exit_code == code}
    assert {line.split()[0] for line in lines[2:]} == ends


def test_every_error_by_its_name():
    named = [name for name in vars(errors) if isinstance(getattr(errors, name), type)
             and issubclass(getattr(errors, name), errors.MoorageError)]  # fmt: skip
    assert {kind.__name__ for kind in all_errors()} == set(named)
    for name in named:
        kind = getattr(errors, name)
        lines = explained(name.lower())
        assert lines[0].startswith(f"error {name}: ")
        assert len(lines[0]) > len(f"error {name}: "), name
        assert lines[-1].startswith(f"  exit code {int(kind.exit_code)}: ")


def test_a_kind_of_error_names_the_one_above():
    assert explained("Silent")[1].startswith("  a kind of Unreachable: A host or service")


@pytest.mark.parametrize("dotted", sorted({key.dotted for key in all_keys()}))
def test_every_key_by_its_whole_name(dotted):
    text = "\n".join(explained(dotted))
    for key in all_keys():
        if key.dotted == dotted:
            assert f": {one_line(key.description)}" in text


@pytest.mark.parametrize(
    "word,said",
    [
        ("storage.export", ["storage.export: Directory on the NFS host.", "  required",
                            "  form: an absolute path"]),
        ("export", ["storage.export: Directory on the NFS host.", "  required",
                    "  form: an absolute path"]),
        ("hosts.nfs.nas.sudo", ["hosts.nfs.<name>.sudo: Default: `ssh.sudo`.", "  default: null"]),
        ("api", ["  default: direct", "  one of: direct, via-ssh"]),
        ("storage", ["  its keys:"]),
        ("port", ["several keys end so; name one of them whole:"]),
    ],
)  # fmt: skip
def test_a_key_as_the_operator_may_name_it(word, said):
    assert [line for line in said if line not in explained(word)] == []


def test_a_key_as_a_message_names_it():
    assert explained("storage.clients[0]") == explained("storage.clients")


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("nexus.users.ci", "nexus.users"),
        ("registry.repositories.docker-hub", "registry.repositories"),
        ("hosts.managers.swarm1", "hosts.managers"),
        # such names may have dots in them
        ("registry.repositories.my.repo.type", "registry.repositories.<name>.type"),
        ("nexus.users.j.doe.email", "nexus.users.<name>.email"),
    ],
)
def test_a_name_of_the_operators_own_is_no_word_that_must_be_known(word, same):
    assert explained(word) == explained(same)


@pytest.mark.parametrize("word", ["nexus.users.ci.nothing", "nexus.usrs.ci", "hosts.x.y"])
def test_nothing_else_is_taken_for_one(word):
    with pytest.raises(Refused):
        explained(word)


@pytest.mark.parametrize(
    "word,meant",
    [
        ("storage.exprt", "storage.export"),
        ("exprot", "export"),
        ("NotConvergd", "NotConverged"),
        ("LOCKD", "LOCKED"),
        ("9", ""),
    ],
)
def test_what_there_is_not_is_refused_with_what_is_close(word, meant):
    with pytest.raises(Refused) as caught:
        explained(word)
    close = re.findall(r"did you mean (\S+)\?", caught.value.message)
    assert close == ([meant] if meant else [])
    assert f'"{word}"' in caught.value.message
    assert "fab explain lists" in caught.value.hint


def test_without_a_word_all_are_listed(fab):
    ran = fab("explain")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == everything()
    listed = {line.split()[0] for line in everything() if line.startswith("  ")}
    assert listed == {
        *(str(int(code)) for code in ExitCode),
        *(kind.__name__ for kind in all_errors()),
        *(key.dotted for key in all_keys()),
    }


def test_no_inventory_is_needed(fab):
    ran = fab("explain", "3")

    assert ran.returncode == 0
    assert ran.stdout.splitlines() == explained("3")


def test_a_word_that_means_nothing_ends_with_three(fab):
    ran = fab("explain", "storage.exprt")

    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith('error: "storage.exprt" is no exit code')
    assert "Traceback" not in ran.stderr


def test_the_readme_says_the_exit_codes_in_the_same_words():
    text = (ROOT / "README.md").read_text("utf-8")
    table = text.partition("## Exit codes")[2].partition("\n\n")[2].partition("\n\n")[0]
    told = attribute_docs(ExitCode)
    rows = [f"| {int(code)} | {' '.join(told[code.name].split())} |" for code in ExitCode]
    assert table.splitlines()[2:] == rows
