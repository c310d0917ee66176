"""Tasks of ``inv`` for whoever begins: an inventory, an editor and a shell that know Moorage."""

from __future__ import annotations

from typing import Any

from invoke.context import Context
from invoke.tasks import task


@task
def site_schema(_c: Context) -> None:
    """Print the JSON Schema of site.yml, for editors.

    example: inv site-schema
    """
    from moorage.cli import said, told
    from moorage.config.site_schema import schema_text

    with told(debug=said("MOORAGE_DEBUG")):
        print(schema_text(), end="")


@task(
    auto_shortflags=False,
    iterable=["manager", "node"],
    help={
        "name": "of the inventory: inventories/NAME/site.yml",
        "nfs": "the NFS host, as SSH takes it: ops@10.0.0.10, nas=ops@nas.example.com:2222",
        "export": "directory on the NFS host; default: /srv/nexus",
        "manager": "managers of the Swarm, likewise, with commas or again for more",
        "node": "its workers, likewise; default: none",
        "registry_domain": "name of the registry",
        "nexus_domain": "name of Nexus' pages; default: nexus beside the registry's name",
        "nexus_version": "default: the example's",
        "admin_password": "reference to admin's password; default: env:NEXUS_ADMIN_PASSWORD",
        "traefik_version": "such as 3.7; default: auto, asked of the one that runs",
        "network": "overlay network that Traefik reaches services by; default: proxy",
        "tls": "own, resolver:NAME, ca:FILE, private or none; default: own",
        "yes": "take the defaults, and write it without a question; also: MOORAGE_YES=1",
    },
)
def new_site(  # noqa: PLR0917  flags, which Invoke takes by name
    _c: Context,
    name: str,
    nfs: str | None = None,
    export: str | None = None,
    manager: Any = None,
    node: Any = None,
    registry_domain: str | None = None,
    nexus_domain: str | None = None,
    nexus_version: str | None = None,
    admin_password: str | None = None,
    traefik_version: str | None = None,
    network: str | None = None,
    tls: str | None = None,
    yes: bool = False,
) -> None:
    """Ask a few questions and write the inventory of a new site.

    example: inv new-site prod --nfs ops@nas --manager ops@swarm1 --manager ops@swarm2
    """
    from moorage import cli_new_site

    given = {
        "nfs": nfs, "export": export, "manager": ",".join(manager) or None,
        "node": ",".join(node) if node else None,
        "registry_domain": registry_domain, "nexus_domain": nexus_domain,
        "nexus_version": nexus_version, "admin_password": admin_password,
        "traefik_version": traefik_version, "network": network, "tls": tls,
    }  # fmt: skip
    cli_new_site.new_site(name, given, yes=yes)


@task(auto_shortflags=False, help={"shell": "bash, zsh or fish"})
def completion(_c: Context, shell: str) -> None:
    """Print what makes a shell complete fab, inv and ./run.

    example: inv completion --shell bash
    """
    from moorage import cli_completion

    cli_completion.completion(shell)
