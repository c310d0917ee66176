"""The file for ``/etc/exports.d`` on the NFS host."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage.errors import TemplateError

if TYPE_CHECKING:
    from moorage.config.render import Templates
    from moorage.config.schema.site import Site

TEMPLATE = "exports.j2"
_FOLDER = "/etc/exports.d"
MOVING = "# Nexus is being moved to "
"""Begins the line of an export file that lets nobody in for the time being."""


def exports_path(site: Site) -> str:
    """Where the file goes; exports(5) reads names that end in ``.exports`` only."""
    return f"{_FOLDER}/moorage-{site.stack.name}.exports"


def exports(site: Site, templates: Templates, on: Sequence[str] = ()) -> str:
    """The rendered export file.

    Args:
        on: names of the nodes that Nexus is on, as :meth:`Site.export_clients` takes them.

    Raises:
        TemplateError: it does not render, exports another path, or would let the world in: a
            space before the parenthesis does that, and so does an entry without a client
            (exports(5)).
    """
    text = templates.render(
        TEMPLATE,
        site=site,
        path=site.storage.export,
        clients=site.export_clients(on),
        options=",".join(site.storage.export_options),
    )
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    path, *entries = lines[0].split() if len(lines) == 1 else [""]
    problem = ""
    if path != site.storage.export:
        problem = f"it is to render one line, for {site.storage.export}"
    elif not entries or not all(re.fullmatch(r"[^()*]+\([^()]+\)", entry) for entry in entries):
        problem = "each client is to have its options right behind it: client(options)"
    if problem:
        raise TemplateError(f"{templates.place(TEMPLATE)}: {problem}")
    return text


def closed(site: Site, to: str) -> str:
    """The export file while Nexus is moved: it exports nothing, and says why.

    Args:
        to: inventory name of the node that it is moved to.
    """
    return (
        f"# Managed by Moorage for the stack {site.stack.name}:"
        " changes made here are overwritten.\n"
        f"{MOVING}{to}: fab relocate --to {to} lets it in.\n"
    )
