"""The help of every task, fab's and inv's, ends its words with one example that Invoke takes."""

from __future__ import annotations

import re
import shlex
import sys
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
from fabric.main import make_program
from invoke import Program

ROOT = Path(__file__).resolve().parents[3]
_EXAMPLE = re.compile(r"^ *example: (.+)$", re.MULTILINE)
MAKERS = {"fab": make_program, "inv": lambda: Program(binary="inv[oke]", binary_names=["inv"])}


@cache
def program_of(name, *words):
    """A program that has read its tasks and the words of a command line, and run nothing."""
    program = MAKERS[name]()
    # what the words of explain are told by
    with mock.patch.object(sys, "argv", [name, *words]):
        program.create_config()
        program.parse_core([name, "--search-root", str(ROOT), *words])
        program.parse_collection()
        program.parse_tasks()
    return program


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)


TASKS = [(name, task) for name in MAKERS for task in sorted(program_of(name).collection.task_names)]


@pytest.mark.parametrize("name,task", TASKS)
def test_the_help_of_a_task_has_an_example_that_is_taken(name, task, capsys):
    program = program_of(name)
    program.print_task_help(task)
    found = _EXAMPLE.findall(capsys.readouterr().out)

    assert len(found) == 1, found
    first, *words = shlex.split(found[0])
    assert first == name
    read = program_of(name, *words)
    assert task in [context.name for context in read.tasks]
    assert read.core.remainder == ""


def test_an_example_with_a_flag_that_is_not_there_would_be_seen():
    with pytest.raises(Exception, match="--no-such-flag"):
        program_of("fab", "deploy", "--no-such-flag")
