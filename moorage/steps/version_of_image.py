"""The version of Nexus that an image's name tells."""

from __future__ import annotations

import re

_VERSION = re.compile(r":(3\.\d+\.\d+)(?:-|$)")


def version_of_image(image: str) -> str | None:
    """The version of Nexus that the tag of an image begins with."""
    found = _VERSION.search(image.rpartition("/")[2])
    return found[1] if found else None
