"""What a step may ask of a host, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from moorage.errors import CommandFailed
from moorage.quoting import Script, Value

Progress = Callable[[str], None]
_FRAME_END = 5
"""Length of the end of a frame, with an exit code of three digits at most."""
LOCK_LOST = 76
"""Exit code of a change that was not begun, since the lock is not this run's any more."""
REFUSES = 78
"""Exit code of a script that found out, before it changed anything, that it must not begin: the
lines of its stderr are why, and what to do."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    def require(self, what: Script, host: str, hint: str = "") -> str:
        """Its stdout, where it ended with 0.

        Raises:
            CommandFailed: any other exit code.
        """
        if self.exit_code == 0:
            return self.stdout
        raise CommandFailed(
            f"could not {what.summary}",
            command=what.command,
            exit_code_seen=self.exit_code,
            output=what.without_secrets(self.stderr.strip() or self.stdout),
            host=host,
            hint=hint,
        )


# Linux gives a random word without starting a program, random(4); this machine may be another
_BOUNDARY = """\
{ read -r boundary </proc/sys/kernel/random/uuid; } 2>/dev/null ||
  boundary=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')"""


class Output(Protocol):
    """A running command whose stdout is read piece by piece."""

    def pieces(self) -> Iterator[bytes]:
        """Its stdout until it ends.

        Raises:
            CommandFailed: it ended with another exit code than 0.
        """
        ...


