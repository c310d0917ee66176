"""All references to secrets in an inventory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from moorage.config.schema.base import secret_reference
from moorage.config.schema.site import Site


def references(site: Site) -> Iterator[str]:
    """Each of them, as it is written, in the order of the inventory; some may come again."""
    return _references(site.model_dump(by_alias=True))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            yield secret_reference(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
