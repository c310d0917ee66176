"""What a class says of its fields: the text below each, which Python itself does not keep."""

from __future__ import annotations

import ast
import inspect
import textwrap


def attribute_docs(cls: type) -> dict[str, str]:
    """The docstrings below a class' fields, those of its base classes included, by name."""
    told: dict[str, str] = {}
    for level in reversed(cls.__mro__):
        if level.__module__.startswith("moorage."):
            told |= _own(level)
    return told


def one_line(text: str) -> str:
    """A docstring's text without its line breaks and the marks of its form."""
    return " ".join(text.split()).replace("``", "`")


def _own(cls: type) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101
    return {
        name: inspect.cleandoc(below.value.value)
        for line, below in zip(body.body, body.body[1:], strict=False)
        if isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
        for name in _names(line)
    }


def _names(line: ast.stmt) -> list[str]:
    if isinstance(line, ast.AnnAssign):
        return [line.target.id] if isinstance(line.target, ast.Name) else []
    targets = line.targets if isinstance(line, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
