"""Tasks on this machine, for ``inv``: what happens on the site's hosts is in ``fabfile``."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from house import tasks as house_tasks
from lab import tasks as lab_tasks

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
    """Build the Nexus image here, bring it to every node."""
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
    """Print Dockerfile, stack and export file; touch no host."""
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
    """Edit the encrypted file of secrets."""
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
    """Print the sudoers file that the site's account needs."""
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
    """Print timers for backup, drift check and status."""
    from moorage import cli_units

    cli_units.units(inventory=inventory, output=output, user=user)


@task(
    auto_shortflags=False,
    help={"inventory": _INVENTORY, "force": "replace files that are there already"},
)
def ca_create(_c: Context, inventory: str | None = None, force: bool = False) -> None:
    """Make a private CA and a certificate for the site's names."""
    from moorage import cli_certificates

    cli_certificates.create(inventory=inventory, force=force)


@task(
    auto_shortflags=False,
    help={"inventory": _INVENTORY, "force": "replace the certificate that is there already"},
)
def certificate_issue(_c: Context, inventory: str | None = None, force: bool = False) -> None:
    """Sign a certificate for the site's names with the private CA."""
    from moorage import cli_certificates

    cli_certificates.issue(inventory=inventory, force=force)


@task
def demo(_c: Context) -> None:
    """Make the lab, do the main job in it and show the result."""
    from lab import demo

    _install_packages()
    raise Exit(code=demo.main(ROOT, _BIN))


@task(
    auto_shortflags=False,
    help={
        "minutes": "how long there are faults",
        "seed": "number that the faults are drawn from; default: any, and it is told",
        "json": "file to write the report to as data too",
    },
)
def chaos(_c: Context, minutes: str = "10", seed: str = "", json: str = "") -> None:
    """Break the lab by chance while it is used, and judge what is left."""
    from lab.chaos import run

    try:
        drawn, length = int(seed) if seed else None, int(minutes)
    except ValueError:
        raise Exit("error: --minutes and --seed take whole numbers", 3) from None
    _install_packages()
    code = run.main(ROOT, _BIN, drawn, length, Path(json) if json else None)
    raise Exit(code=code)


@task(auto_shortflags=False, help={"options": "further options of pytest"})
def test(_c: Context, options: str = "") -> None:  # noqa: PT028
    """Run all tests, those in the lab included."""
    skipped = os.environ.get("MOORAGE_SKIP", "").split(",")
    _install_packages(lab="lab" not in skipped, tests=True, groovy="groovy" not in skipped,
                      core="core" not in skipped, proxies="proxies" not in skipped)  # fmt: skip
    _run("pytest", *shlex.split(options))


@task(
    auto_shortflags=False,
    help={
        "quick": "the rows of one host, few pairs each, into .bench/",
        "only": "one part: converge, startup or nexus; the other rows stay",
        "group": "only groups of rows whose heading begins so",
    },
)
def bench(_c: Context, quick: bool = False, only: str = "", group: str = "") -> None:
    """Measure against Ansible, pyinfra, Fabric and ssh, into bench/."""
    flags = ["--quick"] * quick + ["--only", only] * bool(only) + ["--group", group] * bool(group)
    _run("python", "-m", "bench", *flags)


@task(
    auto_shortflags=False,
    help={
        "minutes": "how long to look; default: 10",
        "seed": "of what is tried; default: 1",
        "input": "a find, to be tried again, without atheris",
    },
)
def fuzz(_c: Context, minutes: float = 10.0, seed: int = 1, input: str = "") -> None:  # noqa: A002
    """Feed the loader of inventories what atheris makes of them; finds go to .fuzz/finds."""
    chosen = ["--input", str(Path(input).resolve())] if input else []
    _run("python", "tests/fuzz/run.py", "--minutes", str(minutes), "--seed", str(seed), *chosen)


@task
def lock(_c: Context) -> None:
    """Make the requirements.lock files anew; needs uv."""
    common = ["uv", "pip", "compile", "--universal", "--python-version", "3.11",
              "--generate-hashes", "--no-emit-index-url", "--quiet", "--upgrade",
              "--custom-compile-command", "./run inv lock"]  # fmt: skip
    _run(*common, "pyproject.toml", "--group", "test", "--group", "check",
         "--output-file", "requirements.lock")  # fmt: skip
    for folder in ("bench", "house"):
        _run(*common, f"{folder}/requirements.in", "--output-file", f"{folder}/requirements.lock")


def _install_packages(
    *,
    lab: bool = True,
    tests: bool = False,
    groovy: bool = False,
    core: bool = False,
    proxies: bool = False,
) -> None:
    """Install what the lab and the tests need of this machine, after a question.

    Raises:
        Exit: something is missing still.
    """
    from lab.errors import LabError
    from lab.packages import install_missing

    try:
        install_missing(lab=lab, tests=tests, groovy=groovy, core=core, proxies=proxies)
    except LabError as failure:
        raise Exit(f"error: {failure}", failure.exit_code) from None


def _run(program: str, *arguments: str) -> None:
    """Run a program of the virtual environment in the project's folder.

    Raises:
        Exit: its exit code, where that is not 0.
    """
    import subprocess

    found = _BIN / program
    argv = [str(found) if found.exists() else program, *arguments]
    code = subprocess.run(argv, cwd=ROOT, check=False).returncode
    if code:
        raise Exit(code=code)


ns = Collection(
    build_image,
    render,
    secrets_edit,
    sudoers,
    systemd_units,
    ca_create,
    certificate_issue,
    demo,
    test,
    chaos,
    house_tasks.check,
    house_tasks.audit,
    house_tasks.pictures,
    bench,
    fuzz,
    lock,
    lab=Collection.from_module(lab_tasks),
)
