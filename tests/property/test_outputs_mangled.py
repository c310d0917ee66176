"""Whatever a host or a server prints, each parser gives plain data or an error with a hint.

What is cut off before its end, or lacks a part, is an error: never something that is not there.
"""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pytest
from examples import examples, seeds
from hypothesis import given
from hypothesis import strategies as st
from mangled_outputs import documents, frames, mangled
from parsers_table import READS

from moorage.errors import MoorageError

ROOT = Path(__file__).resolve().parents[2]
WHOLE = [name for name, read in READS.items() if read.required]
READERS = {"sections", "all_sections", "loads", "json", "json_list"}
"""What a function calls that makes data of what was printed."""
ELSEWHERE = {
    # held by other tests: what is written here, by people, or by this program itself
    "moorage.transport.base": "frames themselves: test_frames_hold",
    "moorage.transport.registry": "the registry's own answers: test_registry_client",
    "moorage.steps.backup.content": "what Nexus lists, in a proof: test_rehearsal_step",
    "moorage.steps.nexus": "Nexus' settings: test_nexus_mangled",
    "moorage.checks": "fab doctor: test_doctor_mangled",
    "moorage.status.reading": "hands parts to the parsers of the table",
    "moorage.gather": "hands the lock's part to lock.holder",
    "moorage.cli_locks": "hands the lock's part to lock.holder",
    "moorage.order_backup": "hands the part of a target to its reader",
    "moorage.completion": "files that this program itself has written: test_completion_words",
    "moorage.steps.stack.rollback": "texts as they are, no form: test_steps",
    "moorage.steps.upgrade.step.read": "words by number: test_steps",
    "moorage.steps.nodes.plan": "daemon.json, which an operator writes: test_nodes_plan",
    "moorage.steps.backup.observe": "test_backup_step, on hosts that are shells",
}  # fmt: skip


def tried(parse, output):
    """What a parser makes of it; its error where it has none."""
    try:
        return parse(output)
    except MoorageError as caught:
        failure = caught
    assert failure.hint
    assert failure.message
    "\n".join(failure.lines()).encode()
    return failure


@pytest.mark.parametrize("name", READS)
def test_what_is_whole_is_read(name):
    assert not isinstance(tried(READS[name].parse, READS[name].output), MoorageError)


@examples(150)
@given(st.sampled_from(sorted(READS)), seeds)
def test_what_is_mangled_is_plain_data_or_an_error_with_a_hint(name, seed):
    made = tried(READS[name].parse, mangled(Random(seed), READS[name].output))

    repr(made).encode("utf-8", "backslashreplace")


@examples(60)
@given(st.sampled_from(WHOLE), st.data())
def test_what_was_cut_off_before_its_end_is_an_error(name, data):
    output = READS[name].output
    cut = data.draw(st.integers(0, len(output) - 1))

    assert isinstance(tried(READS[name].parse, output[:cut]), MoorageError)


@pytest.mark.parametrize("name", WHOLE)
def test_what_was_cut_off_at_the_end_of_any_part_is_an_error(name):
    output = READS[name].output
    begun = [begin for begin, _, _, _ in frames(output)]

    assert begun
    for cut in [*begun, len(output) - 1]:
        assert isinstance(tried(READS[name].parse, output[:cut]), MoorageError), output[cut:][:99]


@pytest.mark.parametrize("name", WHOLE)
def test_a_part_that_is_missing_is_an_error(name):
    output = READS[name].output

    for begin, _, _, after in frames(output):
        without = output[:begin] + output[after:]
        if output[begin:].split(maxsplit=2)[1] not in READS[name].without:
            assert isinstance(tried(READS[name].parse, without), MoorageError), output[begin:][:40]


def json_parts():
    """Parts that are JSON as a whole, with where they stand.

    What an operator wrote is compared as it is, and a volume that is not there is told by silence.
    """
    other = {("nodes", "daemon"), ("takeover node", "volumes"), ("takeover manager", "volumes")}
    for name in WHOLE:
        output = READS[name].output
        for begin, inside, end, _ in frames(output):
            text = output[inside:end].strip()
            if next(((at, to) for at, to, _ in documents(text)), None) == (0, len(text)):
                part = output[begin:inside].split()[1]
                if (name, part) not in other:
                    yield pytest.param(name, inside, end, id=f"{name}: {part}")


@pytest.mark.parametrize(("name", "inside", "end"), list(json_parts()))
def test_json_that_is_none_is_an_error_and_nothing_that_is_absent(name, inside, end):
    output = READS[name].output

    for instead in ("", "WARNING: no swap limit", "{", "[{", "[", '[{"x": 1}'):
        made = tried(READS[name].parse, f"{output[:inside]}{instead}\n{output[end:]}")
        assert isinstance(made, MoorageError), instead


@pytest.mark.parametrize("name", [name for name in WHOLE if " nodes\n" in READS[name].output])
@pytest.mark.parametrize("none", ["[]", "null"])
def test_a_swarm_without_any_node_is_an_error(name, none):
    output = READS[name].output
    inside, end = next((inside, end) for begin, inside, end, _ in frames(output)
                       if output[begin:inside].split()[1] == "nodes")  # fmt: skip

    made = tried(READS[name].parse, f"{output[:inside]}{none}\n{output[end:]}")

    assert isinstance(made, MoorageError)


def test_every_parser_is_in_the_table():
    covered = {f"moorage.{function}" for read in READS.values() for function in read.covers}
    parsers = set(_parsers())
    elsewhere = {one: [full for full in parsers if full == one or full.startswith(f"{one}.")]
                 for one in ELSEWHERE}  # fmt: skip

    assert parsers - covered - set().union(*elsewhere.values()) == set()
    assert [one for one, found in elsewhere.items() if not found] == []


def _parsers():
    """Functions that make data of text, by their whole names."""
    for path in sorted((ROOT / "moorage").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(f"{reader}(" in text for reader in READERS):
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef) and _reads(function):
                yield f"{module}.{function.name}"


def _reads(function):
    return any(
        isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in READERS
        for call in ast.walk(function)
    )
