"""The stack that was deployed last, and the one before it, as they are kept beside the lock.

Who wants the former one back needs its image too, and a Nexus that can read the present data.
"""

from __future__ import annotations

import re

DEPLOYED, FORMER = "stack.yml", "stack.former.yml"
KEPT = {"now": f'cat -- "$home/{DEPLOYED}"', "former": f'cat -- "$home/{FORMER}"'}
"""Parts of a probe; ``$home`` is the folder of the lock."""
_IMAGE = re.compile(r"^\s*image:\s*[\"']?([^\s\"']+)", re.MULTILINE)
_VERSION = re.compile(r":(\d+\.\d+\.\d+)")


def images_of(stack: str) -> list[str]:
    """The images of a rendered stack."""
    return _IMAGE.findall(stack)


def same_data(now: str, former: str) -> bool:
    """Whether the former stack's Nexus can read what the present one writes.

    It can where the images are the same, or tell the same version.
    """
    ours, theirs = images_of(now), images_of(former)
    versions = [_VERSION.findall(" ".join(images)) for images in (ours, theirs)]
    return ours == theirs or (all(versions) and versions[0] == versions[1])