class Host(Protocol):
    """One machine: a connection that is opened on first use and kept for the run."""

    name: str

    def open(self) -> None:
        """Connect, where that is not done yet; no command is run.

        Raises:
            HostKeyRefused: its key is unknown, or is not the one known.
            Unreachable: no connection in time.
        """
        ...

    def read(self, script: Script, *, timeout: float | None = None) -> str:
        """Run a script that changes nothing; give its stdout.

        Args:
            script: what to run, with the rights that the inventory gives.
            timeout: seconds; default: the inventory's ``ssh.command_timeout``.

        Raises:
            CommandFailed: exit code not 0.
            Unreachable: no connection, or no answer in time.
        """
        ...

    def change(self, script: Script, *, timeout: float | None = None) -> Result:
        """Run a script that changes the host; give how it ended, whatever its exit code.

        Raises:
            Unreachable: no connection, or no answer in time.
        """
        ...

    def output(self, argv: Sequence[str]) -> Output:
        """Start a command for its stdout, too large to be kept in memory."""
        ...

    def feed(self, argv: Sequence[str], pieces: Iterator[bytes]) -> str:
        """Run a command with ``pieces`` as its stdin; give its stdout."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


@dataclass(frozen=True)
class Section:
    """A part of a probe's output.

    Args:
        exit_code: of the part's last command.
        text: stdout and stderr as they came, without the last line break.
    """

    exit_code: int
    text: str

    @property
    def ok(self) -> bool:
        return self.exit_code == 0

    def json(self) -> Any:
        """The JSON that it printed.

        Programs may print warnings before it, since stderr comes in the same stream.

        Raises:
            ValueError: there is none: nothing there is told by an empty list, never by silence.
        """
        lines = self.text.splitlines(keepends=True)
        begin = next((at for at, line in enumerate(lines)
                      if line[0] in "{[" or line.strip() == "null"), len(lines))  # fmt: skip
        found = json.JSONDecoder().raw_decode("".join(lines[begin:]))[0]
        if "\\ud" in self.text.lower():
            # half a surrogate pair is in no text that can be shown
            json.dumps(found, ensure_ascii=False).encode()
        return found

    def json_list(self) -> list[Any]:
        """The list that it printed as JSON, of what is always there: a Swarm has a node at least.

        Raises:
            ValueError: there is nothing in it, or it is none.
        """
        found = self.json()
        if not isinstance(found, list) or not found:
            raise ValueError("a list that is never empty has nothing in it")
        return found


@dataclass(frozen=True)
class Probe:
    """What is read on a host: parts of shell by name, and the values that they refer to.

    Args:
        summary: what is looked at.
        parts: shell text by name; one part's failure does not stop the others.
        variables: values that the parts refer to as ``"$name"``.
    """

    summary: str
    parts: Mapping[str, str]
    variables: Mapping[str, Value] = field(default_factory=dict)

    def only(self, names: Sequence[str]) -> Probe:
        """Some of its parts; all of them where none is named."""
        parts = {name: text for name, text in self.parts.items() if name in names or not names}
        return Probe(self.summary, parts, self.variables)

    def script(self) -> Script:
        """One script for one exec that runs all parts and frames the output of each."""
        body = [_BOUNDARY, 'echo "$boundary"']
        for name, text in self.parts.items():
            body.append(f'echo "--$boundary {name}"\n(\n{text.strip()}\n) 2>&1 </dev/null')
            body.append('printf "\\n--%s = %d\\n" "$boundary" "$?"')
        return Script(self.summary, "\n".join(body), self.variables)


def probe_script(summary: str, parts: Mapping[str, str], **variables: Value) -> Script:
    """The script of a :class:`Probe` that is asked alone."""
    return Probe(summary, parts, variables).script()


def together(probes: Mapping[str, Probe]) -> Probe:
    """Several probes of one host as one, so that one exec answers all of them.

    Args:
        probes: by a name that tells them apart; :func:`portion` takes it.
    """
    parts, variables = dict[str, str](), dict[str, Value]()
    for name, probe in probes.items():
        own = {variable: f"{name}_{variable}" for variable in probe.variables}
        variables |= {own[variable]: value for variable, value in probe.variables.items()}
        values = "\n".join(f"{variable}=${long}" for variable, long in own.items())
        parts |= {f"{name}.{part}": f"{values}\n{text}" for part, text in probe.parts.items()}
    return Probe("; ".join(probe.summary for probe in probes.values()), parts, variables)


def portion(output: str, name: str) -> str:
    """What one probe of several put :func:`together` printed, as if it had been run alone."""
    boundary, _, rest = output.partition("\n")
    kept, inside = [boundary], False
    for line in rest.split("\n"):
        if line.startswith(f"--{boundary} ") and not line.startswith(f"--{boundary} = "):
            inside = line.startswith(f"--{boundary} {name}.")
            kept += [line.replace(f" {name}.", " ", 1)] if inside else []
        elif inside:
            kept.append(line)
    return "\n".join((*kept, ""))


def brought_up_to_date(output: str, newer: str) -> str:
    """A probe's output with those parts that were asked again as they are now."""
    boundary = output.partition("\n")[0]
    parts = {**sections(output), **sections(newer)}
    frames = [f"--{boundary} {name}\n{part.text}\n\n--{boundary} = {part.exit_code}\n"
              for name, part in parts.items()]  # fmt: skip
    return f"{boundary}\n{''.join(frames)}"


def sections(output: str) -> dict[str, Section]:
    """The framed parts of a probe's output, by name; a part that was cut off is left out."""
    boundary, _, rest = output.partition("\n")
    found: dict[str, Section] = {}
    name, lines = "", list[str]()
    # a frame that was cut off itself has no line break yet
    for line in rest.split("\n")[:-1]:
        if not line.startswith(f"--{boundary} "):
            lines.append(line)
            continue
        word = line.removeprefix(f"--{boundary} ")
        if word.startswith("= "):
            # the frame itself adds the line break before it
            if name and word[2:].isdecimal() and len(word) <= _FRAME_END:
                found[name] = Section(int(word[2:]), "\n".join(lines).rstrip("\n"))
            name = ""
        else:
            name, lines = word, []
    return found


def all_sections(output: str, parts: Iterable[str], summary: str, host: str) -> dict[str, Section]:
    """The framed parts of a probe's output, where all of them came.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    found = sections(output)
    missing = [name for name in parts if name not in found]
    if missing:
        raise CommandFailed(
            f"the probe was cut off before {missing[0]}",
            command=summary, exit_code_seen=0, output=output[-2000:], host=host,
            hint="run the same command again",
        )  # fmt: skip
    return found
