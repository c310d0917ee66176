"""Tasks that take a site over that was set up by hand."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import CHANGES
from moorage.cli import Flags

_REFERENCE = "reference to the password of admin; default: env:NEXUS_ADMIN_PASSWORD"


@task(  # type: ignore[untyped-decorator]
    name="import",
    auto_shortflags=False,
    iterable=["node"],
    help={
        "nfs": "the NFS host, as SSH takes it: ops@10.0.0.10, ops@nas.example.com:2222",
        "manager": "a manager of the Swarm; its nodes are found by it",
        "node": "a node whose address in the Swarm does not lead to it from here; again for more",
        "stack": "name of the stack that Nexus runs in",
        "to": "folder of the inventory that is written, such as inventories/prod",
        "service": "the service that is Nexus, where that is not clear",
        "export": "directory of the NFS host, for data that are in a volume of a node still",
        "nexus_domain": "name of Nexus' pages, where no label of Traefik tells it",
        "registry_domain": "name of the registry, likewise",
        "admin_password": _REFERENCE,
        "ca": "file of the CA that signed Nexus' certificate, where it is not known here",
        "api": "direct or via-ssh; default: whichever works",
        "port": "where the entry point listens; default: 443, else 80",
        "key": "private key file",
        "ssh_config": "instead of ~/.ssh/config",
        "known_hosts": "file with the hosts' keys, instead of the usual ones",
        "sudo": "--no-sudo for an account that needs none",
        "force": "replace an inventory that is there; the former is kept beside",
        "verbose": "tell each remote command with its exit code and time",
    },
)
def import_(  # noqa: PLR0917  flags, which Fabric takes by name
    c: Any,
    nfs: str,
    manager: str,
    stack: str,
    to: str,
    node: Any = None,
    service: str | None = None,
    export: str | None = None,
    nexus_domain: str | None = None,
    registry_domain: str | None = None,
    admin_password: str | None = None,
    ca: str | None = None,
    api: str | None = None,
    port: str | None = None,
    key: str | None = None,
    ssh_config: str | None = None,
    known_hosts: str | None = None,
    sudo: bool = True,
    force: bool = False,
    verbose: bool = False,
) -> None:
    """Write the inventory of a site that runs already.

    example: fab import --nfs ops@nas --manager ops@swarm1 --stack registry --to inventories/prod
    """
    from moorage import cli_import
    from moorage.cli_import_flags import ImportFlags

    flags = ImportFlags(
        nfs=nfs, manager=manager, stack=stack, to=to, node=tuple(node or ()), service=service,
        export=export, nexus_domain=nexus_domain, registry_domain=registry_domain,
        admin_password=admin_password, ca=ca, api=api, port=port, key=key, ssh_config=ssh_config,
        known_hosts=known_hosts, sudo=sudo, force=force, verbose=verbose,
    )  # fmt: skip
    cli_import.take_over(c, flags)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "source": "the node to copy from, where several have had Nexus' volume",
        "checksums": "all: compare every file's content; default: sample, all but blobs and some",
    },
)
def data_move(
    c: Any,
    inventory: str | None = None,
    source: str | None = None,
    checksums: str = "sample",
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Move Nexus' data from a node to the export.

    example: fab data-move --source swarm2 --dry-run
    """
    from moorage import cli_data

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_data.move(c, flags, source=source, checksums=checksums)
