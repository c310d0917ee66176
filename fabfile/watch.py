"""Tasks that tell how the running registry does."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import LOOKS
from moorage.cli import Flags


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
        "json": "print it as data, by docs/status.schema.json",
        "watch": "look again and again until Ctrl-C",
        "every": "with --watch, the pause between two looks; default: 10s",
        "within": "how long a look may take; default: 20s",
        "prometheus": "also write metrics into this file, for the textfile collector",
    },
)
def status(
    c: Any,
    inventory: str | None = None,
    json: bool = False,
    watch: bool = False,
    every: str | None = None,
    within: str = "20s",
    prometheus: str | None = None,
    verbose: bool = False,
) -> None:
    """Tell within 20 s whether all is well, and what not.

    example: fab status --watch --every 1m
    """
    from moorage import cli_status

    cli_status.status(
        c, Flags(inventory, verbose=verbose), as_json=json, watch=watch, every=every,
        within=within, prometheus=prometheus,
    )  # fmt: skip


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
        "nexus": "Nexus' own file, nexus.log, in place of what the service prints",
        "file": "another of Nexus' files: request, audit, jvm or a name below its log folder",
        "follow": "go on with what comes, until Ctrl-C",
        "since": "how far back, such as 10m",
        "grep": "only lines with this text in them",
        "lines": "how many of the last lines; default: 100, or all with --since",
    },
)
def logs(
    c: Any,
    inventory: str | None = None,
    nexus: bool = False,
    file: str | None = None,
    follow: bool = False,
    since: str | None = None,
    grep: str | None = None,
    lines: str | None = None,
    verbose: bool = False,
) -> None:
    """Show the log of the service, or Nexus' own.

    example: fab logs --nexus --follow --since 10m
    """
    from moorage import cli_logs

    cli_logs.logs(c, Flags(inventory, verbose=verbose), nexus=nexus, file=file, follow=follow,
                  since=since, grep=grep, lines=lines)  # fmt: skip


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
        "host": "inventory name of a machine; default: the container that is Nexus",
        "command": "run this one command and end",
    },
)
def shell(
    c: Any,
    inventory: str | None = None,
    host: str | None = None,
    command: str | None = None,
    verbose: bool = False,
) -> None:
    """Open a shell in Nexus' container, or on a host.

    example: fab shell --host swarm2 --command 'docker ps'
    """
    from moorage import cli_shell

    cli_shell.shell(c, Flags(inventory, verbose=verbose), host=host, command=command)
