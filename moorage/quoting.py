"""The one place that makes shell text: scripts with quoted variables, argv lists as one line.

It is also where secrets become plain for a stream; for requests that is ``transport/http.py``.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from moorage.values import Secret

_SHOWN_LENGTH = 80
_SHORTEST_HIDDEN = 4
_VARIABLE = re.compile(r"^[a-z_][a-z0-9_]*$")
_PREAMBLE = "set -u\nLC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\nexport LC_ALL PATH\n"

Value = str | int | bool | Secret | Sequence[str]


@dataclass(frozen=True)
class Script:
    """Shell text for a host, which is sent by stdin, never in argv.

    Args:
        summary: what it does, in the words of a plan; shown to the operator.
        body: POSIX shell; refers to its variables as ``"$name"``.
        variables: values, quoted where they are set. A sequence becomes one word a line. A
            Secret is revealed in the text that goes over stdin and nowhere else.
        shown: what a failure's message says was run, where that is not all of the body.
    """

    summary: str
    body: str
    variables: Mapping[str, Value] = field(default_factory=dict)
    shown: str = ""

    def text(self) -> str:
        """The whole script, secrets included: for a transport's stdin alone."""
        lines = [f"{name}={_quoted(name, value)}" for name, value in self.variables.items()]
        body = self.body.strip("\n")
        # as a function it is read to its end before any of it runs: a connection that breaks
        # while it is being sent leaves nothing half done
        return "\n".join((_PREAMBLE, *lines, f"moorage() {{\n{body}\n}}", "moorage", ""))

    @property
    def command(self) -> str:
        """What is run, for a failure's message: its one line with the values that are no secrets
        and no texts, or how many lines it has.
        """
        if self.shown:
            return self.shown
        lines = [line.strip() for line in self.body.replace("\\\n", " ").splitlines()]
        lines = [line for line in lines if line]
        if len(lines) != 1:
            return f"{self.summary} (a script of {len(lines)} lines)"
        line = " ".join(lines[0].split())
        for name, value in self.variables.items():
            short = not isinstance(value, Secret) and len(_quoted(name, value)) <= _SHOWN_LENGTH
            line = line.replace(f'"${name}"', _quoted(name, value) if short else f"${name}")
        return line

    def without_secrets(self, text: str) -> str:
        """What a host said of it, with ``***`` where it repeats one of the secrets."""
        return hidden(text, (one for one in self.variables.values() if isinstance(one, Secret)))


def hidden(text: str, secrets: Iterable[Secret]) -> str:
    """A text that others wrote, with ``***`` in the place of these secrets.

    Some programs and servers repeat what they were given in their complaints, as it was or as JSON
    has it. Of the shortest ones nothing can be told apart from other words.
    """
    for secret in secrets:
        value = secret.reveal()
        escaped = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
        for form in (value, *escaped, shlex.quote(value)):
            if len(form) >= _SHORTEST_HIDDEN:
                text = text.replace(form, "***")
    return text


def _quoted(name: str, value: Value) -> str:
    if not _VARIABLE.match(name):
        raise ValueError(f"{name!r} is not a shell variable's name")
    if isinstance(value, Secret):
        return shlex.quote(value.reveal())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return shlex.quote(str(value))
    return shlex.quote("\n".join(value))


def plain_bytes(secret: Secret) -> bytes:
    """A secret as it goes into a stream: to sudo's prompt, or into the operator's own store.

    Whoever calls this hands it on at once and keeps it nowhere; a test names who may.
    """
    return secret.reveal().encode()


def after_ready(argv: Sequence[str], *, quoted: bool = True) -> list[str]:
    """The same command by a shell that says ``ready`` first, for a sudo that asks for a password.

    Args:
        quoted: as shell has it; without, words are joined as sudo itself compares them.
    """
    line = shlex.join(argv) if quoted else " ".join(argv)
    return ["sh", "-c", f"echo ready; exec {line}"]


def command_line(argv: Sequence[str], *, sudo: bool = False) -> str:
    """One line of shell that runs ``argv`` as it is, by ``sudo -n`` where asked."""
    return shlex.join(["sudo", "-n", "--", *argv] if sudo else list(argv))
