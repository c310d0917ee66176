"""The table of docs/ingress.md, as rows of requests and where each is to arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "ingress.md"
PORTS = {"nexus": 8081, "group": 8082, "hosted": 8083, "404": None}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DIGEST = "sha256:" + "0123456789abcdef" * 4
OWN, OTHER = "team/app", "library/alpine"
_FIRST_COLUMNS = 3


@dataclass(frozen=True)
class Column:
    """One column: a routing, seen by one kind of image or one name.

    Args:
        routing: of the inventory.
        image: what NAME stands for.
        pushes: whether the request goes to the name that is pushed to.
    """

    routing: str
    image: str = OWN
    pushes: bool = False


COLUMNS = {
    "`split`": Column("split"),
    "`split-safe`": Column("split-safe"),
    "`namespaces`, own": Column("namespaces"),
    "`namespaces`, other": Column("namespaces", OTHER),
    "`two-names`, pull": Column("two-names"),
    "`two-names`, push": Column("two-names", pushes=True),
    "`path`": Column("path", f"docker-all/{OWN}"),
}


@dataclass(frozen=True)
class Cell:
    """One request, and the port of Nexus that it is to reach; None where no router takes it."""

    column: Column
    method: str
    shown: str
    port: int | None

    @property
    def path(self) -> str:
        """The path with all its words filled in."""
        path = self.shown.replace("NAME", self.column.image).replace("DIGEST", DIGEST)
        return path.replace("/ID", "/0a1b2c-7").replace("/TAG", "/1.0")


def cells(routing: str | None = None) -> list[Cell]:
    """All cells of the table, or those of one routing."""
    return [cell for cell in _cells() if routing in (None, cell.column.routing)]


def _cells() -> Iterator[Cell]:
    text = DOCUMENT.read_text()
    (table,) = re.findall(r"<!-- routes -->\n((?:\|.*\n)+)<!-- routes end -->", text)
    head, _, *lines = [_split(line) for line in table.splitlines()]
    columns = [COLUMNS[name] for name in head[_FIRST_COLUMNS:]]
    for methods, path, _, *places in lines:
        for method in methods.split(", "):
            for column, place in zip(columns, places, strict=True):
                yield Cell(column, method, path.strip("`"), PORTS[place])


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]
