"""What the command line of ``fab import`` says, and what it means."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moorage.cli import ROOT, Options
from moorage.errors import Refused

if TYPE_CHECKING:
    from moorage.takeover.look import Asked


@dataclass(frozen=True)
class ImportFlags:
    """What the command line says.

    Args:
        nfs, manager, node: addresses as SSH takes them, ``user@host:port``.
        to: folder of the inventory, or its file.
        service, export, nexus_domain, registry_domain: what nothing else tells.
        admin_password: reference to admin's password.
        ca: file of the CA that signed Nexus' certificate.
        api: ``direct`` or ``via-ssh``; None tries both.
        port: where the entry point listens; None tries 443 and 80.
        key, ssh_config, known_hosts, sudo: as the inventory's ``ssh`` has them.
        force: write over an inventory that is there.
    """

    nfs: str
    manager: str
    stack: str
    to: str
    node: Sequence[str] = ()
    service: str | None = None
    export: str | None = None
    nexus_domain: str | None = None
    registry_domain: str | None = None
    admin_password: str | None = None
    ca: str | None = None
    api: str | None = None
    port: str | None = None
    key: str | None = None
    ssh_config: str | None = None
    known_hosts: str | None = None
    sudo: bool = True
    force: bool = False
    verbose: bool = False


def asked_hosts(flags: ImportFlags, given: Options, path: Path) -> Asked:
    """The hosts, and how they are reached.

    Args:
        path: where the inventory is to be.

    Raises:
        Refused: an address is none, or a file is not there.
    """
    from moorage.takeover.addresses import ssh_address
    from moorage.takeover.look import Asked

    ssh: dict[str, Any] = {} if flags.sudo else {"sudo": False}
    named = {
        "--key": ("key", flags.key),
        "--ssh-config": ("config", flags.ssh_config),
        "--known-hosts": ("known_hosts", flags.known_hosts),
    }
    for flag, (key, value) in named.items():
        if value is not None:
            found = beside(path, value, flag)
            ssh[key] = [found] if key == "known_hosts" else found
    key_files = given.connect_kwargs.get("key_filename")
    if flags.key is None and key_files:
        ssh["key"] = str(Path(key_files[0]).expanduser().absolute())
    return Asked(
        nfs=ssh_address(flags.nfs, "--nfs"),
        manager=ssh_address(flags.manager, "--manager"),
        nodes=[ssh_address(text, "--node") for text in flags.node],
        stack=flags.stack, service=flags.service, export=flags.export, ssh=ssh, path=path,
    )  # fmt: skip


def beside(path: Path, given: str, flag: str) -> str:
    """A file as the inventory names it: by its way from there where both are of one project.

    Raises:
        Refused: there is no such file.
    """
    file = Path(given).expanduser().absolute()
    if not file.is_file():
        raise Refused(f"{flag}: there is no file {given}")
    if given.startswith("~"):
        return given
    if file.is_relative_to(ROOT) and path.absolute().is_relative_to(ROOT):
        return os.path.relpath(file, path.absolute().parent)
    return str(file)


def password_reference(flags: ImportFlags) -> str:
    """Where admin's password is.

    Raises:
        Refused: that is no reference.
    """
    from moorage.config.schema.base import secret_reference

    if flags.admin_password is None:
        return "env:NEXUS_ADMIN_PASSWORD"
    try:
        return secret_reference(flags.admin_password)
    except ValueError as cause:
        raise Refused(f"--admin-password: {cause}") from None


def said_values(flags: ImportFlags, asked: Asked) -> dict[str, Any]:
    """Values of the inventory that the command line gives, by dotted key.

    Raises:
        Refused: a flag says what there is not.
    """
    said: dict[str, Any] = {}
    if flags.nexus_domain:
        said["nexus.domain"] = flags.nexus_domain
    if flags.registry_domain:
        said["registry.domain"] = flags.registry_domain
    if flags.ca:
        said["ingress.tls.ca"] = beside(asked.path, flags.ca, "--ca")
    if flags.api not in {None, "direct", "via-ssh"}:
        raise Refused(f"--api: {flags.api} is no way to reach Nexus", hint="direct or via-ssh")
    return said
