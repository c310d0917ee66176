"""From a task's flags to a run: site, hosts, secrets, report, and the exit code."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from invoke.exceptions import Exit

from moorage.errors import MoorageError
from moorage.exit_codes import ExitCode
from moorage.system_errors import of_encoding, of_system
from moorage.terminal import asker

if TYPE_CHECKING:
    from moorage.config.schema.site import Site
    from moorage.order import Assembly
    from moorage.report.text import Report
    from moorage.transport.base import Host
    from moorage.transport.fleet import Fleet
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
        yes: carry plans out without a question.
        verbose: tell each remote command.
        sudo_password: from ``--prompt-for-sudo-password``.
        connect_kwargs: from ``--identity`` and its like.
    """

    hosts: tuple[str, ...]
    dry_run: bool
    debug: bool
    yes: bool
    verbose: bool
    sudo_password: Secret | None
    connect_kwargs: dict[str, Any]


def spare_collector() -> None:
    """Have Python look for garbage less often, and not at all in what is imported by now.

    A run is short and what it imports stays: to look through it again and again is a tenth of the
    time of a run without changes. Nor is it all looked through once more when the process ends.
    """
    gc.freeze()
    atexit.register(gc.freeze)
    gc.set_threshold(20_000, 50, 100)


def said(variable: str) -> bool:
    """Whether a variable of the environment says yes."""
    return os.environ.get(variable, "").lower() in _YES


def options(context: Any) -> Options:
    """Read them from an Invoke or Fabric context."""
    from moorage.values import Secret

    config = context.config
    ours = config.get("moorage") or {}
    password = (config.get("sudo") or {}).get("password")
    connect = {key: value for key, value in dict(config.get("connect_kwargs") or {}).items()
               if value}  # fmt: skip
    return Options(
        hosts=tuple(ours.get("hosts") or ()),
        dry_run=bool((config.get("run") or {}).get("dry")) or said("MOORAGE_DRY_RUN"),
        debug=bool(ours.get("debug")) or said("MOORAGE_DEBUG"),
        yes=said("MOORAGE_YES"),
        verbose=said("MOORAGE_VERBOSE"),
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
        raise _failed(failure) from None
    except KeyboardInterrupt:
        lines = ("interrupted: what was done stays, and Swarm goes on with what it was told; "
                 "run the same command again to carry on")  # fmt: skip
        raise Exit(lines, int(ExitCode.INTERRUPTED)) from None
    except OSError as cause:
        if isinstance(cause, BrokenPipeError):
            sys.stderr.close()
            raise Exit(code=int(ExitCode.FAILED)) from None
        if debug:
            traceback.print_exc()
        raise _failed(of_system(cause)) from None
    except UnicodeEncodeError as cause:
        if debug:
            traceback.print_exc()
        raise _failed(of_encoding(cause)) from None


def _failed(failure: MoorageError) -> Exit:
    return Exit("\n".join(failure.lines()), int(failure.exit_code))


def selected_hosts(names: Sequence[str], inventory: str | None) -> list[str]:
    """Inventory names for what ``-H`` was given: names, ssh-config aliases or addresses.

    Raises:
        Exit: one of them is no host of the inventory; nothing was contacted.
    """
    with told(debug=False):
        from moorage.transport.aliases import inventory_names

        return inventory_names(site(inventory), names)


@dataclass(frozen=True)
class Flags:
    """What a task's own flags say.

    Args:
        inventory: name or path.
        dry_run: plan only.
        yes: carry the plan out without a question.
        wait: how long another operator's lock is waited for, such as ``10m``.
        verbose: tell each remote command.
        prune: remove from Nexus what is not in the inventory.
        resend_passwords: send Nexus the secrets that it does not give out.
        instead: references that others are followed instead of.
        undo: take out of the nodes what was put in.
        chown_recursive: give all files below the export Nexus' account.
    """

    inventory: str | None = None
    dry_run: bool = False
    yes: bool = False
    wait: str | None = None
    verbose: bool = False
    prune: bool = False
    resend_passwords: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)
    undo: bool = False
    chown_recursive: bool = False


