"""What an inventory may say but had better not, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moorage.config.redact import is_secret
from moorage.config.schema.base import in_bytes, is_ip, seconds
from moorage.config.schema.nexus import EXTERNAL_DATABASE

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_SHORTEST_GRACE = 60
_SHORTEST_INTERVAL = 10


@dataclass(frozen=True)
class Advice:
    """One warning.

    Args:
        field: dotted path of the field.
        message: what will come of it, and what would be better.
    """

    field: str
    message: str


def advice(site: Site) -> list[Advice]:
    """All warnings for a site, in the order of the inventory."""
    found = [
        *_nexus(site),
        *_export(site),
        *_volume(site),
        *_ingress(site),
        *_stack(site),
        *_nodes(site),
    ]
    return [Advice(field, message) for field, message in found]


def _nexus(site: Site) -> Iterator[tuple[str, str]]:
    nexus = site.nexus
    memory = nexus.memory
    if memory.limit is not None:
        used = sum(in_bytes(size) for size in (memory.heap, memory.direct) if size is not None)
        if used >= in_bytes(memory.limit):
            yield (
                "nexus.memory.limit",
                (
                    "heap and direct memory together reach the container's limit: "
                    "the kernel will kill Nexus"
                ),
            )
    for name in nexus.environment:
        if is_secret((name,)):
            yield (
                f"nexus.environment.{name}",
                ("everybody who may read the service sees the environment: no secrets here"),
            )


def _export(site: Site) -> Iterator[tuple[str, str]]:
    field = "storage.export_options"
    options = site.storage.export_options
    if "no_root_squash" in options:
        yield field, "no_root_squash lets root of every client act as root on the server's files"
    if "async" in options:
        yield field, "async answers before data are on the disk: a crash of the server loses them"
    if "insecure" in options:
        yield field, "insecure lets any user of a client speak to the server"
    for index, client in enumerate(site.storage.clients or []):
        if client.endswith("/0"):
            yield f"storage.clients[{index}]", f"{client} is everybody"
    if site.storage.mode.lstrip("0")[-1:] not in ("", "0"):
        yield "storage.mode", "others may enter the directory on the NFS host: 0750 shuts them out"


def _volume(site: Site) -> Iterator[tuple[str, str]]:
    volume = site.storage.volume
    field = "storage.volume.options"
    server = volume.server or site.nfs_address
    if volume.type == "nfs4" and not is_ip(server):
        yield (
            "storage.volume.type",
            (
                f'the kernel refuses nfs4 with the name "{server}" (invalid argument): '
                "type nfs lets Docker look it up"
            ),
        )
    if "soft" in volume.options or "softerr" in volume.options:
        yield field, "soft loses writes without a word when the server is away: hard waits"
    if "nolock" in volume.options:
        yield field, "nolock: NFS 4 always locks, and on NFS 3 nothing keeps two Nexus apart"
    versions = [option for option in volume.options if option.startswith(("nfsvers=", "vers="))]
    if not versions:
        yield field, "no nfsvers: the kernel picks 3 or 4.0, nfsvers=4.2 is better"
    elif any(option.partition("=")[2].startswith(("2", "3")) for option in versions):
        yield field, "Nexus asks for NFS 4; earlier versions hold locks by a separate service"
    if not volume.nocopy:
        yield (
            "storage.volume.nocopy",
            (
                "Docker copies the image's files into an empty volume as root, "
                "and the server refuses that to root"
            ),
        )
    if EXTERNAL_DATABASE in site.nexus.environment:
        return
    yield (
        "storage",
        (
            "Nexus' own database lies on NFS too: a small site lives with that, "
            "a large one wants an external database"
        ),
    )


def _ingress(site: Site) -> Iterator[tuple[str, str]]:
    ingress = site.ingress
    if ingress.routing == "split":
        yield (
            "ingress.routing",
            (
                "with split a push leaves out layers that only the proxy has, and then fails: "
                "split-safe asks the hosted repository"
            ),
        )
    if ingress.kind == "ports":
        yield (
            "ingress.kind",
            (
                "nodes of the Swarm answer on Nexus' ports, without TLS and past the proxy: "
                "let a firewall take the proxy's address alone"
            ),
        )
        return
    if ingress.network is None:
        yield "ingress.network", "Traefik reaches a service only over a network that both are on"
    if ingress.version.startswith("1."):
        yield (
            "ingress.version",
            ("Traefik 1 gets no fixes any more, and Docker 29 refuses its API version"),
        )
    elif ingress.tls is None:
        yield (
            "ingress.tls",
            "without TLS passwords travel in the clear, and Docker refuses to log in",
        )


def _stack(site: Site) -> Iterator[tuple[str, str]]:
    stack = site.stack
    if stack.placement is None and not stack.constraints:
        yield "stack.placement", "Swarm may start Nexus anywhere, also on nodes not known here"
    if stack.update is None:
        yield "stack.update", "nothing says what Swarm does when a new task fails"
    elif stack.update.failure_action == "rollback":
        yield (
            "stack.update.failure_action",
            ("after a change of version the old Nexus cannot read the migrated database"),
        )
    grace = stack.stop_grace_period
    if grace is None or seconds(grace) < _SHORTEST_GRACE:
        yield (
            "stack.stop_grace_period",
            (f"Nexus is killed after {grace or '10s'}, and may still be closing its database"),
        )
    if stack.healthcheck is None:
        yield "stack.healthcheck", "Docker cannot tell a Nexus that hangs from one that works"
    elif seconds(stack.healthcheck.interval) < _SHORTEST_INTERVAL:
        yield (
            "stack.healthcheck.interval",
            ("the Community Edition counts requests: less than 10s eats a good part of its limit"),
        )


def _nodes(site: Site) -> Iterator[tuple[str, str]]:
    login = site.nodes.login
    if login is None:
        return
    if site.nexus.anonymous:
        yield "nodes.login", "nexus.anonymous lets everybody pull: no node needs a login"
    more = [role for role in site.nexus.users[login].roles if not _pulls_alone(site, role)]
    if more:
        yield (
            "nodes.login",
            (
                f'"{login}" may do more than pull ({", ".join(more)}), and whoever is root on a '
                "node has the password: docker-pull is enough"
            ),
        )


def _pulls_alone(site: Site, name: str) -> bool:
    role = site.nexus.roles.get(name)
    if role is None:
        return name == "docker-pull"
    return not (role.push or role.delete or role.privileges or role.roles)
