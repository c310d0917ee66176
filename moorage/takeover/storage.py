"""Where a running Nexus has its data, as the inventory's ``storage``; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.errors import Refused
from moorage.steps.exports import exported_paths
from moorage.steps.nfs.refusals import NEXUS_MARKERS
from moorage.steps.stack.composed import Fields
from moorage.takeover.seen import DATA, Directory, Nfs, OnNode
from moorage.takeover.taken import Taken

_MOUNT = f"mount {DATA}"


@dataclass(frozen=True)
class Mounted:
    """What is mounted for Nexus' data.

    Args:
        kind: ``volume``, ``bind`` or whatever else Swarm knows; empty for nothing at all.
        source: name of the volume, or the directory.
        options: driver options of the volume, as the service or the nodes have them.
        own: whether the service itself says the options.
    """

    kind: str
    source: str
    options: Mapping[str, str]
    nocopy: bool
    own: bool

    @property
    def by_nfs(self) -> bool:
        return self.options.get("type", "").startswith("nfs")

    @property
    def words(self) -> str:
        """It in a few words."""
        if not self.kind:
            return "the container's own layer"
        return f"the {'directory' if self.kind == 'bind' else self.kind} {self.source}"

    @property
    def address(self) -> str:
        """The NFS server's, as the mount options have it."""
        given = [word.partition("=")[2] for word in self.options.get("o", "").split(",")
                 if word.startswith("addr=")]  # fmt: skip
        host = self.options.get("device", "").partition(":/")[0]
        return (given or [host])[0]

    @property
    def path(self) -> str:
        """What of the server is mounted."""
        device = self.options.get("device", "")
        return "/" + device.partition(":/")[2].strip("/")


def mounted(service: Fields, nodes: Mapping[str, OnNode]) -> Mounted:
    """What a service has for Nexus' data; what it does not say of the volume the nodes do."""
    kind, _, source = service.get(_MOUNT, "").partition(" ")
    said = {key: service[f"{_MOUNT} {key}"] for key in ("type", "o", "device")
            if service.get(f"{_MOUNT} {key}")}  # fmt: skip
    options: Mapping[str, str] = said
    if not said and kind == "volume":
        options = next((found for node in nodes.values()
                        if (found := node.volumes.get(source))), {})  # fmt: skip
    return Mounted(kind, source, options, bool(service.get(f"{_MOUNT} nocopy")), own=bool(said))


def take_storage(
    taken: Taken, found: Mounted, nfs: Nfs, *, nfs_address: str, stack: str, export: str | None
) -> None:
    """The volume and the export that it mounts.

    Args:
        nfs_address: that of the NFS host in the inventory.
        export: the directory that the data are to lie in, where they are in no export yet.

    Raises:
        Refused: the data are in no export, and nobody says where they are to go.
    """
    if not found.by_nfs:
        _local(taken, found, export)
        return
    path = _exported(found, nfs, export)
    _volume(taken, found, path, nfs_address=nfs_address, stack=stack)
    _export(taken, path, nfs)


def _local(taken: Taken, found: Mounted, export: str | None) -> None:
    if export is None:
        raise Refused(
            f"Nexus' data are in {found.words}, in no export",
            hint="name the directory of the NFS host that they are to go to: --export /srv/nexus; "
            "nothing is moved by this",
        )
    taken.put("storage.export", export)
    taken.say("storage", f"The data are in {found.words} still: first fab nfs-setup, then")
    taken.say("storage", "fab data-move, which copies them to this export and keeps the former.")
    taken.leave(f"{found.words}: fab data-move takes the data to the export and keeps it")


def _exported(found: Mounted, nfs: Nfs, export: str | None) -> str:
    """The directory on the NFS host that is mounted.

    Raises:
        Refused: the host does not export it, as far as it tells.
    """
    known = list(nfs.directories)
    if found.path in known:
        return found.path
    # below an NFSv4 root (fsid=0) a client names paths from there (exports(5))
    roots = [path for text in nfs.files.values() for path in _roots(text)]
    for root in roots:
        path = f"{root.rstrip('/')}{found.path}".rstrip("/") or "/"
        if path in known:
            return path
    if export is not None:
        return export
    raise Refused(
        f"the volume mounts {found.path} of {found.address}, and {nfs.hostname} has no such "
        f"directory",
        hint=f"name the NFS host of {found.address} by --nfs, or the directory by --export",
    )


def _roots(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if "fsid=0" in line or "fsid=root" in line:
            yield from exported_paths(line)[:1]


def _volume(taken: Taken, found: Mounted, path: str, *, nfs_address: str, stack: str) -> None:
    words = [word for word in found.options.get("o", "").split(",") if word]
    options = ["addr" if word.startswith("addr=") else word for word in words]
    if options[:1] == ["addr"]:
        options = options[1:]
    device = found.options.get("device", "")
    values = {
        "type": found.options["type"],
        "server": None if found.address == nfs_address else found.address,
        "device": None if device == f":{path}" else device,
        "options": options,
        "nocopy": found.nocopy,
        "name": None if found.source == f"{stack}_data" else found.source,
    }
    taken.lay("storage.volume", {key: value for key, value in values.items()
                                 if value is not None or key == "name"})  # fmt: skip
    if not found.own:
        taken.say("storage.volume", "The service does not say these options, the volume has them:")
        taken.say("storage.volume", "fab deploy makes the service say them too.")


def _export(taken: Taken, path: str, nfs: Nfs) -> None:
    there = nfs.directories.get(path)
    real = there.real if there else path
    taken.put("storage.export", real)
    if real != path:
        taken.say("storage.export", f"{path} leads here by a symbolic link.")
    if real != path and "device" not in taken.data["storage"]["volume"]:
        taken.put("storage.volume.device", f":{path}")
    if there:
        _directory(taken, there)


def _directory(taken: Taken, there: Directory) -> None:
    taken.put("storage.mode", there.mode[-4:])
    foreign = set(there.entries) - {"lost+found"}
    if foreign and not foreign & NEXUS_MARKERS:
        taken.put("storage.adopt", value=True)
