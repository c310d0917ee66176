"""Scripts: what is refused, what is shown of them, and what they run in."""

from __future__ import annotations

import subprocess

import pytest

from moorage.quoting import Script, command_line
from moorage.values import Secret


def run(script):
    return subprocess.run(
        ["sh", "-s"], input=script.text(), text=True, capture_output=True, check=False,
        env={"PATH": "/usr/bin:/bin", "LANG": "de_DE.UTF-8"},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "A", "a-b", "a b", "1a", "a;id", "a=b", "é", "PATH"])
def test_a_name_that_is_no_lower_case_variable_is_refused(name):
    with pytest.raises(ValueError, match="not a shell variable"):
        Script("x", "true", {name: "value"}).text()


@pytest.mark.parametrize(
    ("value", "seen"), [(True, "yes"), (False, "no"), (0, "0"), (-5, "-5"), ([], ""), ("", "")]
)
def test_each_kind_of_value_is_set(value, seen):
    assert run(Script("x", 'printf %s "$value"', {"value": value})).stdout == seen


def test_a_variable_that_was_never_set_is_an_error_and_no_empty_word():
    done = run(Script("x", 'rm -rf -- "$pathh"; echo went on', {"path": "/x"}))

    assert done.returncode != 0
    assert "went on" not in done.stdout


def test_programs_of_root_are_found_and_messages_are_english():
    done = run(Script("x", 'echo "$PATH|$LC_ALL"; no-such-program-here'))

    assert "/usr/sbin" in done.stdout
    assert done.stdout.strip().endswith("|C")
    assert "not found" in done.stderr


def test_the_exit_code_is_that_of_the_body():
    assert run(Script("x", "false\nexit 7")).returncode == 7
    assert run(Script("x", "(exit 3)")).returncode == 3


def test_a_secret_is_in_the_text_for_stdin_alone():
    script = Script("log in", 'echo "$password"', {"password": Secret("s3cret")})

    assert "s3cret" in script.text()
    assert "s3cret" not in repr(script)
    assert "s3cret" not in script.command
    assert "s3cret" not in script.summary


def test_the_command_of_one_line_is_shown_with_its_values():
    script = Script("x", 'docker push -- "$reference" >&2', {"reference": "a b/c:1"})

    assert script.command == "docker push -- 'a b/c:1' >&2"


def test_a_long_value_and_a_long_script_are_not_shown_whole():
    assert Script("x", 'echo "$text"', {"text": "y" * 500}).command == "echo $text"
    assert Script("do it", "one\ntwo\nthree").command == "do it (a script of 3 lines)"


def test_a_command_line_keeps_its_words():
    assert command_line(["echo", "a b", "$HOME"]) == "echo 'a b' '$HOME'"
    assert command_line(["docker", "load"], sudo=True) == "sudo -n -- docker load"


def test_a_program_that_repeats_a_secret_is_not_quoted_with_it():
    from moorage.errors import CommandFailed
    from moorage.transport.base import Result

    script = Script("log in", "docker login", {"password": Secret("it's secret"), "user": "ci"})
    said = Result(1, "", "sh: 'it'\"'\"'s secret': not found; ci, it's secret")
    try:
        said.require(script, "nas")
    except CommandFailed as failure:
        told = "\n".join(failure.lines())
    assert "secret" not in told
    assert "ci, ***" in told
