"""The Docker repositories in Nexus and the name they are reached by."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from moorage.config.schema.base import Domain, Model, OneOrMore, Port, form
from moorage.config.schema.nexus import HTTP_PORT
from moorage.config.schema.proxy import ProxySettings
from moorage.config.schema.suggest import suggestion

_NAME = form(
    r"[a-z0-9-][a-z0-9_.-]*",
    'a repository\'s name: small letters, digits, ".", "_" and "-" only, no "." or "_" first',
)


class _Repository(Model):
    port: Port | None = None
    """Connector port that Nexus opens for this repository; null: none."""
    https_port: Port | None = None
    """Connector port with TLS, where Nexus has a key store; null: none."""
    subdomain: str | None = None
    """First word of a host name that this repository is reached by (Nexus Pro); since 3.41."""
    path_routing: bool | None = None
    """Reached by `<nexus.domain>/<repository>/<image>` too, without a port; since 3.84."""
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
    redeploy_latest: bool | None = None
    """With `allow_once`: the tag `latest` may be pushed again; since 3.41."""
    cleanup: Annotated[list[str], OneOrMore] | None = None
    """Names of cleanup policies; null leaves them as they are."""
    proprietary_components: bool | None = None
    """Images here are one's own to Sonatype's firewall."""

    @model_validator(mode="after")
    def _latest(self) -> Self:
        if self.redeploy_latest and self.write_policy != "allow_once":
            raise ValueError("redeploy_latest\tthis is for write_policy: allow_once")
        return self


class Proxy(ProxySettings, _Repository):
    """A repository that fetches from another registry and keeps what it fetched."""

    type: Literal["proxy"]
    """``proxy``: fetches from another registry."""
    cleanup: Annotated[list[str], OneOrMore] | None = None
    """Names of cleanup policies; null leaves them as they are."""


class Group(_Repository):
    """Several repositories read as one; the first that has an image gives it."""

    type: Literal["group"]
    """``group``: several read as one."""
    members: Annotated[list[str], Field(min_length=1), OneOrMore]
    """Repositories in the order in which they are asked."""
    writable_member: str | None = None
    """Hosted member that takes what is pushed to the group (Nexus Pro)."""

    @model_validator(mode="after")
    def _members(self) -> Self:
        for index, member in enumerate(self.members):
            if member in self.members[:index]:
                raise ValueError(f'members[{index}]\t"{member}" is a member already')
        if self.writable_member is not None and self.writable_member not in self.members:
            name = self.writable_member
            raise ValueError(
                f'writable_member\t"{name}" is no member{suggestion(name, self.members)}'
            )
        return self


Repository = Annotated[Hosted | Proxy | Group, Field(discriminator="type")]


def _default_repositories() -> dict[str, Repository]:
    return {
        "docker-private": Hosted(type="hosted", port=8083),
        "docker-hub": Proxy(type="proxy", remote="docker-hub"),
        "docker-all": Group(type="group", port=8082, members=["docker-private", "docker-hub"]),
    }


class Registry(Model):
    """What ``docker login``, ``push`` and ``pull`` meet."""

    domain: Domain
    """Name of the registry, such as registry.example.com."""
    push_domain: Domain | None = None
    """With `ingress.routing: two-names`: the name that is pushed to."""
    repositories: Annotated[dict[Annotated[str, _NAME], Repository], Field(min_length=1)] = Field(
        default_factory=_default_repositories
    )
    """Docker repositories by name. Default: ``docker-private``, ``docker-hub``, ``docker-all``."""
    pull_from: str | None = None
    """Repository that answers pulls; default: the only group with a port; with `path` routing the
    only group."""
    push_to: str | None = None
    """Repository that takes pushes; default: the only hosted one with a port; with `path` routing
    the only one."""

    @field_validator("repositories")
    @classmethod
    def _ports_are_unique(cls, repositories: dict[str, Repository]) -> dict[str, Repository]:
        seen: dict[int, str] = {HTTP_PORT: "Nexus itself"}
        for name, repository in repositories.items():
            for key in ("port", "https_port"):
                port = getattr(repository, key)
                if port is None:
                    continue
                if port in seen:
                    raise ValueError(f"{name}.{key}\t{port} is already the port of {seen[port]}")
                seen[port] = name
        return repositories
