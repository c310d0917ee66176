"""Lets the lab work with an image of the user's own in place of the Nexus stand-in."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from .errors import LabError
from .guests import Guests
from .images.archive import repo_tags
from .paths import Paths
from .progress import say, step
from .ssh import Ssh
from .topology import MANAGER

_LOAD_SECONDS = 900.0


def load_image(archive: Path, guests: Guests, ssh: Ssh, paths: Paths) -> None:
    """Load an image archive into the manager's Docker and write an inventory that uses it.

    Args:
        archive: Result of `docker save`.
        guests: The running guests.
        ssh: Way into them.
        paths: The lab's directories; the inventory goes to `.lab/site.yml`.

    Raises:
        LabError: The file is no image archive, or Docker refused it.
    """
    image = image_name(archive)
    name = guests.offer(archive)
    script = (
        "set -e\nmount -t hostfs none /mnt\ntrap 'umount /mnt' EXIT\n"
        f"docker load --quiet --input /mnt/{name}\n"
    )
    with step(f"{image} loaded on {MANAGER.name}", "loading the image"):
        ssh.run(MANAGER.name, script, timeout=_LOAD_SECONDS)
    site = (paths.project / "inventories/lab/site.yml").read_text()
    (paths.home / "site.yml").write_text(with_base(site, image))
    say("lab          choose it with: --inventory .lab/site.yml")


def image_name(archive: Path) -> str:
    """Name of the one image in an archive.

    Raises:
        LabError: The file is no image archive, or holds no named image or several.
    """
    try:
        tags = repo_tags(archive)
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise LabError(f"{archive} is no image archive of docker save: {error}") from error
    if len(tags) != 1:
        raise LabError(f"{archive} should hold one named image, but has {tags or 'none'}")
    return tags[0]


def with_base(site: str, image: str) -> str:
    """Text of an inventory for `.lab` with another base image, and its version if the tag is one.

    Args:
        site: The lab's inventory.
        image: Name with tag, as in `sonatype/nexus3:3.94.0`.
    """
    # Paths in it are meant from where it lies.
    text = site.replace("../../.lab/", "")
    text, found = re.subn(r"(?m)^(\s+base:\s*).*$", rf"\g<1>{image}", text, count=1)
    if not found:
        raise LabError("the lab's inventory has no line for nexus.image.base")
    version = re.match(r"\d+\.\d+\.\d+", image.rpartition(":")[2])
    if version:
        text = re.sub(r"(?m)^(\s+version:\s*).*$", rf"\g<1>{version[0]}", text, count=1)
    return text
