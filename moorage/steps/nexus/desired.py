"""What the inventory asks of Nexus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from moorage.config.schema.blobstores import BlobStore
from moorage.config.schema.people import Role, User
from moorage.config.schema.registry import Repository
from moorage.config.schema.site import Site
from moorage.config.schema.upkeep import CleanupPolicy, UpkeepTask
from moorage.steps.nexus.api import Resolve, Scope
from moorage.values import Secret


def _no_secrets(reference: str) -> Secret:
    raise AssertionError(f"nobody said how to resolve {reference}")


@dataclass(frozen=True)
class NexusDesired:
    """The parts of the inventory that are Nexus' own business, and the flags of the run.

    Args:
        base_url: the address that Nexus gives for itself; None leaves it alone.
        base_url_explicit: whether the inventory names that address itself.
        pull_from, push_to: repositories that ``docker-pull`` and ``docker-push`` are for.
        mail_domain: of new users without an address.
        secret: resolves a secret reference; asked only for what is sent or tried.
        prune: remove what is there and not in the inventory.
        resend_passwords: send secrets that cannot be read, though nothing else differs.
    """

    accept_eula: bool = False
    anonymous: bool = False
    allowed_remotes: tuple[str, ...] = ()
    base_url: str | None = None
    base_url_explicit: bool = False
    repositories: Mapping[str, Repository] = field(default_factory=dict)
    blob_stores: Mapping[str, BlobStore] = field(default_factory=dict)
    cleanup_policies: Mapping[str, CleanupPolicy] = field(default_factory=dict)
    tasks: Mapping[str, UpkeepTask] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    pull_from: str = ""
    push_to: str = ""
    mail_domain: str = "localhost"
    secret: Resolve = _no_secrets
    prune: bool = False
    resend_passwords: bool = False

    def scope(self) -> Scope:
        """What must be read to plan it."""
        policies = any(getattr(item, "cleanup", None) for item in self.repositories.values())
        users = {name: self.secret(user.password) for name, user in self.users.items()
                 if user.status == "active"}  # fmt: skip
        return Scope(
            users=users if self.users else None,
            roles=bool(self.roles or self.users),
            cleanup_policies=policies or bool(self.cleanup_policies),
            tasks=frozenset(self.tasks),
            blob_stores=frozenset(self.blob_stores),
            base_url=self.base_url is not None,
            allowed_remotes=bool(self.allowed_remotes),
            held=frozenset(self.repositories) if self.prune else None,
        )


def desired(site: Site, secret: Resolve, *, prune: bool, resend_passwords: bool) -> NexusDesired:
    """What a site asks; flags as ``fab nexus-seed`` has them."""
    nexus = site.nexus
    return NexusDesired(
        accept_eula=nexus.accept_eula,
        anonymous=nexus.anonymous,
        allowed_remotes=tuple(nexus.allowed_remotes),
        base_url=_address(site) if nexus.base_url == "auto" else nexus.base_url,
        base_url_explicit=nexus.base_url != "auto",
        repositories=site.docker_repositories(),
        blob_stores=nexus.blob_stores,
        cleanup_policies=nexus.cleanup_policies,
        tasks=nexus.tasks,
        roles=nexus.roles,
        users=nexus.users,
        pull_from=site.pull_repository,
        push_to=site.push_repository,
        mail_domain=nexus.domain,
        secret=secret,
        prune=prune,
        resend_passwords=resend_passwords,
    )


def _address(site: Site) -> str:
    ingress = site.ingress
    scheme, usual = ("https", 443) if ingress.tls else ("http", 80)
    port = "" if ingress.port == usual else f":{ingress.port}"
    return f"{scheme}://{site.nexus.domain}{port}"
