"""Who is in the lab: the guests, their addresses and the names that lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LabError

GATEWAY = "10.77.0.1"
PREFIX_LENGTH = 24
BRIDGE = "br0"


@dataclass(frozen=True)
class Guest:
    """One User-Mode Linux guest.

    Attributes:
        name: Host name, and the name that every task of the lab takes.
        address: IPv4 address in the lab's network.
        memory_mib: RAM in MiB; it lives in a file that the kernel maps from a tmpfs.
        wants: Systemd units to start, given on the kernel command line.
        docker_disk: Name of the prepared disk for /var/lib/docker, or None without Docker.
    """

    name: str
    address: str
    memory_mib: int
    wants: tuple[str, ...] = ()
    docker_disk: str | None = None

    @property
    def tap(self) -> str:
        """Network device of the guest on the lab's side."""
        return f"t-{self.name}"

    @property
    def mac(self) -> str:
        """Hardware address: locally administered, the last byte that of the IPv4 address."""
        return f"02:4d:4f:00:00:{int(self.address.rsplit('.', 1)[1]):02x}"


NFS = Guest("nfs", "10.77.0.10", 256)
MANAGER = Guest(
    "manager",
    "10.77.0.11",
    1536,
    wants=("docker.service", "lab-hub.service", "lab-dns.service"),
    docker_disk="docker-manager",
)
WORKER = Guest("worker", "10.77.0.12", 1024, wants=("docker.service",), docker_disk="docker-worker")
GUESTS = (NFS, MANAGER, WORKER)

SERVED_NAMES = ("nexus.lab", "registry.lab", "hub.lab")
"""Names of services; the manager serves all of them."""


def guest(name: str) -> Guest:
    """Find a guest by its name.

    Raises:
        LabError: There is no such guest; the message says which there are.
    """
    for one in GUESTS:
        if one.name == name:
            return one
    known = ", ".join(g.name for g in GUESTS)
    raise LabError(f"the lab has no guest {name!r}; its guests are {known}")


def names() -> dict[str, str]:
    """Every name of the lab and the address it stands for."""
    found = {g.name: g.address for g in GUESTS}
    found.update(dict.fromkeys(SERVED_NAMES, MANAGER.address))
    return found


def hosts_file() -> str:
    """Text of /etc/hosts as processes inside the lab's namespaces see it."""
    lines = ["127.0.0.1 localhost"]
    lines += [f"{address} {name}" for name, address in names().items()]
    return "\n".join(lines) + "\n"
