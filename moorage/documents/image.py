"""The Dockerfile, and the image's name that follows from its content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from moorage.config.schema.nexus import HTTP_PORT
from moorage.errors import TemplateError

if TYPE_CHECKING:
    from moorage.config.render import Templates
    from moorage.config.schema.site import Site

TEMPLATE = "Dockerfile.j2"
_DIGITS_IN_TAG = 12


def base_image(site: Site) -> str:
    """What the image is built upon: the base with the version as its tag.

    A tag or digest that the base has already is kept; the colon of ``host:5000/name`` is a port.
    """
    base = site.nexus.image.base
    last_part = base.rpartition("/")[2]
    has_own = ":" in last_part or "@" in base
    return base if has_own else f"{base}:{site.nexus.version}"


def dockerfile(site: Site, templates: Templates) -> str:
    """The rendered Dockerfile.

    Raises:
        TemplateError: it does not render, or does not begin with the base image.
    """
    repositories = site.registry.repositories.values()
    ports = [port for item in repositories for port in (item.port, item.https_port)]
    text = templates.render(
        TEMPLATE,
        site=site,
        base=base_image(site),
        ports=sorted({HTTP_PORT, *(port for port in ports if port is not None)}),
    )
    if not any(line.split()[:1] == ["FROM"] for line in text.splitlines()):
        raise TemplateError(f"{templates.place(TEMPLATE)}: there is no FROM in what it renders")
    return text


def dockerfile_digest(text: str) -> str:
    """SHA-256 of a rendered Dockerfile, in hex; it goes on the built image as a label."""
    return hashlib.sha256(text.encode()).hexdigest()


def image_reference(site: Site, dockerfile_text: str) -> str:
    """Name and tag of the image.

    Without a tag in the inventory the tag is the version and the first digits of the Dockerfile's
    hash, so that other content never comes under the same name.
    """
    image = site.nexus.image
    digest = dockerfile_digest(dockerfile_text)[:_DIGITS_IN_TAG]
    return f"{image.name}:{image.tag or f'{site.nexus.version}-{digest}'}"
