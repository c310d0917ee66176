"""Renders the operator's templates; a name that is not there is an error, never an empty text."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb
from typing import Any, NoReturn, cast

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.utils import missing

from moorage.config.paths import shown
from moorage.errors import TemplateError

FOLDER = "templates"
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_YAML_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


class Templates:
    """The templates of a project.

    Args:
        root: the project's folder, which has ``templates``.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._environment = Environment(
            loader=FileSystemLoader(self._folder),
            undefined=_Strict,
            autoescape=False,  # noqa: S701  YAML and Dockerfiles, no HTML
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_no_null,
        )
        self._environment.filters["compose"] = for_compose

    def place(self, name: str, line: int = 0) -> str:
        """A template's file, and line, as the operator would type it."""
        file = shown(self._folder / name)
        return f"{file}:{line}" if line else file

    def render(self, name: str, **context: object) -> str:
        """Render a template.

        Args:
            name: file name below ``templates``.
            context: what the template may name.

        Raises:
            TemplateError: no such template, a syntax error, an undefined name, or whatever else
                its expressions raise; with file and line.
        """
        try:
            return self._environment.get_template(name).render(context)
        except TemplateNotFound as error:
            missing_file = self.place(str(error.name))
            raise TemplateError(f"{missing_file}: there is no such template") from error
        except TemplateSyntaxError as error:
            place = self.place(error.name or name, error.lineno)
            raise TemplateError(f"{place}: {error.message}") from error
        except _MissingNameError as error:
            file, line = self._where(error, name)
            wording = self._undefined(error, file, line, list(context))
            raise TemplateError(f"{self.place(file, line)}: {wording}") from error
        except Exception as error:
            place = self.place(*self._where(error, name))
            raise TemplateError(f"{place}: {error}") from error

    def _where(self, error: BaseException, name: str) -> tuple[str, int]:
        """The template's line that was being rendered; Jinja puts it into the traceback."""
        found = (name, 0)
        for frame, line in walk_tb(error.__traceback__):
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(self._folder):
                found = (str(file.relative_to(self._folder)), line)
        return found

    def _undefined(self, error: _MissingNameError, file: str, line: int, context: list[str]) -> str:
        owner = self._owner(error.name, file, line) if error.has_owner else ""
        known = error.known if error.has_owner else context
        close = get_close_matches(error.name, known, n=1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        return f"'{error.name}' is undefined{f' on {owner}' if owner else ''}{meant}"

    def _owner(self, name: str, file: str, line: int) -> str:
        """What stands before the dot of an undefined attribute, as the template writes it."""
        tree = self._environment.parse((self._folder / file).read_text(encoding="utf-8"))
        kinds = (nodes.Getattr, nodes.Getitem)
        found = [
            node
            for node in tree.find_all(kinds)
            if isinstance(node, kinds) and _attribute(node) == name
        ]
        nearest = sorted(found, key=lambda node: abs(node.lineno - line))
        return _written(nearest[0].node) if nearest else ""


class _MissingNameError(UndefinedError):
    """An undefined name, with what was known where it was looked for."""

    def __init__(self, name: str, owner: Any) -> None:
        super().__init__(f"'{name}' is undefined")
        self.name = name
        self.has_owner = owner is not missing
        self.known = _names_of(owner)


class _Strict(StrictUndefined):
    """Raises with the name and its owner, so that a close match can be found."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[UndefinedError] = UndefinedError,
    ) -> None:
        def failing(text: str) -> UndefinedError:
            return exc(text) if hint or name is None else _MissingNameError(str(name), obj)

        super().__init__(hint, obj, name, cast("type[UndefinedError]", failing))


def for_compose(value: object) -> str:
    """Write a text for a compose file: in quotes unless it is a plain word, with ``$`` doubled.

    Docker replaces ``$NAME`` in compose files by the environment (compose specification,
    "Interpolation"); ``$$`` stands for the character itself.
    """
    text = str(value).replace("$", "$$")
    if _PLAIN_WORD.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _no_null(value: object) -> object:
    if value is None:
        _fail_null()
    return value


def _fail_null() -> NoReturn:
    raise ValueError("this is null in the inventory: test it with {% if … is not none %}")


def _names_of(owner: Any) -> list[str]:
    if owner is missing:
        return []
    keys = [str(key) for key in owner] if isinstance(owner, dict) else []
    fields = [str(name) for name in getattr(type(owner), "model_fields", {})]
    return keys or fields or [name for name in dir(owner) if not name.startswith("_")]


def _attribute(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    constant = node.arg if isinstance(node, nodes.Getitem) else None
    return str(constant.value) if isinstance(constant, nodes.Const) else ""


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return f"{_written(node.node)}.{_attribute(node)}"
    return "it"
