"""From a task's flags to a run: site, hosts, secrets, report, and the exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from moorage.errors import ExitCode, MoorageError
from moorage.terminal import asker, confirmed

if TYPE_CHECKING:
    from moorage.config.schema.site import Site
    from moorage.order import Assembly
    from moorage.report.text import Report
    from moorage.transport.base import Host
    from moorage.values import Secret

ROOT = Path(__file__).resolve().parent.parent
_YES = {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Options:
    """What the command line says beside a task's own flags.

    Args:
        hosts: inventory names selected by ``-H``; empty for all.
        dry_run: plan only, for the whole line.
        debug: show tracebacks.
        sudo_password: from ``--prompt-for-sudo-password``.
        connect_kwargs: from ``--identity`` and its like.
    """

    hosts: tuple[str, ...]
    dry_run: bool
    debug: bool
    sudo_password: Secret | None
    connect_kwargs: dict[str, Any]


def options(context: Any) -> Options:
    """Read them from an Invoke or Fabric context."""
    from moorage.values import Secret

    config = context.config
    ours = config.get("moorage") or {}
    password = (config.get("sudo") or {}).get("password")
    environment_says_dry = os.environ.get("MOORAGE_DRY_RUN", "").lower() in _YES
    connect = {key: value for key, value in dict(config.get("connect_kwargs") or {}).items()
               if value}  # fmt: skip
    return Options(
        hosts=tuple(ours.get("hosts") or ()),
        dry_run=bool((config.get("run") or {}).get("dry")) or environment_says_dry,
        debug=bool(ours.get("debug")) or os.environ.get("MOORAGE_DEBUG", "").lower() in _YES,
        sudo_password=Secret(password) if password else None,
        connect_kwargs=connect,
    )


def site(inventory: str | None) -> Site:
    """The site that the flag, the environment or the inventories folder names.

    Raises:
        InventoryError: every mistake in it.
        Refused: it is not clear which.
    """
    from moorage.config.inventory import load_site

    return load_site(inventory, root=ROOT, environ=os.environ)


@contextlib.contextmanager
def told(*, debug: bool) -> Iterator[None]:
    """Turn every expected failure into its lines on stderr and its exit code.

    Raises:
        Exit: the only exception that Invoke ends on without a traceback.
    """
    try:
        yield
    except MoorageError as failure:
        if debug:
            traceback.print_exc()
        raise Exit("\n".join(failure.lines()), int(failure.exit_code)) from None
    except KeyboardInterrupt:
        lines = "interrupted: what was done stays; run the same command again to carry on"
        raise Exit(lines, int(ExitCode.INTERRUPTED)) from None
    except OSError as cause:
        if isinstance(cause, BrokenPipeError):
            sys.stderr.close()
            raise Exit(code=int(ExitCode.FAILED)) from None
        if debug:
            traceback.print_exc()
        raise Exit(f"error: {cause}", int(ExitCode.FAILED)) from None


def selected_hosts(names: Sequence[str], inventory: str | None) -> list[str]:
    """Inventory names for what ``-H`` was given: names, ssh-config aliases or addresses.

    Raises:
        Exit: one of them is no host of the inventory; nothing was contacted.
    """
    with told(debug=False):
        from moorage.transport.aliases import inventory_names

        return inventory_names(site(inventory), names)


@contextlib.contextmanager
def _assembled(
    context: Any,
    inventory: str | None,
    *,
    dry_run: bool = False,
    any_host: bool = False,
    **further: Any,
) -> Iterator[tuple[Assembly, Report]]:
    from moorage.config.render import Templates
    from moorage.order import Assembly, choose_manager
    from moorage.report.text import Report
    from moorage.transport.fleet import Fleet

    given = options(context)
    _quieten_libraries(debug=given.debug)
    report = Report()
    with told(debug=given.debug), contextlib.ExitStack() as stack:
        stack.callback(report.quiet)
        wanted = site(inventory)
        secret = _secrets(wanted)
        reference = wanted.ssh.sudo_password
        password = given.sudo_password or (secret(reference) if reference else None)
        fleet = stack.enter_context(
            Fleet(wanted, sudo_password=password, connect_kwargs=given.connect_kwargs)
        )
        named = () if any_host else given.hosts
        managers = [name for name in named if name not in wanted.hosts.nfs]
        yield (
            Assembly(
                wanted, fleet, Templates(ROOT), secret,
                choose_manager(wanted, managers), dry_run=dry_run or given.dry_run,
                **further,
            ),
            report,
        )  # fmt: skip


def _quieten_libraries(*, debug: bool) -> None:
    """Keep paramiko's own tracebacks out of the output: every failure is told once, by us."""
    import logging

    logger = logging.getLogger("paramiko")
    logger.addHandler(logging.NullHandler())
    logger.propagate = debug


