"""The machines: how each is reached, and which role it has."""

from typing import Annotated

from pydantic import Field

from moorage.config.schema.base import (
    Address,
    Duration,
    Model,
    Name,
    OneOrMore,
    Port,
    SecretReference,
)


class Host(Model):
    """One machine. What is left out comes from the inventory's ``ssh`` section."""

    address: Address
    """IP address or name that SSH connects to, and that the NFS export lets in."""
    hostname: Name | None = None
    """The node's name as Swarm lists it, where it is not the name used here."""
    user: str | None = None
    """Default: ``ssh.user``."""
    port: Port | None = None
    """Default: ``ssh.port``."""
    key: str | None = None
    """Default: ``ssh.key``."""
    sudo: bool | None = None
    """Default: ``ssh.sudo``."""
    jump: str | None = None
    """Host to go through: a name of this inventory, an ssh-config alias or user@host:port."""


class Hosts(Model):
    """Machines by role, each with the name by which commands call it."""

    nfs: Annotated[dict[Name, Host], Field(min_length=1, max_length=1)]
    """The NFS server; exactly one."""
    managers: Annotated[dict[Name, Host], Field(min_length=1)]
    """Swarm managers; the first is the one worked through, unless -H names another."""
    nodes: dict[Name, Host] = {}
    """Swarm workers."""
    clients: dict[Name, Host] = {}
    """Further machines with Docker, outside the Swarm, that are to use the registry."""


class Ssh(Model):
    """How hosts are reached, unless a host says otherwise."""

    user: str | None = None
    """Default: what ssh-config says, else the operator's own name."""
    port: Port | None = None
    """Default: what ssh-config says, else 22."""
    key: str | None = None
    """Private key file; default: the agent's and the usual files."""
    config: str | None = None
    """ssh-config file; default ``~/.ssh/config``."""
    known_hosts: Annotated[list[str], OneOrMore] = [
        "~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts",
    ]  # fmt: skip
    """Files with the hosts' keys; a host that is in none of them is refused."""
    sudo: bool = True
    """Whether commands are run by ``sudo``; not used for a host whose user is root."""
    sudo_password: SecretReference | None = None
    """Only where sudo asks; ``fab --prompt-for-sudo-password`` asks once instead."""
    connect_timeout: Duration = "10s"
    """How long a connection may take."""
    command_timeout: Duration = "15m"
    """The longest that one command may take on a host."""
