"""Whatever a value holds, the shell gets it as it is; whatever is cut off, nothing of it runs."""

from __future__ import annotations

import shlex
import subprocess

from hypothesis import example, given, settings, strategies

from moorage.quoting import Script, command_line
from moorage.values import Secret

# a variable of the shell cannot hold a null byte, nor can a script be something but UTF-8
texts = strategies.text(strategies.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
AWKWARD = [
    *("", "-n", "--", "'", '"', "\\", "$HOME", "`id`", "$(id)", "a\nb", "\n", " ", "\t*?["),
    *("é\N{PILE OF POO}", "\r", "!", "#no comment", "~", "a'b'\"c\"", "moorage", "}"),
]


def shell(text: str) -> bytes:
    done = subprocess.run(["sh", "-s"], input=text.encode(), capture_output=True, check=False)
    assert done.stderr == b""
    return done.stdout


def with_awkward(test):
    for value in AWKWARD:
        test = example([value])(test)
    return test


@with_awkward
@given(strategies.lists(texts, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_value_arrives_in_the_script_as_it_is(values):
    """Framed by nulls, since a value may hold anything else."""
    variables = {f"v{number}": value for number, value in enumerate(values)}
    body = "\n".join(f"printf '%s\\0' \"${name}\"" for name in variables)

    seen = shell(Script("print", body, variables).text())

    assert seen.decode().split("\0")[:-1] == values


@with_awkward
@given(strategies.lists(texts, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_every_argument_of_a_command_arrives_as_it_is(arguments):
    line = command_line(["printf", r"%s\0", *arguments])

    assert shell(line).decode().split("\0")[:-1] == arguments


@given(texts)
@settings(max_examples=30, deadline=None)
def test_a_secret_arrives_like_any_value(value):
    seen = shell(Script("print", 'printf %s "$password"', {"password": Secret(value)}).text())

    assert seen.decode() == value


@given(strategies.lists(strategies.text("abc /-.:é", min_size=1, max_size=12), max_size=5))
@settings(max_examples=30, deadline=None)
def test_a_sequence_is_one_word_a_line(words):
    body = 'printf "%s\\n" "$words" | while IFS= read -r word; do printf "<%s>" "$word"; done'

    seen = shell(Script("print", body, {"words": words}).text()).decode()

    assert seen == "".join(f"<{word}>" for word in words or [""])


@given(strategies.data(), texts)
@settings(max_examples=80, deadline=None)
def test_a_script_that_was_cut_off_anywhere_does_nothing(data, value):
    """Only the whole of it runs: a connection may break at any byte."""
    body = "echo 'it did'\nif true; then\n  : \"$value\"; echo 'it did'\nfi"
    text = Script("act", body, {"value": value}).text().encode()
    cut = data.draw(strategies.integers(0, len(text) - len(b"moorage\n") - 1))

    done = subprocess.run(["sh", "-s"], input=text[:cut], capture_output=True, check=False)

    assert b"it did" not in done.stdout


@given(texts)
@settings(max_examples=30, deadline=None)
def test_sudo_is_asked_for_the_command_as_it_is(argument):
    assert shlex.split(command_line(["docker", argument], sudo=True)) == [
        "sudo", "-n", "--", "docker", argument,
    ]  # fmt: skip
