"""Generations in a restic repository: each is two snapshots, of the data and of the manifest.

The snapshot of the manifest is made last, so a generation without one is not complete. What is told
of it in a list stands in the tags of that snapshot. Source: restic's manual, "Backing up", "Working
with repositories", "Removing backup snapshots"; tried with 0.14.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moorage.errors import Refused
from moorage.quoting import Script, Value
from moorage.steps.backup import restic_scripts as shell
from moorage.steps.backup.desired import LEFT_OUT, Target
from moorage.steps.backup.generations import Generation, Manifest, is_name, manifest_of
from moorage.steps.backup.target import TargetObserved
from moorage.transport.base import Probe, Section
from moorage.transport.parsing import parser
from moorage.values import Secret

_TOLD = ("version", "image", "image_id", "inventory", "kind", "index")


class Restic:
    """Keeps generations in a repository.

    Args:
        target: which.
        stack: whose generations; a repository may have others' too.
        home: folder of the stack on the NFS host, where a running copy is noted.
        uid: who owns Nexus' data.
    """

    programs: Sequence[str] = ("restic",)

    def __init__(self, target: Target, stack: str, home: str, uid: int) -> None:
        self._target = target
        self._stack = stack
        self._home = home
        self._uid = uid

    def _script(self, summary: str, body: str, **more: Value) -> Script:
        values: dict[str, Value] = {
            "repository": self._target.folder, "password": self._target.password or Secret(""),
            "stack": self._stack, "home": self._home, **more,
        }  # fmt: skip
        return Script(summary, shell.RESTIC + body, values)

    def probe(self) -> Probe:
        listing = self._script("list the backups", shell.LIST)
        return Probe(listing.summary, {"target": listing.body}, listing.variables)

    @parser("restic")
    def read(self, section: Section, host: str) -> TargetObserved:
        text = section.text
        # it is installed before a repository is made
        if "Is there a repository" in text or text.splitlines()[-1:] == ["absent"]:
            return TargetObserved(ready=False, free=_free(text))
        if not section.ok:
            said = [line for line in text.splitlines() if line.strip()][-1:]
            wrong = "wrong password" in text
            raise Refused(
                f"{self._target.told}: {''.join(said)}", host=host,
                hint="look at what backup.password leads to" if wrong else
                f"look on {host} whether restic reaches it: restic -r {self._target.folder} "
                "snapshots",
            )  # fmt: skip
        snapshots = section.json()
        parts: dict[str, dict[str, Any]] = {}
        for snapshot in snapshots or []:
            tags = dict(tag.partition("=")[::2] for tag in snapshot.get("tags") or [])
            for part in ("data", "manifest", "live"):
                if part in tags and is_name(tags[part]):
                    parts.setdefault(tags[part], {})[part] = {**tags, "id": snapshot["id"]}
        whole = {name: found for name, found in parts.items() if {"data", "manifest"} <= set(found)}
        return TargetObserved(
            ready=True,
            generations=tuple(self._generation(name, whole[name]) for name in sorted(whole)),
            partial=tuple(sorted(set(parts) - set(whole))),
            free=_free(text),
        )

    def _generation(self, name: str, parts: dict[str, dict[str, Any]]) -> Generation:
        tags = parts["manifest"]
        manifest = Manifest(
            name=name, stack=self._stack, files=int(tags.get("files") or 0),
            bytes=int(tags.get("bytes") or 0), **{key: tags.get(key, "") for key in _TOLD},
        )  # fmt: skip
        ids = tuple(part["id"] for part in parts.values())
        return Generation(name, manifest, tags.get("proven", ""), ids)

    def make(self) -> Script:
        return self._script(f"make the repository {self._target.folder}", shell.MAKE)

    def measure(self, previous: str, source: str) -> Script | None:  # noqa: ARG002
        return None

    def copy(self, name: str, previous: str, source: str, *, live: bool) -> Script:  # noqa: ARG002
        words = " while Nexus runs" if live else ""
        return self._script(
            f"back {source} up to {self._target.told}{words}", shell.COPY,
            name=name, source=source, live=live, part="live" if live else "data",
            left_out=[f"{source}{pattern}" for pattern in LEFT_OUT],
        )  # fmt: skip

    def complete(self, manifest: Manifest, previous: str) -> Script:  # noqa: ARG002
        head = json.dumps(manifest.data(), ensure_ascii=False).removesuffix("}")
        tags = [f"{key}={getattr(manifest, key)}" for key in _TOLD if key != "index"]
        return self._script(f"check {manifest.name} and call it complete", shell.COMPLETE,
                            name=manifest.name, head=head, tags=tags)  # fmt: skip

    def remove(self, generation: Generation) -> Script:
        return self._script(f"remove the backup {generation.name}", shell.REMOVE,
                            name=generation.name)  # fmt: skip

    def discard(self, name: str) -> Script:
        return self._script(f"remove the unfinished backup {name}", shell.DISCARD, name=name)

    def described(self, generation: Generation) -> Script | None:
        return self._script(f"read the manifest of {generation.name}", shell.DESCRIBED,
                            name=generation.name)  # fmt: skip

    def fetch(self, generation: Generation, folder: str, *, without: Sequence[str] = ()) -> Script:
        return self._script(
            f"put {generation.name} into {folder}, and compare", shell.FETCH,
            name=generation.name, into=folder, uid=self._uid, index=generation.manifest.index,
            without=[f"/{name}" for name in without],
        )  # fmt: skip

    def prove(self, generation: Generation, at: str) -> Script:
        return self._script(f"write down that {generation.name} is proven", shell.PROVE,
                            name=generation.name, at=at)  # fmt: skip


def with_content(generation: Generation, text: str) -> Generation:
    """A generation with the manifest that was read of it."""
    manifest = manifest_of(text)
    return replace(generation, manifest=manifest) if manifest else generation


def _free(text: str) -> int | None:
    """What is free where the repository is a directory here."""
    words = next((line.split() for line in text.splitlines() if line.startswith("blocks ")), [])
    free = words[4] if len(words) > 4 else ""  # noqa: PLR2004
    return int(free) * 1024 if free.isdigit() else None
