"""Tasks that look and change nothing, from their flags to their lines."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from moorage.cli import ROOT, Flags, assembled, options, said, site, told
from moorage.exit_codes import ExitCode
from moorage.terminal import confirmed, consent

if TYPE_CHECKING:
    from moorage.change import Outcome
    from moorage.config.schema.site import Site
    from moorage.order import Assembly
    from moorage.report.text import Report


def plan(
    context: Any,
    flags: Flags,
    *,
    step: str | None = None,
    check: bool = False,
    as_json: bool = False,
) -> None:
    """Observe everything and print what would change; nothing else is done.

    Args:
        step: names of the steps to look at, with commas; default: all.
        check: end with 2 where anything would change.
        as_json: print the plan as data, by ``docs/plan.schema.json``.

    Raises:
        Exit: 2 for drift where it was asked for; else by what failed.
    """
    from moorage.choice import chosen
    from moorage.planning import look, raise_first

    with contextlib.ExitStack() as stack:
        stack.enter_context(told(debug=options(context).debug))
        names = chosen(step)
        quiet = (
            stack.enter_context(Path(os.devnull).open("w", encoding="utf-8")) if as_json else None
        )
        dry = replace(flags, dry_run=True)
        assembly, report = stack.enter_context(
            assembled(context, dry, names=names, any_host=True, out=quiet)
        )
        work = assembly.work(report, confirm=consent(yes=False))
        outcomes, holders = look(work)
        report.outcomes(outcomes, [holder.told() for holder in holders.values()])
        report.summary(outcomes)
        if as_json:
            _print_plan(str(assembly.site.path), outcomes)
        if check and any(outcome.changes for outcome in outcomes):
            raise Exit(code=int(ExitCode.DRIFT))
        raise_first(outcomes)


def _print_plan(path: str, outcomes: Sequence[Outcome]) -> None:
    import json

    from moorage.report.plan_json import plan_data

    print(json.dumps(plan_data(path, outcomes), indent=2, ensure_ascii=False))


def verify(context: Any, flags: Flags, *, slow_upload: bool = False) -> None:
    """Prove the result from outside and print each proof.

    Args:
        slow_upload: also upload something for longer than Traefik waits by default.

    Raises:
        Exit: something does not work.
    """
    with assembled(context, flags) as (assembly, report):
        if options(context).dry_run:
            report.line("verify: would push and pull an image; nothing was done")
            return
        prove(assembly, report, slow_upload=slow_upload)


def prove(assembly: Assembly, report: Report, *, slow_upload: bool = False) -> None:
    """Prove from outside that a site does its work, and print each proof.

    Raises:
        MoorageError: it does not.
    """
    from moorage.checks.verify import SLOW_SECONDS
    from moorage.checks.verify import verify as proofs

    report.begin("verify")
    password = assembly.secret(assembly.site.nexus.admin_password)
    seconds = SLOW_SECONDS if slow_upload else 0.0
    told_of = report.progress_of("verify")
    for proof in proofs(assembly.site, assembly.fleet, password, told_of, slow_seconds=seconds):
        report.line(f"verify: {proof.word}: {proof.subject}: {proof.outcome}")
    report.line(f"verify: done ({report.elapsed('verify')})")


def doctor(context: Any, flags: Flags, *, trust_host_keys: bool = False) -> None:
    """Check everything that can be checked before a change, and print each finding.

    Raises:
        Exit: code 1 where anything failed.
    """
    from moorage.checks.doctor import examine
    from moorage.checks.doctor import trust_host_keys as trust
    from moorage.config.advice import advice
    from moorage.report.words import count

    with assembled(context, flags, any_host=True) as (assembly, report):
        report.begin("doctor")
        if trust_host_keys:
            for line in trust(assembly.site, assembly.fleet, confirmed):
                report.line(f"doctor: {line}")
        told_of = [f"{item.field}: {item.message}" for item in advice(assembly.site)]
        names = list(options(context).hosts) or list(assembly.site.named_hosts())
        findings = examine(assembly.site, assembly.fleet, names, report.progress_of("doctor"),
                           advice=told_of)  # fmt: skip
        for finding in findings:
            report.finding(finding.level, finding.host, finding.subject, finding.message,
                           finding.hint)  # fmt: skip
        levels = [finding.level for finding in findings]
        summary = ", ".join((
            f"{levels.count('ok')} ok", count(levels.count("warning"), "warning"),
            count(levels.count("failure"), "failure"),
        ))  # fmt: skip
        report.line(f"doctor: {summary} ({report.elapsed('doctor')})")
        if "failure" in levels:
            raise Exit(code=int(ExitCode.FAILED))


def sudoers(*, inventory: str | None, account: str | None, host: str | None) -> None:
    """Print what sudo must allow on the hosts; none of them is touched.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        from moorage.sudoers import sudoers as text

        print(text(site(inventory), account=account, host=host), end="")


Made = Callable[["Site"], Mapping[str, str]]
"""Makes texts by file name of a site."""


def documents(what: str, *, traefik_version: str | None = None) -> Made:
    """What the templates make of an inventory.

    Args:
        what: stack, dockerfile, exports or all.
        traefik_version: instead of what the inventory says.
    """

    def make(wanted: Site) -> Mapping[str, str]:
        from moorage.config.render import Templates
        from moorage.documents import rendered
        from moorage.documents.stack import in_front_of

        if traefik_version:
            wanted = in_front_of(wanted, traefik_version)
        return rendered(wanted, Templates(ROOT), what)

    return make


def proxy_files(kind: str, *, certificate: str | None, key: str | None) -> Made:
    """The configuration of a proxy of one's own.

    Args:
        kind: nginx, haproxy or caddy.
        certificate: a file on the proxy's machine.
        key: the same.
    """

    def make(wanted: Site) -> Mapping[str, str]:
        from moorage.config.render import Templates
        from moorage.documents.proxy import proxy

        return dict([proxy(wanted, Templates(ROOT), kind, certificate=certificate, key=key)])

    return make


def render(made: Made, *, inventory: str | None, output: str | None) -> None:
    """Print or write texts that are made of an inventory.

    Args:
        made: makes them.
        inventory: name or path, as the flag gave it.
        output: folder to write the files to; None for standard output.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        files = made(site(inventory))
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
