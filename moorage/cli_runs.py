"""Tasks that change something, from their flags to a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from moorage import cli_certificates
from moorage.cli import Flags, assembled, options, site, told
from moorage.cli_looks import verify
from moorage.errors import Refused
from moorage.terminal import consent

if TYPE_CHECKING:
    from moorage.change import Outcome
    from moorage.order import Assembly
    from moorage.report.text import Report
    from moorage.steps.base import Step
    from moorage.transport.base import Host


def run(context: Any, steps: Sequence[str], flags: Flags, *, builder: Host | None = None) -> None:
    """Run steps in order; the body of every task that changes something.

    Args:
        context: the task's Invoke or Fabric context.
        steps: names, in the order in which they follow each other.
        builder: where the image is built, when that is not the manager.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    nfs_alone = list(steps) == ["nfs"]
    with assembled(context, flags, names=steps, any_host=nfs_alone, builder=builder) as (
        assembly,
        report,
    ):
        carried_out(context, flags, assembly, report)


def carried_out(
    context: Any, flags: Flags, assembly: Assembly, report: Report,
    makers: dict[str, Callable[[], Step]] | None = None, *,
    confirm: Callable[[str], None] | None = None, whole: bool = False,
) -> list[Outcome]:  # fmt: skip
    """Show what an assembly's steps would change, ask, and carry it out, as the flags say.

    Args:
        makers: of the steps, in their order; None for those that the assembly has.
        confirm: asks; None for what the flags say.
        whole: whether none is begun where one of them is refused.

    Raises:
        MoorageError: the first failure.
    """
    from moorage.runner import run as carry_out

    if makers is not None:
        assembly.names, assembly.makers = tuple(makers), makers
    work = assembly.work(
        report,
        confirm=confirm or consent(yes=flags.yes or options(context).yes),
        wait_seconds=waiting(flags.wait),
        vital=assembly.names if whole else (),
    )
    return carry_out(work, dry_run=assembly.dry_run)


def up(context: Any, flags: Flags) -> None:
    """All steps in order, then the proof; see :func:`run`."""
    from moorage.choice import ORDER

    run(context, ORDER, flags)
    if not (flags.dry_run or options(context).dry_run):
        verify(context, flags)


def certificate_renew(context: Any, flags: Flags, *, force: bool) -> None:
    """Renew the private CA's certificate where that is due, then hand Traefik what is there.

    Swarm starts Traefik anew for it: a client that pushes meanwhile tries its layer again.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=options(context).debug):
        wanted = site(flags.inventory)
    handed = wanted.ingress.tls is not None and wanted.ingress.tls.certificate is not None
    if wanted.private_ca or not handed:
        cli_certificates.renew(
            context, inventory=flags.inventory, force=force, dry_run=flags.dry_run, yes=flags.yes
        )
    if handed:
        run(context, ["certificate"], flags)


def waiting(text: str | None) -> float:
    """Seconds of ``--wait``.

    Raises:
        Refused: it is no duration.
    """
    from moorage.config.schema.base import seconds

    try:
        return float(seconds(text)) if text else 0.0
    except ValueError as cause:
        raise Refused(f"--wait: {cause}", hint="such as --wait 10m") from None