@contextlib.contextmanager
def assembled(
    context: Any,
    flags: Flags,
    *,
    names: Sequence[str] = (),
    any_host: bool = False,
    builder: Host | None = None,
    out: TextIO | None = None,
    connect_seconds: int | None = None,
) -> Iterator[tuple[Assembly, Report]]:
    """What a run needs, ended in order whatever happens in it.

    Args:
        names: the steps that are run.
        any_host: whether ``-H`` may name any host.
        builder: where the image is built, when that is not the manager.
        out: where the report goes; default: standard output.
        connect_seconds: the longest that a connection may take, where the inventory allows more.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage import choice
    from moorage.interrupts import orderly
    from moorage.report.text import Report

    given = options(context)
    quieten_libraries(debug=given.debug)
    report = Report(out, verbose=flags.verbose or given.verbose)
    with told(debug=given.debug), orderly(), contextlib.ExitStack() as stack:
        stack.callback(report.quiet)
        wanted = _hurried(site(flags.inventory), connect_seconds)
        secret = _secrets(wanted, flags.instead)
        alone = choice.on_each_node(names)
        only = given.hosts if alone else ()
        manager = choice.choose_manager(
            wanted, _managers(wanted, given.hosts, any_host=any_host or alone)
        )
        if names:
            choice.refuse_foreign_hosts(wanted, names, given.hosts)
        fleet = stack.enter_context(_fleet(wanted, manager, given, secret, report))
        fleet.dial(choice.asked_hosts(wanted, names, manager, only))
        # what takes a while to import comes while the hosts answer
        from moorage.config.render import Templates
        from moorage.order import Assembly

        yield Assembly(
            wanted, fleet, Templates(ROOT), secret, manager,
            names=tuple(choice.applicable(wanted, names)), builder=builder, only=only,
            dry_run=flags.dry_run or given.dry_run, prune=flags.prune, undo=flags.undo,
            resend_passwords=flags.resend_passwords, chown_recursive=flags.chown_recursive,
        ), report  # fmt: skip


def _hurried(wanted: Site, most: int | None) -> Site:
    """The same site whose hosts are not waited for longer than some seconds."""
    from moorage.config.schema.base import seconds

    if most is None:
        return wanted
    given = min(seconds(wanted.ssh.connect_timeout), most)
    ssh = wanted.ssh.model_copy(update={"connect_timeout": f"{given}s"})
    return wanted.model_copy(update={"ssh": ssh}).read_from(wanted.path)


def _managers(wanted: Site, hosts: Sequence[str], *, any_host: bool) -> list[str]:
    """Which of the hosts that ``-H`` names are to be the manager that is worked through."""
    if any_host:
        return [name for name in hosts if name in wanted.hosts.managers][:1]
    return [name for name in hosts if name not in wanted.hosts.nfs]


def _fleet(
    wanted: Site,
    manager: str,
    given: Options,
    secret: Callable[[str], Secret],
    report: Report,
) -> Fleet:
    from moorage.transport.fleet import Fleet

    reference = wanted.ssh.sudo_password
    password = given.sudo_password or (secret(reference) if reference else None)
    return Fleet(
        wanted, manager=manager, sudo_password=password, connect_kwargs=given.connect_kwargs,
        told=report.command, warn=lambda text: report.line(f"warning: {text}"),
    )  # fmt: skip


def quieten_libraries(*, debug: bool) -> None:
    """Keep paramiko's own tracebacks out of the output: every failure is told once, by us."""
    import logging

    logger = logging.getLogger("paramiko")
    logger.addHandler(logging.NullHandler())
    logger.propagate = debug


def _secrets(wanted: Site, instead: Mapping[str, str]) -> Callable[[str], Secret]:
    from moorage.config.secrets import resolve

    ask = asker()
    return lambda reference: resolve(
        instead.get(reference, reference), wanted, environ=os.environ, ask=ask
    )
