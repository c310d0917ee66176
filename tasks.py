"""Tasks on this machine, for ``inv``: what happens on the site's hosts is in ``fabfile``."""

from __future__ import annotations

import sys
from pathlib import Path

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from house import tasks as house_tasks
from lab import tasks as lab_tasks
from moorage.tasks_begin import completion, new_site, site_schema
from moorage.terminal import end_when_unread

end_when_unread()
ROOT = Path(__file__).resolve().parent
_BIN = Path(sys.executable).parent
_INVENTORY = "name under inventories/ or path of a site.yml; default: MOORAGE_INVENTORY"


@task(
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "dry_run": "show what would change and stop",
        "yes": "carry the plan out without a question; also: MOORAGE_YES=1",
        "wait": "how long to wait for another operator, such as 10m; default: not at all",
        "verbose": "tell each remote command with its exit code and time",
    },
)
def build_image(
    c: Context,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Build the Nexus image here, bring it to every node.

    example: inv build-image --dry-run
    """
    from moorage import cli_runs
    from moorage.cli import Flags
    from moorage.transport.local import LocalHost

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_runs.run(c, ["image"], flags, builder=LocalHost())


@task(
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "what": "stack, dockerfile, exports or all",
        "output": "folder to write the files to; default: standard output",
        "proxy": "nginx, haproxy or caddy: the configuration of a proxy of one's own instead",
        "certificate": "with --proxy: file on its machine; of HAProxy with the key in it",
        "key": "with --proxy: file on its machine",
        "traefik_version": "instead of ingress.version, such as 3.7; needed where that is auto",
    },
)
def render(
    _c: Context,
    inventory: str | None = None,
    what: str = "all",
    output: str | None = None,
    proxy: str | None = None,
    certificate: str | None = None,
    key: str | None = None,
    traefik_version: str | None = None,
) -> None:
    """Print Dockerfile, stack and export file; touch no host.

    example: inv render --what stack --traefik-version 3.7
    """
    from moorage import cli_looks

    if proxy is not None:
        made = cli_looks.proxy_files(proxy, certificate=certificate, key=key)
    else:
        made = cli_looks.documents(what, traefik_version=traefik_version)
    cli_looks.render(made, inventory=inventory, output=output)


@task(
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "file": "the encrypted file; default: secrets.age beside the inventory",
        "new_identity": "make the key that opens it, where you have none yet",
    },
)
def secrets_edit(
    _c: Context, inventory: str | None = None, file: str | None = None, new_identity: bool = False
) -> None:
    """Edit the encrypted file of secrets.

    example: inv secrets-edit --new-identity
    """
    from moorage import cli_secrets

    cli_secrets.edit(inventory=inventory, file=file, new_identity=new_identity)


@task(
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "account": "who logs in, where ssh.user does not say",
        "host": "only this host's file",
    },
)
def sudoers(
    _c: Context, inventory: str | None = None, account: str | None = None, host: str | None = None
) -> None:
    """Print the sudoers file that the site's account needs.

    example: inv sudoers --account ops --host swarm1
    """
    from moorage import cli_looks

    cli_looks.sudoers(inventory=inventory, account=account, host=host)


@task(
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "output": "folder to write the units to; default: standard output",
        "user": "account that they run as; default: this one",
    },
)
def systemd_units(
    _c: Context, inventory: str | None = None, output: str | None = None, user: str | None = None
) -> None:
    """Print timers for backup, drift check and status.

    example: inv systemd-units --user moorage --output units
    """
    from moorage import cli_units

    cli_units.units(inventory=inventory, output=output, user=user)


@task(
    auto_shortflags=False,
    help={"inventory": _INVENTORY, "force": "replace files that are there already"},
)
def ca_create(_c: Context, inventory: str | None = None, force: bool = False) -> None:
    """Make a private CA and a certificate for the site's names.

    example: inv ca-create --inventory prod
    """
    from moorage import cli_certificates

    cli_certificates.create(inventory=inventory, force=force)


@task(
    auto_shortflags=False,
    help={"inventory": _INVENTORY, "force": "replace the certificate that is there already"},
)
def certificate_issue(_c: Context, inventory: str | None = None, force: bool = False) -> None:
    """Sign a certificate for the site's names with the private CA.

    example: inv certificate-issue --force
    """
    from moorage import cli_certificates

    cli_certificates.issue(inventory=inventory, force=force)


@task
def demo(_c: Context) -> None:
    """Make the lab, do the main job in it and show the result.

    example: inv demo
    """
    from lab import demo

    house_tasks.install_packages()
    raise Exit(code=demo.main(ROOT, _BIN))


ns = Collection(
    new_site,
    completion,
    site_schema,
    build_image,
    render,
    secrets_edit,
    sudoers,
    systemd_units,
    ca_create,
    certificate_issue,
    demo,
    house_tasks.test,
    house_tasks.chaos,
    house_tasks.check,
    house_tasks.audit,
    house_tasks.pictures,
    house_tasks.bench,
    house_tasks.fuzz,
    house_tasks.lock,
    lab=Collection.from_module(lab_tasks),
)
