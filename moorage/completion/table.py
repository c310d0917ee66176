"""Tasks and flags of ``fab`` and ``inv``, as Invoke has them, kept so that the next Tab is quick.

To ask Invoke takes as long as ``fab -l``, most of it for the imports of Fabric. What it said is
kept in the project's own environment until one of the files with tasks changes.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_TASK_FILES = ("tasks.py", "fabfile/*.py", "lab/tasks.py", "house/tasks.py",
               "moorage/tasks_begin.py", "moorage/completion/table.py")  # fmt: skip
_KEPT = "moorage-completion.json"


@dataclass(frozen=True)
class Words:
    """What may stand behind a task, or behind the program itself.

    Args:
        flags: name of the argument by flag, and whether a value follows.
        positional: arguments that may be given without their flag, in order.
        often: arguments that may be given more than once.
    """

    flags: dict[str, tuple[str, bool]] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    often: tuple[str, ...] = ()


Table = dict[str, dict[str, Words]]
"""Words by program and task; those of the program itself stand at the empty name."""


def table(root: Path) -> Table:
    """All tasks and flags.

    Args:
        root: the project's folder.
    """
    kept = Path(sys.prefix) / _KEPT
    stamp = _stamp(root)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(kept.read_text("utf-8"))
        if found["stamp"] == stamp:
            return _read(found["table"])
    made = asked(root)
    beside = kept.with_suffix(".new")
    with contextlib.suppress(OSError):
        data = {program: {task: asdict(words) for task, words in tasks.items()}
                for program, tasks in made.items()}  # fmt: skip
        beside.write_text(json.dumps({"stamp": stamp, "table": data}), "utf-8")
        beside.replace(kept)
    return made


def _stamp(root: Path) -> list[list[str | int]]:
    files = sorted(path for pattern in _TASK_FILES for path in root.glob(pattern))
    found = [(path, path.stat()) for path in files]
    return [[str(path), state.st_mtime_ns, state.st_size] for path, state in found]


def _read(data: dict[str, Any]) -> Table:
    return {
        program: {
            task: Words({flag: (name, takes) for flag, (name, takes) in words["flags"].items()},
                        tuple(words["positional"]), tuple(words["often"]))
            for task, words in tasks.items()
        }
        for program, tasks in data.items()
    }  # fmt: skip


def asked(root: Path) -> Table:
    """The same, asked of Invoke and Fabric."""
    from fabric.main import make_program
    from invoke.program import Program

    made: Table = {}
    for name, program in (("fab", make_program()), ("inv", Program())):
        program.create_config()
        program.parse_core([name, "--search-root", str(root), "--write-pyc"])
        program.parse_collection()
        contexts = program.collection.to_contexts()
        made[name] = {"": _words(program.initial_context)}
        made[name] |= {str(context.name): _words(context) for context in contexts}
    return made


def _words(context: Any) -> Words:
    return Words(
        dict(_flags(context)),
        tuple(_name(argument) for argument in context.positional_args),
        tuple(_name(argument) for argument in context.args.values() if argument.kind is list),
    )


def _flags(context: Any) -> Iterator[tuple[str, tuple[str, bool]]]:
    for flag in context.flag_names():
        plain = context.inverse_flags.get(flag, flag)
        argument = context.flags[plain]
        yield flag, (_name(argument), argument.takes_value)


def _name(argument: Any) -> str:
    """Its long name; the program's own arguments have the short one first."""
    return str(max(argument.names, key=len))
