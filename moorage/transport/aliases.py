"""What ``-H`` means: inventory names for names, ssh-config aliases and addresses."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from moorage.config.schema.site import Site
from moorage.errors import Refused


def inventory_names(site: Site, given: Sequence[str]) -> list[str]:
    """The inventory's names for hosts as the operator typed them.

    Raises:
        Refused: one that is no host of the inventory.
    """
    return list(dict.fromkeys(_inventory_name(site, text) for text in given))


def _inventory_name(site: Site, text: str) -> str:
    hosts = site.named_hosts()
    if text in hosts:
        return text
    address = text.rpartition("@")[2]
    lookup = _resolved(site, address)
    for name, (_, host) in hosts.items():
        if address == host.address or lookup in {host.address, _resolved(site, host.address)}:
            return name
    close = difflib.get_close_matches(text, hosts, n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    raise Refused(
        f"{text} is no host of the inventory {site.name}{meant}",
        hint=f"its hosts are {', '.join(hosts)}; no host was contacted",
    )


def _resolved(site: Site, alias: str) -> str:
    """The HostName that ssh-config has for an alias; the alias itself where it has none."""
    from fabric import Config

    path = {"runtime_ssh_path": str(site.file(site.ssh.config))} if site.ssh.config else {}
    if path and not Path(path["runtime_ssh_path"]).is_file():
        return alias
    config = Config(lazy=True, **path)
    config.load_ssh_config()
    return str(config.base_ssh_config.lookup(alias).get("hostname", alias))
