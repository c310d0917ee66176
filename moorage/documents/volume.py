"""The volume as Docker is to make it on the node that runs Nexus."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

KEY = "data"
"""What the stack calls the volume."""
_DIGITS_IN_NAME = 8
_ADDRESS = "addr"
"""Among the options it stands for the server, where that is not to come first."""


@dataclass(frozen=True)
class Volume:
    """A volume of Docker's local driver that mounts the export.

    Args:
        name: the name given in the stack; None where Docker makes it.
        actual_name: the name it has on the nodes either way.
        type: file system type for mount(2).
        o: mount options, comma separated.
        device: the export as NFS names it.
    """

    name: str | None
    actual_name: str
    type: str
    o: str
    device: str

    @property
    def driver_opts(self) -> dict[str, str]:
        """The options as ``docker volume inspect`` shows them."""
        return {"type": self.type, "o": self.o, "device": self.device}


def kernel_client(site: Site) -> tuple[str, str]:
    """The kernel's file system and module for the version of NFS that the volume asks for."""
    version = next(
        (option.partition("=")[2] for option in site.storage.volume.options
         if option.startswith(("nfsvers=", "vers="))),
        "4",
    )  # fmt: skip
    return ("nfs", "nfsv3") if version.startswith("3") else ("nfs4", "nfsv4")


def volume(site: Site) -> Volume:
    """The volume of a site."""
    wanted = site.storage.volume
    server = wanted.server or site.nfs_address
    words = wanted.options if _ADDRESS in wanted.options else [_ADDRESS, *wanted.options]
    options = ",".join(f"addr={server}" if word == _ADDRESS else word for word in words)
    device = wanted.device or f":{site.storage.export}"
    name = wanted.name
    if name == "auto":
        text = f"{wanted.type}\n{options}\n{device}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS_IN_NAME]
        name = f"{site.stack.name}-{KEY}-{digest}"
    return Volume(name, name or f"{site.stack.name}_{KEY}", wanted.type, options, device)
