"""What Nexus has, as it tells by HTTP: its repositories, and some of their files by checksum."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from secrets import SystemRandom
from typing import Any
from urllib.parse import urlsplit

from moorage.errors import MoorageError, RequestRefused
from moorage.steps.backup.generations import Asset, Content
from moorage.transport.base import Progress
from moorage.transport.http import Web

_REST = "/service/rest/v1"
_PAGES = 5
"""Pages of files that are looked at in one repository: the Community Edition counts requests."""
_LARGEST = 100_000_000
"""Bytes of a file that is fetched; larger ones are told by the checksums of the data directory."""
_ANY = {"Accept": (
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*"
)}  # fmt: skip
"""Kinds of manifest that are to be given as they are stored (OCI distribution-spec, "Pull")."""

_TAG = re.compile(r"/manifests/(?!sha256:)[^/]+$")
"""The manifest that a tag leads to, which the next push may change (OCI distribution-spec)."""

Pick = Callable[[Sequence[Asset], int], Sequence[Asset]]


def by_chance(assets: Sequence[Asset], number: int) -> Sequence[Asset]:
    """Some of them, each as likely as any other."""
    return SystemRandom().sample(assets, min(number, len(assets)))


def read_content(web: Web, sample: int, progress: Progress, pick: Pick = by_chance) -> Content:
    """What a Nexus has.

    Args:
        web: it, logged in.
        sample: how many files are told.

    Raises:
        RequestRefused: the login may not read it.
        Unreachable: no answer.
    """
    repositories = _repositories(web)
    found: list[Asset] = []
    for name, kind in sorted(repositories.items()):
        if not kind.endswith(" group"):
            progress(f"looking at the files of {name}")
            found += (one for one in _assets(web, name) if _lasts(one, kind))
    return Content(repositories, tuple(pick(found, sample)))


def _lasts(asset: Asset, kind: str) -> bool:
    """Whether it stays the same in use: a push moves a tag, a proxy fetches such as lists anew."""
    named_by_checksum = "/sha256:" in asset.path
    return named_by_checksum if kind.endswith(" proxy") else not _TAG.search(asset.path)


def _repositories(web: Web) -> dict[str, str]:
    listed = web.call("GET", f"{_REST}/repositories").json()
    return {one["name"]: f"{one['format']} {one['type']}" for one in listed}


def _assets(web: Web, repository: str) -> Iterator[Asset]:
    token = None
    for _ in range(_PAGES):
        params = {"repository": repository, **({"continuationToken": token} if token else {})}
        page = web.call("GET", f"{_REST}/assets", params=params).json()
        for item in page.get("items") or []:
            if found := _asset(repository, item):
                yield found
        token = page.get("continuationToken")
        if not token:
            return


def _asset(repository: str, item: dict[str, Any]) -> Asset | None:
    """A file, where it has a checksum to compare by and an address to fetch it from."""
    digest = (item.get("checksum") or {}).get("sha256")
    address = urlsplit(item.get("downloadUrl") or "")
    if int(item.get("fileSize") or 0) > _LARGEST:
        return None
    return Asset(repository, address.path, digest) if digest and address.path else None


def unlike(web: Web, wanted: Content, progress: Progress) -> list[str]:
    """What a Nexus has otherwise than a manifest says, line by line; nothing where all is so."""
    lines = []
    there = _repositories(web)
    for name in sorted({*wanted.repositories, *there}):
        before, now = wanted.repositories.get(name), there.get(name)
        if before != now:
            lines.append(f"repository {name}: {now or 'is not there'}, was {before or 'not there'}")
    for number, asset in enumerate(wanted.assets, 1):
        progress(f"comparing file {number} of {len(wanted.assets)}")
        if said := _unlike(web, asset):
            lines.append(f"{asset.path}: {said}")
    return lines


def _unlike(web: Web, asset: Asset) -> str:
    try:
        answer = web.call("GET", asset.path, ok=(200,), headers=_ANY)
    except RequestRefused as refused:
        return f"HTTP {refused.status}"
    except MoorageError as failure:
        return failure.message
    if _TAG.search(asset.path):
        # earlier manifests tell of tags too
        return ""
    digest = hashlib.sha256(answer.content).hexdigest()
    return "" if digest == asset.sha256 else f"has sha256 {digest[:12]}…, was {asset.sha256[:12]}…"
