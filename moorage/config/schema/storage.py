"""Where the data lie: the NFS export and the Docker volume that mounts it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from moorage.config.schema.base import AbsolutePath, Address, Client, Model, Name, OneOrMore, form

_NEVER_EXPORTED = {f"/{name}" for name in (
    "", "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var",
)}  # fmt: skip
_USERSPACE_OPTIONS = {"bg", "fg", "_netdev", "noauto", "auto", "defaults", "user", "users"}


def _export(path: str) -> str:
    if path in _NEVER_EXPORTED:
        raise ValueError(f'"{path}" is never exported: name a directory of its own, /srv/nexus say')
    if any(char in path for char in ' "\\()#\t'):
        raise ValueError(f'"{path}" has characters that exports(5) cannot take unquoted')
    return path


def _mount_option(option: str) -> str:
    name = option.partition("=")[0]
    if name in _USERSPACE_OPTIONS or name == "retry" or option.startswith("x-"):
        raise ValueError(f'"{option}" is known to mount.nfs only: Docker mounts by itself')
    if option.startswith("addr="):
        raise ValueError('"addr" comes from storage.volume.server: the word alone marks its place')
    if not option or not option.isprintable() or any(char in option for char in ", "):
        raise ValueError(f'"{option}" is not one mount option')
    return option


def _export_option(option: str) -> str:
    if not option or not option.isprintable() or any(char in option for char in ", ()#\"'"):
        raise ValueError(f'"{option}" is not one export option')
    return option


class Volume(Model):
    """The named volume, made by Docker on whichever node runs Nexus.

    ``type: nfs`` and not ``nfs4``: only then does Docker resolve a name in ``addr=`` (moby,
    daemon/volume/local/local_unix.go, getMountOptions); the version goes into the options.
    """

    type: Literal["nfs", "nfs4"] = "nfs"
    """``nfs4`` takes an IP address only as server."""
    server: Address | None = None
    """Default: the address of the NFS host."""
    device: Annotated[str, form(r"[^\s:/]*:/[^\s]*", "a device such as :/srv/nexus")] | None = None
    """Default: ``:`` and the export's path."""
    options: list[Annotated[str, AfterValidator(_mount_option)]] = [
        "nfsvers=4.2", "hard", "rw",
    ]  # fmt: skip
    """Mount options; ``addr=`` and the server come first, or where the word ``addr`` stands."""
    nocopy: bool = True
    """Do not copy the image's files into an empty volume: root may not write there."""
    name: Name | None = "auto"
    """``auto``: with a hash of the options, since Swarm never changes an existing volume;
    null: as Docker names it, ``<stack>_data``; else the name itself."""


class Storage(Model):
    """The NFS side."""

    export: Annotated[AbsolutePath, AfterValidator(_export)]
    """Directory on the NFS host."""
    clients: Annotated[list[Client], Field(min_length=1), OneOrMore] | None = None
    """Who may mount it; default: the node that Nexus is on, or all that it may run on."""
    export_options: list[Annotated[str, AfterValidator(_export_option)]] = [
        "rw", "sync", "no_subtree_check", "root_squash",
    ]  # fmt: skip
    """Options of the export, exports(5)."""
    mode: Annotated[str, form(r"0?[0-7]{3}", 'permissions in octal such as "0750"')] = "0750"
    """Permissions of the directory, in octal."""
    manage_export: bool = True
    """False leaves the export to whoever made it, in ``/etc/exports`` say: it is only looked at."""
    adopt: bool = False
    """True takes over a directory that has files but does not look like Nexus' own."""
    floor: Annotated[int, Field(ge=0, le=50)] = 5
    """Percent of space and inodes that must be free there: else nothing is deployed upon it."""
    volume: Volume = Volume()
    """The volume that mounts the export."""
