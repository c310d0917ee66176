"""Hosts that are shells on this machine, and a step that keeps files on them."""

from __future__ import annotations

from pathlib import Path

from moorage.change import Change, Difference, Plan
from moorage.errors import MoorageError
from moorage.quoting import Script
from moorage.steps.base import RunScript, asked
from moorage.transport.base import Probe, sections
from moorage.transport.local import LocalHost

HOME = "/var/lib/moorage/played"


class ShellHost(LocalHost):
    """A host whose root is a folder of its own; remembers what it was asked."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.root = root
        self.asked: list[Script] = []
        self.before = lambda _script: None

    def run(self, script, *, timeout=None):
        self.asked.append(script)
        self.before(script)
        variables = {
            key: value.replace("/var/lib/", f"{self.root}/") if isinstance(value, str) else value
            for key, value in script.variables.items()
        }
        return super().run(Script(script.summary, script.body, variables), timeout=timeout)

    @property
    def lock(self) -> Path:
        return self.root / "moorage/played/lock"

    @property
    def journal(self) -> Path:
        return self.root / "moorage/played/journal.jsonl"


class ShellFleet:
    """Some such hosts."""

    def __init__(self, *hosts) -> None:
        self.hosts = {host.name: host for host in hosts}

    def host(self, name):
        return self.hosts[name]

    def each(self, names, work):
        results = {}
        for name in names:
            try:
                results[name] = work(self.hosts[name])
            except MoorageError as failure:
                failure.host = failure.host or name
                results[name] = failure
        return results


class FileStep:
    """Files with contents on hosts: a change for each that is otherwise."""

    def __init__(self, fleet, wanted, name="files", *, script='printf %s "$text" >"$file"') -> None:
        self.name = name
        self.fleet = fleet
        self.wanted = wanted
        self.script = script
        self.needs = None
        self.shown_by = False

    def _path(self, host, file):
        return str(self.fleet.host(host).root / file)

    def observe(self, progress):
        return asked(self, self.fleet, progress)

    def probes(self):
        return {
            host: Probe(
                f"read {host}",
                {file: f'cat "${file}"' for file in files},
                {file: self._path(host, file) for file in files},
            )
            for host, files in self.wanted.items()
        }

    def read(self, answers, _progress):
        seen = {}
        for host, answer in answers.items():
            if isinstance(answer, MoorageError):
                raise answer
            for file, section in sections(answer).items():
                seen[host, file] = section.text if section.ok else None
        return seen

    def plan(self, observed):
        return Plan(self.name, tuple(
            Change(
                "update" if observed[host, file] else "create", f"file {file}", host,
                (Difference("text", observed[host, file], text),),
                (RunScript(host, Script(f"write {file}", self.script,
                                        {"text": text, "file": self._path(host, file)})),),
                needs=self.needs,
                shown_by=(file,) if self.shown_by else (),
            )
            for host, files in self.wanted.items()
            for file, text in files.items()
            if observed[host, file] != text
        ))  # fmt: skip

    def carry_out(self, action, progress):
        raise AssertionError("all are scripts")
