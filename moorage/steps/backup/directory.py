"""Generations as directories: unchanged files are hard links to those of the one before.

A generation under way is called ``NAME.partial``, and gets its name when it is complete (rename(2)
is all or nothing). The NFS host does it all, by itself or by SSH to another host.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from moorage.errors import Refused
from moorage.quoting import Script, Value
from moorage.steps.backup import directory_scripts as shell
from moorage.steps.backup.desired import LEFT_OUT, Target
from moorage.steps.backup.generations import Generation, Manifest, is_name, manifest_of
from moorage.steps.backup.target import TargetObserved
from moorage.transport.base import Probe, Section
from moorage.transport.parsing import parser

_TOTAL, _FREE = 2, 4
"""Which words of a line of ``df -P``, with one before it, tell what there is and what is free."""
_NO_SSH = 255
"""Exit code of ssh(1) for failures of its own."""


class Directory:
    """Keeps generations in a directory.

    Args:
        target: which, and how it is reached.
        home: folder of the stack on the NFS host, where a running copy is noted.
        uid: who owns Nexus' data.
        sample: how many files are compared when a generation is fetched.
    """

    programs: Sequence[str] = ("rsync",)

    def __init__(self, target: Target, home: str, uid: int, sample: int) -> None:
        self._target = target
        self._home = home
        self._uid = uid
        self._sample = sample

    def _reached(self) -> dict[str, Value]:
        target = self._target
        return {
            "login": target.login, "ssh_key": target.key,
            "ssh_port": str(target.port) if target.port else "", "folder": target.folder,
        }  # fmt: skip

    def _there(self, script: Script) -> Script:
        """The same script where the directory is."""
        if not self._target.login:
            return script
        values: dict[str, Value] = {**self._reached(), "script": script.text()}
        return Script(script.summary, shell.AT_TARGET, values, shown=script.command)

    def _carry(self, summary: str, body: str, **more: Value) -> Script:
        """A script that runs rsync between the NFS host and the directory."""
        values = {**self._reached(), "home": self._home, "left_out": LEFT_OUT, **more}
        return Script(summary, shell.RSYNC + body, values)

    def probe(self) -> Probe:
        folder = {"folder": self._target.folder}
        listing = self._there(Script("list the backups", shell.LIST, folder))
        return Probe("list the backups", {"target": listing.body}, listing.variables)

    @parser("the target of backups")
    def read(self, section: Section, host: str) -> TargetObserved:
        if not section.ok:
            raise self._unreached(section, host)
        lines = section.text.splitlines()
        found: list[Generation] = []
        for line in lines:
            word, _, rest = line.partition(" ")
            name, _, rest = rest.partition(" ")
            proven, _, text = rest.partition(" ")
            manifest = manifest_of(text) if word == "generation" and is_name(name) else None
            if manifest:
                found.append(Generation(name, manifest, "" if proven == "-" else proven))
        blocks = _number(next((line.split() for line in lines if line.startswith("blocks ")), []))
        inodes = _number(next((line.split() for line in lines if line.startswith("inodes ")), []))
        return TargetObserved(
            ready="ready" in lines,
            generations=tuple(sorted(found, key=lambda one: one.name)),
            partial=tuple(name for line in lines if line.startswith("partial ")
                          and is_name(name := line.split()[1])),
            free=None if blocks is None else blocks * 1024,
            free_inodes=inodes,
        )  # fmt: skip

    def _unreached(self, section: Section, host: str) -> Refused:
        said = section.text.strip().splitlines()[-1:]
        login = self._target.login
        if login and section.exit_code == _NO_SSH:
            return Refused(
                f"{login} is not reached by SSH: {''.join(said)}", host=host,
                hint=f"on {host}, as the account that Moorage's scripts run as: ssh {login} true; "
                "its key is to be known there, and its login to need no question; see "
                "backup.ssh_key",
            )  # fmt: skip
        return Refused(f"{self._target.told} cannot be read: {''.join(said)}", host=host,
                       hint="look at backup.to")  # fmt: skip

    def make(self) -> Script:
        folder = self._target.folder
        return self._there(Script(f"make the directory {folder}", shell.MAKE, {"folder": folder}))

    def measure(self, previous: str, source: str) -> Script | None:
        return self._carry("reckon how much is to be copied", shell.MEASURE,
                           previous=previous, source=source)  # fmt: skip

    def copy(self, name: str, previous: str, source: str, *, live: bool) -> Script:
        upon = f", upon {previous}" if previous else ""
        summary = f"copy {source} to {self._target.told}{upon}"
        made = self._there(Script("", shell.BEGIN, {"folder": self._target.folder, "name": name}))
        return self._carry(
            f"{summary}{' while Nexus runs' if live else ''}", shell.COPY,
            name=name, previous=previous, source=source, live=live, begin=made.text(),
        )  # fmt: skip

    def complete(self, manifest: Manifest, previous: str) -> Script:
        head = json.dumps(manifest.data(), ensure_ascii=False).removesuffix("}")
        return self._there(Script(
            f"check {manifest.name} and call it complete", shell.COMPLETE,
            {"folder": self._target.folder, "name": manifest.name, "previous": previous,
             "head": head},
        ))  # fmt: skip

    def remove(self, generation: Generation) -> Script:
        values = {"folder": self._target.folder, "name": generation.name}
        return self._there(Script(f"remove the backup {generation.name}", shell.REMOVE, values))

    def discard(self, name: str) -> Script:
        values = {"folder": self._target.folder, "name": name}
        gone = self._there(Script("", shell.DISCARD, values))
        return Script(f"remove the unfinished backup {name}", shell.END_COPY + shell.RUN_SCRIPT,
                      {"home": self._home, "script": gone.text()})  # fmt: skip

    def described(self, generation: Generation) -> Script | None:  # noqa: ARG002
        return None

    def fetch(self, generation: Generation, folder: str, *, without: Sequence[str] = ()) -> Script:
        seen = generation.manifest
        return self._carry(
            f"put {generation.name} into {folder}, and compare", shell.FETCH,
            name=generation.name, into=folder, without=list(without),
            uid=self._uid, sample=self._sample, wanted_index=seen.index,
        )  # fmt: skip

    def prove(self, generation: Generation, at: str) -> Script:
        values = {"folder": self._target.folder, "name": generation.name, "at": at}
        return self._there(
            Script(f"write down that {generation.name} is proven", shell.PROVE, values)
        )


def _number(words: list[str]) -> int | None:
    """What is free, from a line of ``df -P`` with a word before it; None where none are counted."""
    total, free = (words[_TOTAL], words[_FREE]) if len(words) > _FREE else ("", "")
    return int(free) if free.isdigit() and total != "0" else None
