"""What former builds and deployments have left, removed; Nexus' own clean-up tasks, run."""

from __future__ import annotations

from typing import Any

from moorage.cli import Flags, assembled
from moorage.cli_runs import carried_out
from moorage.errors import Refused


def clean(context: Any, flags: Flags) -> None:
    """Remove former images, volume definitions, secrets and configs that nothing uses.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        from moorage.order_clean import clean_step

        carried_out(context, flags, assembly, report, {"clean": lambda: clean_step(assembly)})


def gc(context: Any, flags: Flags, *, only: str | None = None, timeout: str = "4h") -> None:
    """Run Nexus' clean-up tasks one after the other, each waited for.

    Args:
        only: types of tasks, with commas.
        timeout: how long one task may take, such as ``4h``.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        from moorage.order_clean import refuse_gc
        from moorage.steps.nexus.gc import GcStep

        refuse_gc(assembly)
        step = GcStep(
            assembly.nexus_web(), ready=assembly.ready,
            password=assembly.secret(assembly.site.nexus.admin_password),
            seconds=_seconds(timeout), only=_types(only),
        )  # fmt: skip
        outcomes = carried_out(context, flags, assembly, report, {"gc": lambda: step})
        if not assembly.dry_run and any(outcome.changes for outcome in outcomes):
            for line in step.sizes():
                report.line(f"gc: {line}")


def _seconds(text: str) -> float:
    from moorage.config.schema.base import seconds

    try:
        return float(seconds(text))
    except ValueError as cause:
        raise Refused(f"--timeout: {cause}", hint="such as --timeout 4h") from None


def _types(text: str | None) -> list[str]:
    """The words of ``--only``.

    Raises:
        Refused: one of them is no type.
    """
    from moorage.config.schema.suggest import suggestion
    from moorage.steps.nexus.gc import TYPES

    if text is None:
        return []
    names = [name.strip() for name in text.split(",")]
    wrong = [name for name in names if name not in TYPES]
    if wrong:
        raise Refused(f"--only: there is no type {wrong[0]}{suggestion(wrong[0], list(TYPES))}",
                      hint=f"one or more of {', '.join(TYPES)}, with commas")  # fmt: skip
    return names
