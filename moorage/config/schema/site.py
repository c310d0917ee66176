"""A whole site: one inventory, validated, with everything that follows from it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from pydantic import Field, PrivateAttr, model_validator

from moorage.config.schema.backup import Backup
from moorage.config.schema.base import Contradictions, Model, Name
from moorage.config.schema.hosts import Host, Hosts, Ssh
from moorage.config.schema.ingress import Ingress
from moorage.config.schema.later import later
from moorage.config.schema.nexus import Nexus
from moorage.config.schema.nodes import Nodes
from moorage.config.schema.registry import Group, Hosted, Registry, Repository
from moorage.config.schema.stack import Stack
from moorage.config.schema.storage import Storage

if TYPE_CHECKING:
    from moorage.config.schema.private_ca import PrivateCa
else:
    PrivateCa = later("private_ca", "PrivateCa")

Role = Literal["nfs", "manager", "node", "client"]


class Site(Model):
    """One inventory, validated.

    ``name`` and ``path`` are those of the file it was read from.
    """

    schema_: Literal[1] = Field(alias="schema")
    """Version of this file's form."""
    hosts: Hosts
    """The machines, by role."""
    ssh: Ssh = Ssh()
    """How they are reached."""
    nexus: Nexus
    """Nexus itself."""
    registry: Registry
    """The Docker repositories in it."""
    storage: Storage
    """Where its data lie."""
    ingress: Ingress
    """How requests reach it."""
    stack: Stack = Stack()
    """The Swarm stack it runs in."""
    nodes: Nodes = Nodes()
    """What is made of each Docker host: `fab nodes-setup`."""
    private_ca: PrivateCa | None = None
    """A CA of one's own, made by `inv ca-create`, whose certificate is `ingress.tls.ca`."""
    backup: Backup | None = None
    """Where `fab backup` puts Nexus' data."""
    api: Literal["direct", "via-ssh"] = "direct"
    """How the operator's machine reaches Nexus: by its name, or through SSH to a manager."""

    _path: Path = PrivateAttr(default=Path("site.yml"))

    @property
    def path(self) -> Path:
        """The file that this site was read from."""
        return self._path

    @property
    def name(self) -> str:
        """The name of the inventory: that of its folder."""
        return self._path.resolve().parent.name

    def read_from(self, path: Path) -> Self:
        """Remember the file, against which relative paths are resolved."""
        self._path = path
        return self

    def file(self, reference: str) -> Path:
        """A path of the inventory: ``~`` expanded, relative ones from the file's own folder."""
        path = Path(reference).expanduser()
        return path if path.is_absolute() else self._path.resolve().parent / path

    def named_hosts(self) -> dict[str, tuple[Role, Host]]:
        """Every host by name, with its role, in the order of the file."""
        roles: tuple[tuple[Role, dict[Name, Host]], ...] = (
            ("nfs", self.hosts.nfs),
            ("manager", self.hosts.managers),
            ("node", self.hosts.nodes),
            ("client", self.hosts.clients),
        )
        return {name: (role, host) for role, hosts in roles for name, host in hosts.items()}

    def swarm_hosts(self) -> dict[str, Host]:
        """Managers and nodes by name."""
        return {**self.hosts.managers, **self.hosts.nodes}

    def docker_hosts(self) -> dict[str, Host]:
        """All that have Docker, in the Swarm or not, by name."""
        return {**self.swarm_hosts(), **self.hosts.clients}

    def with_port(self, domain: str) -> str:
        """A public name as clients write it: with the port, where that is not the usual one."""
        usual = 443 if self.ingress.tls else 80
        return domain if self.ingress.port == usual else f"{domain}:{self.ingress.port}"

    @property
    def nfs_name(self) -> str:
        return next(iter(self.hosts.nfs))

    @property
    def nfs_address(self) -> str:
        return self.hosts.nfs[self.nfs_name].address

    def ingress_addresses(self, manager: str) -> list[str]:
        """Where Traefik may be reached from a manager: on it, or on the first one.

        Traefik publishes its port on every node, or on its own alone.
        """
        if self.ingress.address:
            return [self.ingress.address]
        managers = self.hosts.managers
        own, first = managers[manager].address, next(iter(managers.values())).address
        return list(dict.fromkeys((own, first)))

    @property
    def pinned(self) -> bool:
        """Whether Nexus stays on one of its nodes until ``fab relocate`` moves it."""
        placement = self.stack.placement
        return placement is not None and not placement.failover

    def export_clients(self, on: Sequence[str] = ()) -> list[str]:
        """Who may mount the export, without repetition.

        Args:
            on: names of the nodes that Nexus is on, where it stays on one; the first without.
        """
        hosts = self.swarm_hosts()
        nodes = self.eligible_nodes()
        let_in = (list(on) or nodes[:1]) if self.pinned else nodes
        if self.storage.clients is None:
            found = [host.address for name, host in hosts.items() if name in let_in]
        else:
            kept_out = {hosts[name].address for name in nodes} - {
                hosts[name].address for name in let_in}  # fmt: skip
            found = [client for client in self.storage.clients if client not in kept_out]
        return list(dict.fromkeys(found))

    def eligible_nodes(self) -> list[str]:
        """Names of the hosts that may run Nexus; all of the Swarm where nothing is said."""
        placement = self.stack.placement
        if placement is None:
            return list(self.swarm_hosts())
        return placement.nodes or [*self.hosts.nodes, *self.hosts.managers][:1]

    @property
    def relocates(self) -> bool:
        """Whether it is ``fab relocate`` that moves Nexus, and not Swarm."""
        return self.pinned and self.storage.manage_export

    def publishing_hosts(self) -> dict[str, Host]:
        """Hosts by name that answer on Nexus' published ports; none where Traefik is in front."""
        if self.ingress.kind != "ports":
            return {}
        hosts = self.swarm_hosts()
        if self.ingress.published.mode == "ingress":
            return hosts
        return {name: hosts[name] for name in self.eligible_nodes()}

    def swarm_hostname(self, name: str) -> str:
        """A host's name as Swarm lists it."""
        return self.swarm_hosts()[name].hostname or name

    @property
    def pull_repository(self) -> str:
        """Name of the repository that answers pulls."""
        return self.registry.pull_from or self._only(Group)

    @property
    def push_repository(self) -> str:
        """Name of the repository that takes pushes."""
        return self.registry.push_to or self._only(Hosted)

    @property
    def pull_port(self) -> int:
        return self.registry.repositories[self.pull_repository].port or 0

    @property
    def push_port(self) -> int:
        return self.registry.repositories[self.push_repository].port or 0

    @property
    def push_domain(self) -> str:
        """The name that images are pushed to."""
        two = self.ingress.routing == "two-names"
        return (self.registry.push_domain if two else None) or self.registry.domain

    def domains(self) -> dict[str, str]:
        """All public names by what they are for: Nexus, the registry, and pushes of their own."""
        names = {
            "nexus": self.nexus.domain, "registry": self.registry.domain, "push": self.push_domain,
        }  # fmt: skip
        seen = list(names.values())
        return {name: domain for index, (name, domain) in enumerate(names.items())
                if domain not in seen[:index]}  # fmt: skip

    def pulled_as(self, image: str) -> str:
        """What an image is called by who pulls it, without tag."""
        return self._called(self.registry.domain, self.pull_repository, image)

    def pushed_as(self, image: str) -> str:
        """What an image is called by who pushes it, without tag."""
        return self._called(self.push_domain, self.push_repository, image)

    def _called(self, domain: str, repository: str, image: str) -> str:
        by_path = self.ingress.routing == "path"
        return f"{domain}/{repository}/{image}" if by_path else f"{domain}/{image}"

    def docker_repositories(self) -> dict[str, Repository]:
        """Repositories by name; those that the routing reaches by their path are told so."""
        repositories = dict(self.registry.repositories)
        if self.ingress.routing == "path":
            for name in (self.pull_repository, self.push_repository):
                repositories[name] = repositories[name].model_copy(update={"path_routing": True})
        return repositories

    def with_traefik(self, version: str) -> Self:
        """The same site in front of a Traefik whose version is known.

        Raises:
            Contradictions: it lacks what the inventory asks.
            ValueError: it is no version.
        """
        if not re.fullmatch(r"[123]\.\d+(\.\d+)?", version, re.ASCII):
            raise ValueError(f"{version} is not a version such as 1.7, 2.11 or 3.7")
        ingress = self.ingress.model_copy(update={"version": version})
        return _consistent(self.model_copy(update={"ingress": ingress}))

    def with_nexus(self, nexus: Nexus) -> Self:
        """The same site with another Nexus.

        Raises:
            Contradictions: it lacks what the rest of the inventory asks.
        """
        return _consistent(self.model_copy(update={"nexus": nexus}))

    def _only(self, kind: type[Group | Hosted]) -> str:
        """The one repository of a kind that can be reached, where there is one."""
        by_path = self.ingress.routing == "path"
        found = [
            name
            for name, repository in self.registry.repositories.items()
            if isinstance(repository, kind) and (by_path or repository.port is not None)
        ]
        return found[0] if len(found) == 1 else ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        return _consistent(self)


_AnySite = TypeVar("_AnySite", bound=Site)


def _consistent(site: _AnySite) -> _AnySite:
    from moorage.config.schema.consistency import contradictions

    found = contradictions(site)
    if found:
        raise Contradictions(found)
    return site
