"""What an exit code, an error or a key of the inventory means, in the words of its own place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from moorage.config.docstrings import attribute_docs, one_line
from moorage.config.key_words import OF_ITS_KEYS, REQUIRED, choices, default_text, forms
from moorage.config.keys import ANY_NAME, Key, all_keys, matches
from moorage.config.schema.suggest import suggestion
from moorage.errors import MoorageError, Refused
from moorage.exit_codes import ExitCode


def explained(word: str) -> list[str]:
    """What a word means.

    Args:
        word: an exit code, the name of one or of an error, or a key such as ``storage.export``,
            also as a message names it (``hosts.nfs.nas.port``, ``storage.clients[0]``), or the end
            of one.

    Raises:
        Refused: there is no such thing.
    """
    found = _codes(word) or _errors(word) or _keys(word)
    if found:
        return found
    names = [code.name for code in ExitCode] + [kind.__name__ for kind in errors()]
    keys = [key.dotted for key in all_keys()]
    names += keys + sorted({key.rpartition(".")[2] for key in keys})
    raise Refused(
        f'"{word}" is no exit code, no error and no key of the inventory'
        f"{suggestion(word, names, tell_all=False)}",
        hint="fab explain lists all that there is",
    )


def everything() -> list[str]:
    """All that can be explained, one line each."""
    codes = [(str(int(code)), text) for code, text in _code_texts().items()]
    kinds = [(kind.__name__, _told(kind)) for kind in errors()]
    return [
        *("exit codes:", *_columns(codes)),
        *("", "errors:", *_columns(kinds)),
        *("", "keys of the inventory:", *_columns(_rows(all_keys()))),
    ]


def errors() -> list[type[MoorageError]]:
    """All classes of errors, each before its kinds."""
    return list(_kinds(MoorageError))


def _kinds(above: type[MoorageError]) -> Iterator[type[MoorageError]]:
    yield above
    for kind in above.__subclasses__():
        if kind.__module__ == MoorageError.__module__:
            yield from _kinds(kind)


def _code_texts() -> dict[ExitCode, str]:
    told = attribute_docs(ExitCode)
    return {code: one_line(told[code.name]) for code in ExitCode}


def _told(kind: type) -> str:
    """The first paragraph of a class' docstring."""
    return one_line((kind.__doc__ or "").partition("\n\n")[0])


def _codes(word: str) -> list[str]:
    for code, text in _code_texts().items():
        if word in {str(int(code)), code.name}:
            kinds = [kind for kind in errors() if kind.exit_code == code]
            lines = [f"exit code {int(code)}: {text}"]
            return lines + ["  errors that end so:"] * bool(kinds) + [
                f"  {line}" for line in _columns([(kind.__name__, _told(kind)) for kind in kinds])
            ]  # fmt: skip
    return []


def _errors(word: str) -> list[str]:
    for kind in errors():
        if word.lower() == kind.__name__.lower():
            above = kind.__bases__[0]
            lines = [f"error {kind.__name__}: {_told(kind)}"]
            if above is not MoorageError and issubclass(above, MoorageError):
                lines.append(f"  a kind of {above.__name__}: {_told(above)}")
            return [*lines, f"  exit code {int(kind.exit_code)}: {_code_texts()[kind.exit_code]}"]
    return []


def _keys(word: str) -> list[str]:
    steps = tuple(re.sub(r"\[\d+\]", "", word).split("."))
    whole = [key for key in all_keys() if matches(key.steps, steps)]
    if found := whole or _with_names(steps):
        return _whole(found)
    ends = [key for key in all_keys() if key.steps[-len(steps) :] == steps]
    if len({key.dotted for key in ends}) > 1:
        return ["several keys end so; name one of them whole:", *_columns(_rows(ends))]
    return _whole(ends)


def _with_names(steps: tuple[str, ...]) -> list[Key]:
    """What a path means that ends with a name of the operator's, or has one with dots in it."""
    parts = {key.steps[:at] for key in all_keys()
             for at, step in enumerate(key.steps) if step == ANY_NAME}  # fmt: skip
    above = {part for part in parts if matches((*part, ANY_NAME), steps)}
    named = [key for key in all_keys() if key.steps in above]
    text = ".".join(steps)
    return named or [key for key in all_keys()
                     if ANY_NAME in key.steps and _form(key.steps).fullmatch(text)]  # fmt: skip


def _form(pattern: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\.".join(".+?" if step == ANY_NAME else re.escape(step)
                                 for step in pattern))  # fmt: skip


def _whole(keys: Sequence[Key]) -> list[str]:
    """All about a key; it may mean something else for another ``type``."""
    lines: list[str] = []
    for text in dict.fromkeys(one_line(key.description) for key in keys):
        same = [key for key in keys if one_line(key.description) == text]
        kinds = ", ".join(key.kind for key in same if key.kind)
        lines.append(f"{same[0].dotted}{f' (type: {kinds})' if kinds else ''}: {text}")
        lines += [f"  {fact}" for fact in _facts(same[0])]
    return lines + _below(keys)


def _facts(key: Key) -> Iterator[str]:
    default = default_text(key.field)
    if default == REQUIRED:
        yield REQUIRED
    elif default != OF_ITS_KEYS:
        yield f"default: {default}"
    if words := choices(key.field.annotation):
        yield f"one of: {', '.join(words)}"
    yield from (f"form: {words}" for words in forms(key.field))


def _below(keys: Sequence[Key]) -> list[str]:
    """The keys of a part, in the part's own order."""
    above = {key.steps for key in keys}
    inner = [key for key in all_keys() if _parent(key.steps) in above]
    return ["  its keys:", *(f"  {line}" for line in _columns(_rows(inner)))] if inner else []


def _parent(steps: tuple[str, ...]) -> tuple[str, ...]:
    above = steps[:-1]
    return above[:-1] if above[-1:] == (ANY_NAME,) else above


def _rows(keys: Sequence[Key]) -> list[tuple[str, str]]:
    """Keys with their words, each once."""
    rows: dict[str, str] = {}
    for key in keys:
        rows.setdefault(key.dotted, one_line(key.description))
    return list(rows.items())


def _columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:{width}}  {text}" for name, text in rows]
