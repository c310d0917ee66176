"""``fab logs``: what the service prints, and what Nexus writes into its own files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from moorage.cli import Flags, assembled
from moorage.errors import MoorageError, Refused
from moorage.exit_codes import ExitCode

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.status.logs import Wish
    from moorage.values import Secret

_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*")
_WITHOUT_QUESTION = ("env:", "file:", "age:")
_LOGINS = re.compile(
    r"((?:authorization[\"']*: *[\"']*(?:basic|bearer) +|[?&](?:password|token|secret)=))"
    r"[^\s&\"']+",
    re.IGNORECASE,
)
# what a client wrote into its name must not steer the operator's terminal
_VISIBLE = {code: chr(0x2400 + code) for code in range(32) if chr(code) != "\t"} | {127: "\u2421"}
_VISIBLE |= {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}


def logs(
    context: Any,
    flags: Flags,
    *,
    nexus: bool = False,
    file: str | None = None,
    follow: bool = False,
    since: str | None = None,
    grep: str | None = None,
    lines: str | None = None,
) -> None:
    """Print a log, line by line as it comes.

    Args:
        nexus: Nexus' own file in place of what the service prints.
        file: which of Nexus' files, such as ``request``.
        follow: go on until Ctrl-C.
        since: how far back, such as ``10m``.
        grep: only lines with this text in them.
        lines: how many of the last ones; default: 100, or all with ``since``.

    Raises:
        Exit: 130 for the end of ``follow``; else by what failed.
    """
    with assembled(context, flags) as (assembly, report):
        from moorage.status.logs import of_nexus, of_service
        from moorage.transport.streams import Starts, streamed
        from moorage.transport.streams import lines as whole_lines

        site = assembly.site
        wish = _wish(follow=follow, since=since, grep=grep, lines=lines)
        if nexus or file:
            name, where = _name(file or "nexus"), site.nfs_name
            script = of_nexus(site.storage.export, name, wish)
        else:
            where = assembly.manager
            script = of_service(f"{site.stack.name}_{site.stack.service}", wish)
        host = assembly.fleet.host(where)
        assert isinstance(host, Starts)  # noqa: S101
        known = list(_secrets(assembly))
        try:
            with streamed(host, script) as pieces:
                for line in whole_lines(pieces):
                    report.line(_clean(line, known))
        except KeyboardInterrupt:
            raise Exit(code=int(ExitCode.INTERRUPTED)) from None


def _wish(*, follow: bool, since: str | None, grep: str | None, lines: str | None) -> Wish:
    """What the flags ask.

    Raises:
        Refused: one of them is no duration or number.
    """
    from moorage.config.schema.base import seconds
    from moorage.status.logs import DEFAULT_LINES, Wish

    try:
        back = seconds(since) if since else None
    except ValueError as cause:
        raise Refused(f"--since: {cause}", hint="such as --since 10m") from None
    if lines is not None and not lines.isdigit():
        raise Refused(f"--lines: {lines} is not a number of lines")
    most = None if since else DEFAULT_LINES
    return Wish(follow=follow, seconds=back, text=grep or "",
                lines=int(lines) if lines is not None else most)  # fmt: skip


def _name(text: str) -> str:
    """Name of a file below Nexus' log folder.

    Raises:
        Refused: it is none, or leads elsewhere.
    """
    if not _NAME.fullmatch(text):
        raise Refused(f"--file: {text} is no name of a log", hint="such as --file request, audit")
    return text.removesuffix(".log")


def _secrets(assembly: Assembly) -> Iterator[Secret]:
    """Those that can be had without asking anybody: Nexus writes none, but others write to it."""
    from moorage.config.references import references

    for reference in dict.fromkeys(references(assembly.site)):
        if reference.startswith(_WITHOUT_QUESTION):
            try:
                yield assembly.secret(reference)
            except MoorageError:
                continue


def _clean(line: str, secrets: list[Secret]) -> str:
    """A line without logins and without what would steer a terminal."""
    from moorage.quoting import hidden

    return _LOGINS.sub(r"\1***", hidden(line.rstrip("\r"), secrets)).translate(_VISIBLE)
