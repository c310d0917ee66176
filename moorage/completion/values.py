"""Values of arguments: names of inventories and, of the one that is meant, its hosts and users.

An inventory is read for its names alone and not validated: one that is being written helps too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moorage.completion.words import Line

SHELLS = ("bash", "zsh", "fish")
_ROLES = {
    ("", "hosts"): ("nfs", "managers", "nodes", "clients"),
    ("shell", "host"): ("nfs", "managers", "nodes", "clients"),
    ("sudoers", "host"): ("nfs", "managers", "nodes", "clients"),
    ("relocate", "to"): ("managers", "nodes"),
    ("relocate", "fenced"): ("managers", "nodes"),
    ("data-move", "source"): ("managers", "nodes"),
}
"""Which hosts an argument takes."""


class Known:
    """Gives the values that can be told of.

    Args:
        root: the project's folder.
        environ: the environment.
    """

    def __init__(self, root: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._root = root
        self._environ = environ

    def __call__(self, task: str, name: str, line: Line) -> list[str]:
        """Values of a task's argument; none where it is not known or takes a file."""
        if name == "inventory":
            return self.inventories()
        if (task, name) in _ROLES:
            data = self._data(line)
            return [host for role in _ROLES[task, name] for host in _keys(data, "hosts", role)]
        if (task, name) == ("rotate", "who"):
            return ["admin", *_keys(self._data(line), "nexus", "users")]
        if (task, name) == ("plan", "step"):
            from moorage.choice import ORDER

            return list(ORDER)
        if (task, name) == ("explain", "word"):
            return list(self._explained())
        return list(SHELLS) if (task, name) == ("completion", "shell") else []

    def inventories(self) -> list[str]:
        """Names of the inventories."""
        from moorage.config.inventory import available

        return available(self._root)

    def _data(self, line: Line) -> Any:
        """What the inventory that is meant says; nothing where it cannot be read."""
        from moorage.config.inventory import locate
        from moorage.config.yamlfile import YamlSyntaxError, read_yaml
        from moorage.errors import Refused

        try:
            path = locate(line.given.get("inventory"), root=self._root, environ=self._environ)
            return read_yaml(path.read_text("utf-8")).data
        except (Refused, OSError, ValueError, YamlSyntaxError):
            return None

    def _explained(self) -> Iterator[str]:
        import json

        from moorage import errors
        from moorage.config.inventory import SCHEMA
        from moorage.exit_codes import ExitCode

        yield from (str(int(code)) for code in ExitCode)
        classes = [one for one in vars(errors).values() if isinstance(one, type)]
        yield from (one.__name__ for one in classes if issubclass(one, errors.MoorageError))
        schema = json.loads((self._root / SCHEMA).read_text("utf-8"))
        yield from _dotted(schema, schema["$defs"], "")


def _keys(data: Any, *steps: str) -> list[str]:
    for step in steps:
        data = data.get(step) if isinstance(data, dict) else None
    return [str(key) for key in data] if isinstance(data, dict) else []


def _dotted(part: Any, defs: Mapping[str, Any], above: str) -> Iterator[str]:
    """The keys of a JSON Schema that stand below no name of the operator's."""
    part = defs[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    for choice in part.get("anyOf", ()):
        yield from _dotted(choice, defs, above)
    for key, below in part.get("properties", {}).items():
        yield f"{above}{key}"
        yield from _dotted(below, defs, f"{above}{key}.")
