"""Makes the guests' root disk: Debian or Ubuntu packages, then the lab's own files over them."""

from __future__ import annotations

import shutil
from pathlib import Path

from .apt_sources import codename, host_sources
from .cache import Cache, Input
from .identity import Authority, Keys
from .privilege import as_root, mmdebstrap_mode
from .process import run
from .progress import step

GUEST = Path(__file__).parent / "guest"
FILES = GUEST / "files"
DISK_SIZE = "6G"
MODULES = Path("/usr/lib/uml/modules")

PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,sudo,docker.io,docker-registry,nfs-kernel-server,"
    "nfs-common,kmod,iptables,iproute2,iputils-ping,curl,ca-certificates,procps,python3-minimal,"
    "netbase,dnsmasq-base,rsync,restic,btrfs-progs"
)

LEAN = [
    "--aptopt=Acquire::Languages none",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
]
"""Options of mmdebstrap that leave out what nobody reads in a guest."""


def packages_tar(cache: Cache) -> Path:
    """The archive of an installed system with every package that some guest needs."""
    customise = GUEST / "customise.sh"
    unit = FILES / "etc/systemd/system/lab-identity.service"
    sources = host_sources()
    inputs: list[Input] = [PACKAGES, sources, customise, unit, kernel_release()]

    def build(out: Path) -> None:
        with step("packages of the guests unpacked", "unpacking the guests' packages (40 s)"):
            mmdebstrap(
                cache,
                out,
                sources,
                ["--variant=minbase", f"--include={PACKAGES}"],
                [f'--customize-hook={customise} "$1"'],
            )

    return cache.make("packages.tar", inputs, build)


def mmdebstrap(cache: Cache, out: Path, sources: str, choice: list[str], hooks: list[str]) -> None:
    """Run mmdebstrap into a tar archive, with its temporary files in the cache's scratch.

    Args:
        cache: Whose scratch directory to use; big enough, and cleared after a kill.
        out: The archive to write.
        sources: Entries for apt, one a line.
        choice: Options that say which packages.
        hooks: Options that say what to do with them.
    """
    mode = mmdebstrap_mode()
    work = cache.scratch / f"{out.name}.work"
    work.mkdir()
    # Sub-ids must be able to walk to their own files.
    work.chmod(0o711)
    argv = ["mmdebstrap", f"--mode={mode}", "--format=tar", "--quiet", *LEAN, *choice, *hooks]
    run([*argv, codename(), out, "-"], stdin=sources.encode(), env={"TMPDIR": str(work)})


def kernel_release() -> str:
    """Release of the installed User-Mode Linux kernel."""
    return min(entry.name for entry in MODULES.iterdir())


def root_disk(cache: Cache, packages: Path, keys: Keys, authority: Authority, hub: Path) -> Path:
    """The disk that all guests boot from (each with its own copy-on-write file on top).

    Args:
        cache: Where it is kept.
        packages: Archive from `packages_tar`.
        keys: SSH keys of the lab: its user's public one, and the guests' host key.
        authority: Whose certificate the guests are to trust.
        hub: Data directory of the lab's Docker Hub.
    """
    assemble = GUEST / "assemble.sh"
    inputs: list[Input] = [packages.name, FILES, assemble, keys.directory, authority.certificate]

    def build(out: Path) -> None:
        files = cache.scratch / "files"
        with step("root disk written"):
            _gather(files, keys, authority, hub)
            tree = cache.scratch / "tree"
            run(as_root([assemble, packages, files, tree, out, DISK_SIZE]))

    return cache.make("root.img", [*inputs, hub, DISK_SIZE], build)


def _gather(files: Path, keys: Keys, authority: Authority, hub: Path) -> None:
    """Lay out beside each other what goes over the packages."""
    shutil.copytree(FILES, files)
    shutil.copytree(hub, files / "var/lib/lab-hub")
    ssh = files / "etc/ssh"
    shutil.copy(keys.host_key, ssh / "ssh_host_ed25519_key")
    shutil.copy(keys.host_key.with_suffix(".pub"), ssh / "ssh_host_ed25519_key.pub")
    shutil.copy(keys.public, files / "etc/lab/authorized_keys")
    system = files / "usr/local/share/ca-certificates/moorage-lab.crt"
    docker = [files / f"etc/docker/certs.d/{name}/ca.crt" for name in ("registry.lab", "nexus.lab")]
    for place in (system, *docker):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(authority.certificate, place)
