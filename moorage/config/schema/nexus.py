"""Nexus itself: version, image, memory, first boot."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Domain, Duration, Model, SecretReference, Size

_IMAGE_NAME = r"^[a-z0-9]+([._:/-]+[a-z0-9]+)*$"
_TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"


class Image(Model):
    """The image that is built from ``templates/Dockerfile.j2``."""

    name: Annotated[str, Field(pattern=_IMAGE_NAME)] = "moorage/nexus"
    """Without a tag; with a registry's name in front where it is pushed to one."""
    tag: Annotated[str, Field(pattern=_TAG)] | None = None
    """Default: the version and a hash of the rendered Dockerfile, so that it never moves."""
    base: Annotated[str, Field(min_length=1)] = "sonatype/nexus3"
    """``FROM``: the version is added as its tag unless a tag or digest is given here."""
    distribution: Literal["load", "registry"] = "load"
    """``load``: by SSH to every node; ``registry``: pushed to the registry in its name."""


class Memory(Model):
    """What Nexus may use. ``null`` leaves it to the image or to Docker."""

    heap: Size | None = "2703m"
    """Both -Xms and -Xmx."""
    direct: Size | None = "2703m"
    """-XX:MaxDirectMemorySize."""
    limit: Size | None = "6g"
    """The container's limit."""


class Nexus(Model):
    """The service that keeps the images."""

    version: Annotated[str, Field(pattern=r"^3\.\d+\.\d+$")]
    domain: Domain
    """Name of Nexus' web pages and REST API, such as nexus.example.com."""
    image: Image = Image()
    memory: Memory = Memory()
    uid: Annotated[int, Field(ge=1)] = 200
    """Numeric user of the process; owns the exported directory."""
    environment: dict[str, str] = {}
    """Further environment variables of the container; never for secrets."""
    admin_password: SecretReference = "env:NEXUS_ADMIN_PASSWORD"
    accept_eula: bool = False
    """True accepts the licence of the Community Edition in your name (3.77 and later ask)."""
    anonymous: bool = False
    """Whether images may be pulled without a login."""
    startup_timeout: Duration = "20m"
    """How long Nexus may take from its container's start until it can be written to."""
