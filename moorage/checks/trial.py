"""What the proofs of verify share: the site as its admin sees it, and an image to push."""

from __future__ import annotations

import gzip
import io
import json
import secrets
import tarfile
from dataclasses import dataclass

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.config.schema.site import Site
from moorage.transport.fleet import Fleet
from moorage.transport.registry import Registry, digest_of
from moorage.values import Secret

_IMAGE = "moorage-verify/probe"


@dataclass(frozen=True)
class Proof:
    """One thing that was tried.

    Args:
        subject: what was tried.
        outcome: what came of it.
        word: ``ok``; ``warning`` where it could not be tried; ``note`` for what nobody can mend.
    """

    subject: str
    outcome: str
    word: str = "ok"


@dataclass(frozen=True)
class Trial:
    """A site, the way to its names, and admin's password."""

    site: Site
    fleet: Fleet
    password: Secret

    def registry(self, prefix: str = "", domain: str | None = None) -> Registry:
        """The registry by a public name, the registry's own by default, as admin."""
        web = self.fleet.web(domain or self.site.registry.domain)
        return Registry(web, "admin", self.password, prefix)

    def past_routing(self, repository: str) -> Registry:
        """A repository by its path in Nexus: every docker repository has one, past all routing."""
        return self.registry(f"/repository/{repository}", self.site.nexus.domain)

    def at(self, reference: str) -> tuple[Registry, str]:
        """The registry of an image, and what the image is called there."""
        domain, _, name = reference.partition("/")
        return self.registry(domain=domain), name

    def own(self, image: str = _IMAGE) -> str:
        """Name of an image that the routing takes."""
        namespaces = self.site.ingress.namespaces
        return f"{namespaces[0]}/{image}" if namespaces else image

    @property
    def image(self) -> str:
        """Name of the image that is pushed."""
        return self.own()

    @property
    def once(self) -> bool:
        """Whether a tag that is there already cannot be pushed again."""
        hosted = self.site.registry.repositories[self.site.push_repository]
        return isinstance(hosted, Hosted) and hosted.write_policy != "allow"

    @property
    def proxies(self) -> list[str]:
        """Proxies among the members of what answers pulls."""
        repositories = self.site.registry.repositories
        group = repositories[self.site.pull_repository]
        members = group.members if isinstance(group, Group) else []
        return [member for member in members if isinstance(repositories[member], Proxy)]


@dataclass(frozen=True)
class Image:
    """An image that can be pushed.

    Args:
        layers: gzipped layers by digest, the lowest first.
        config: the image's configuration as JSON.
    """

    tag: str
    layers: dict[str, bytes]
    config: bytes

    @classmethod
    def new(
        cls, *, once: bool, base: dict[str, bytes] | None = None, content: bytes | None = None
    ) -> Image:
        """An image that no registry has yet: its last layer has one random file.

        Args:
            once: whether a tag that is there already cannot be pushed again.
            base: layers of the image that it is built upon.
            content: of the file instead.
        """
        content = content or secrets.token_hex(16).encode()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            entry = tarfile.TarInfo("moorage-verify")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        layer = gzip.compress(raw.getvalue(), mtime=0)
        below = base or {}
        diffs = [digest_of(gzip.decompress(packed)) for packed in below.values()]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [*diffs, digest_of(raw.getvalue())]},
        }
        tag = secrets.token_hex(6) if once else "latest"
        return cls(tag, {**below, digest_of(layer): layer}, json.dumps(config).encode())