def _secrets(wanted: Site) -> Callable[[str], Secret]:
    from moorage.config.secrets import resolve

    ask = asker()
    return lambda reference: resolve(reference, wanted, environ=os.environ, ask=ask)


def run(
    context: Any,
    steps: Sequence[str],
    *,
    inventory: str | None = None,
    dry_run: bool = False,
    builder: Host | None = None,
    prune: bool = False,
    resend_passwords: bool = False,
) -> None:
    """Run steps in order; the body of every task that changes something.

    Args:
        context: the task's Invoke or Fabric context.
        steps: names, in the order in which they follow each other.
        inventory: name or path, as the flag gave it.
        dry_run: plan only.
        builder: where the image is built, when that is not the manager.
        prune: remove from Nexus what is not in the inventory.
        resend_passwords: send Nexus the secrets that it does not give out.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.order import refuse_foreign_hosts
    from moorage.runner import run as run_step

    nfs_alone = list(steps) == ["nfs"]
    with _assembled(
        context, inventory, dry_run=dry_run, any_host=nfs_alone, builder=builder, prune=prune,
        resend_passwords=resend_passwords,
    ) as (assembly, report):  # fmt: skip
        refuse_foreign_hosts(assembly.site, steps, options(context).hosts)
        for name in steps:
            if assembly.dry_run and assembly.unknowable(name):
                report.line(f"{name}: known only after the steps before it are applied")
                continue
            assembly.plans[name] = run_step(assembly.step(name), report, dry_run=assembly.dry_run)


def up(context: Any, *, inventory: str | None = None, dry_run: bool = False) -> None:
    """All steps in order, then the proof; see :func:`run`."""
    from moorage.order import ORDER

    run(context, ORDER, inventory=inventory, dry_run=dry_run)
    if not (dry_run or options(context).dry_run):
        verify(context, inventory=inventory)


def verify(context: Any, *, inventory: str | None = None) -> None:
    """Prove the result from outside and print each proof.

    Raises:
        Exit: something does not work.
    """
    from moorage.checks.verify import verify as prove

    with _assembled(context, inventory) as (assembly, report):
        report.begin("verify")
        if options(context).dry_run:
            report.line("verify: would push and pull an image; nothing was done")
            return
        password = assembly.secret(assembly.site.nexus.admin_password)
        for proof in prove(assembly.site, assembly.fleet, password, report.progress):
            word = "warning" if proof.warning else "ok"
            report.line(f"verify: {word}: {proof.subject}: {proof.outcome}")
        report.line(f"verify: done ({report.elapsed()})")


def doctor(context: Any, *, inventory: str | None = None, trust_host_keys: bool = False) -> None:
    """Check everything that can be checked before a change, and print each finding.

    Raises:
        Exit: code 1 where anything failed.
    """
    from moorage.checks.doctor import examine
    from moorage.checks.doctor import trust_host_keys as trust
    from moorage.config.advice import advice
    from moorage.report.text import count

    with _assembled(context, inventory, any_host=True) as (assembly, report):
        report.begin("doctor")
        if trust_host_keys:
            for line in trust(assembly.site, assembly.fleet, confirmed):
                report.line(f"doctor: {line}")
        told_of = [f"{item.field}: {item.message}" for item in advice(assembly.site)]
        names = list(options(context).hosts) or list(assembly.site.named_hosts())
        findings = examine(assembly.site, assembly.fleet, names, report.progress, advice=told_of)
        for finding in findings:
            report.finding(finding.level, finding.host, finding.subject, finding.message,
                           finding.hint)  # fmt: skip
        levels = [finding.level for finding in findings]
        summary = ", ".join((
            f"{levels.count('ok')} ok", count(levels.count("warning"), "warning"),
            count(levels.count("failure"), "failure"),
        ))  # fmt: skip
        report.line(f"doctor: {summary} ({report.elapsed()})")
        if "failure" in levels:
            raise Exit(code=int(ExitCode.FAILED))


def render(*, inventory: str | None, what: str, output: str | None) -> None:
    """Print or write what the templates make of an inventory.

    Args:
        inventory: name or path, as the flag gave it.
        what: stack, dockerfile, exports or all.
        output: folder to write the files to; None for standard output.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=os.environ.get("MOORAGE_DEBUG", "") in _YES):
        from moorage.config.render import Templates
        from moorage.documents import rendered

        files = rendered(site(inventory), Templates(ROOT), what)
        if output is None:
            for name, text in files.items():
                if len(files) > 1:
                    print(f"# {name}")
                print(text, end="" if len(files) == 1 else "\n")
            return
        folder = Path(output)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            print(folder / name)
