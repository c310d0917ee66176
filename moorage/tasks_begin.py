"""Tasks of ``inv`` for whoever begins: an inventory, an editor and a shell that know Moorage."""

from __future__ import annotations

from invoke.context import Context
from invoke.tasks import task


@task
def site_schema(_c: Context) -> None:
    """Print the JSON Schema of site.yml, for editors.

    example: inv site-schema
    """
    from moorage.config.site_schema import schema_text

    print(schema_text(), end="")
