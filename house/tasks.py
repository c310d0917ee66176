"""Tasks on the repository itself, for ``inv``."""

from __future__ import annotations

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task


@task
def check(_c: Context) -> None:
    """Check format, lint, types, imports, dead code and links."""
    from house import check

    raise Exit(code=check.run())


@task
def audit(_c: Context) -> None:
    """Ask what is known against the locked packages; 4: not reached."""
    from house import audit
    from house.errors import HouseError

    try:
        raise Exit(code=audit.run())
    except HouseError as failure:
        raise Exit(f"error: {failure}", failure.exit_code) from None


@task
def pictures(_c: Context) -> None:
    """Draw the README's pictures from recorded output."""
    from house import pictures

    pictures.main()
