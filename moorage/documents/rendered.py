"""The documents by the names of their files, for who wants to see them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from moorage.config.schema.ingress import AUTO
from moorage.documents.exports import exports, exports_path
from moorage.documents.image import dockerfile, image_reference
from moorage.documents.stack import stack
from moorage.errors import Refused

if TYPE_CHECKING:
    from moorage.config.render import Templates
    from moorage.config.schema.site import Site


def rendered(site: Site, templates: Templates, what: str) -> dict[str, str]:
    """Texts by file name.

    Args:
        site: the site.
        templates: the project's templates.
        what: dockerfile, stack, exports or all.

    Raises:
        Refused: there is nothing by that name to render, or the version of Traefik is not told.
        TemplateError: a template does not render.
    """
    text = dockerfile(site, templates)
    image = image_reference(site, text)
    makers: dict[str, tuple[str, Callable[[], str]]] = {
        "dockerfile": ("Dockerfile", lambda: text),
        "stack": ("stack.yml", lambda: stack(_told(site), templates, image)),
        "exports": (PurePosixPath(exports_path(site)).name, lambda: exports(site, templates)),
    }
    if what != "all" and what not in makers:
        raise Refused(f"there is no {what} to render", hint="stack, dockerfile, exports or all")
    return {name: make() for key, (name, make) in makers.items() if what in {"all", key}}


def _told(site: Site) -> Site:
    if site.ingress.version == AUTO:
        raise Refused("ingress.version is auto, and no host is asked here",
                      hint="say it: inv render --traefik-version 3.7")  # fmt: skip
    return site
