"""What may go, and what that frees. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moorage.steps.clean.observe import Image, NodeSeen

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000.0
_ROUNDED_UP = 999.5


@dataclass(frozen=True)
class Left:
    """What a host keeps for nothing.

    Args:
        images: those of former builds that nothing uses; freed: bytes that they alone take.
        volumes: former definitions that nothing uses.
        kept: why others stay, in words.
    """

    images: tuple[Image, ...]
    volumes: tuple[str, ...]
    freed: int
    kept: tuple[str, ...]


def left_over(
    seen: NodeSeen, *, name: str, stack: str, service: str, wanted: Iterable[str],
    volumes: Iterable[str],
) -> Left:  # fmt: skip
    """What of a host's images and volumes is of former builds and deployments.

    Args:
        name: that of the image, without tag; service: full name of the service that is Nexus.
        wanted: names and tags of images that services have or are to have.
        volumes: names of those that the stack has now.
    """
    in_use = set(wanted)
    # an ended container of the service itself goes with what it was made from
    others = [one for one in seen.containers if not (one.ended and one.service == service)]
    old = [
        image
        for image in seen.images
        if image.id in seen.builds and _is_ours(image, name) and not in_use & set(image.tags)
    ]
    used = {one.image for one in others}
    definitions = list(_definitions(seen, stack, set(volumes)))
    mounted = {volume for one in others for volume in one.volumes}
    going = tuple(image for image in old if image.id not in used)
    return Left(
        images=going,
        volumes=tuple(one for one in definitions if one not in mounted),
        freed=_freed(seen, going),
        kept=(
            *(f"image {called(image)} stays: a container uses it" for image in old
              if image.id in used),
            *(f"volume {one} stays: a container uses it" for one in definitions if one in mounted),
        ),
    )  # fmt: skip


def _is_ours(image: Image, name: str) -> bool:
    """Whether all names of an image are Moorage's own; one that lost its name to a build is."""
    return all(tag.rpartition(":")[0] == name for tag in image.tags)


def _definitions(seen: NodeSeen, stack: str, current: set[str]) -> Iterator[str]:
    own = re.compile(rf"{re.escape(stack)}-data-[0-9a-f]{{8}}")
    for volume, options in seen.volumes.items():
        nfs = options.get("type", "").startswith("nfs")
        if own.fullmatch(volume) and volume not in current and nfs:
            yield volume


def _freed(seen: NodeSeen, going: tuple[Image, ...]) -> int:
    """Bytes of the layers that no image has that stays."""
    gone = {image.id for image in going}
    stay = {layer for image in seen.images if image.id not in gone for layer in image.layers}
    sizes: dict[str, int] = {}
    for image in going:
        # a layer without content has no size in the history, and counts for nothing here
        sizes |= dict(zip(image.layers, seen.builds[image.id], strict=False))
    return sum(size for layer, size in sizes.items() if layer not in stay)


def called(image: Image) -> str:
    """An image for a person: its name and tag, or the beginning of its id."""
    return ", ".join(image.tags) or image.id.removeprefix("sha256:")[:12]


def in_words(size: int) -> str:
    """Bytes for a person, by thousands as Docker counts."""
    number, unit = float(size), 0
    while number >= _ROUNDED_UP and unit < len(_UNITS) - 1:
        number, unit = number / _THOUSAND, unit + 1
    return f"{number:.3g} {_UNITS[unit]}"
