"""The Docker repositories in Nexus and the name they are reached by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from moorage.config.schema.base import Domain, Model, OneOrMore, Port, form
from moorage.config.schema.nexus import HTTP_PORT

_NAME = form(
    r"[a-z0-9-][a-z0-9_.-]*",
    'a repository\'s name: small letters, digits, ".", "_" and "-" only, a letter or digit first',
)
_ADDRESS = form(r"https?://[^\s/]+\S*", "the address of a registry, https://…")


def _no_credentials(remote: str) -> str:
    if "@" in remote.partition("://")[2].partition("/")[0]:
        raise ValueError("a user and password do not belong into an address")
    return remote


class _Repository(Model):
    port: Port | None = None
    """Connector port that Nexus opens for this repository; null: none."""
    online: bool = True
    """False refuses all requests."""
    blob_store: str = "default"
    """Blob store in Nexus that keeps the content; cannot be changed later."""
    strict_content_type: bool = True
    """Refuse content that is not of its format."""
    force_basic_auth: bool = False
    """False lets clients use the bearer token realm; the rights needed are the same."""
    v1: bool = False
    """Docker's first, long dead API."""


class Hosted(_Repository):
    """A repository for one's own images."""

    type: Literal["hosted"]
    """``hosted``: for one's own images."""
    write_policy: Literal["allow", "allow_once", "deny"] = "allow"
    """``allow_once``: a tag, once pushed, stays; ``deny``: read only."""


class Proxy(_Repository):
    """A repository that fetches from another registry and keeps what it fetched."""

    type: Literal["proxy"]
    """``proxy``: fetches from another registry."""
    remote: Annotated[str, _ADDRESS, AfterValidator(_no_credentials)]
    """Address of the other registry."""
    index: Literal["hub", "registry"] = "registry"
    """``hub``: Docker Hub, where ``hello-world`` means ``library/hello-world``."""
    content_max_age: Annotated[int, Field(ge=-1)] = 1440
    """Minutes that what was fetched counts as fresh; -1 for ever."""
    metadata_max_age: Annotated[int, Field(ge=-1)] = 1440
    """Minutes that tags count as fresh."""
    negative_cache: Annotated[int, Field(ge=0)] = 1440
    """Minutes that "not there" is remembered; 0 switches it off."""
    auto_block: bool = True
    """Stop asking a remote that does not answer."""


class Group(_Repository):
    """Several repositories read as one; the first that has an image gives it."""

    type: Literal["group"]
    """``group``: several read as one."""
    members: Annotated[list[str], Field(min_length=1), OneOrMore]
    """Repositories in the order in which they are asked."""


Repository = Annotated[Hosted | Proxy | Group, Field(discriminator="type")]


def _default_repositories() -> dict[str, Repository]:
    return {
        "docker-private": Hosted(type="hosted", port=8083),
        "docker-hub": Proxy(type="proxy", remote="https://registry-1.docker.io", index="hub"),
        "docker-all": Group(type="group", port=8082, members=["docker-private", "docker-hub"]),
    }


class Registry(Model):
    """What ``docker login``, ``push`` and ``pull`` meet."""

    domain: Domain
    """Name of the registry, such as registry.example.com."""
    repositories: Annotated[dict[Annotated[str, _NAME], Repository], Field(min_length=1)] = Field(
        default_factory=_default_repositories
    )
    """Docker repositories by name. Default: ``docker-private``, ``docker-hub``, ``docker-all``."""
    pull_from: str | None = None
    """Repository that answers pulls; default: the only group with a port."""
    push_to: str | None = None
    """Repository that takes pushes; default: the only hosted one with a port."""

    @field_validator("repositories")
    @classmethod
    def _ports_are_unique(cls, repositories: dict[str, Repository]) -> dict[str, Repository]:
        seen: dict[int, str] = {HTTP_PORT: "Nexus itself"}
        for name, repository in repositories.items():
            if repository.port is None:
                continue
            if repository.port in seen:
                owner = seen[repository.port]
                raise ValueError(f"{name}.port\t{repository.port} is already the port of {owner}")
            seen[repository.port] = name
        return repositories
