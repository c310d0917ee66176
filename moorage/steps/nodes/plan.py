"""What is to be changed on one machine with Docker. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moorage.change import Change, Difference, Verb
from moorage.errors import Refused
from moorage.quoting import Script
from moorage.steps.base import RunScript
from moorage.steps.nodes import scripts
from moorage.steps.nodes.desired import Common, NodeDesired
from moorage.steps.nodes.observe import CLIENT, DAEMON, HOSTS, NodeObserved
from moorage.steps.put import things

TOGETHER = "nodes"
_DIGITS = 12
_PATHS_IN_MIRRORS = (24, 0, 9)
"""Docker takes a mirror with a path since this (moby, commit c587ba3422)."""


@dataclass(frozen=True)
class Node:
    """One machine: what it is to have, and what it has."""

    name: str
    wanted: NodeDesired
    seen: NodeObserved
    common: Common

    def changes(self) -> Iterator[Change]:
        """All changes, none of which needs another.

        Raises:
            Refused: what is there must not be changed.
        """
        yield from self._client()
        yield from self._certificates()
        yield from self._hosts()
        yield from self._mirror()

    def notes(self) -> Iterator[str]:
        """What the operator should know of it."""
        seen, wanted = self.seen, self.wanted
        lasting = self.common.lasting(seen.mounts)
        if self._client_put and not wanted.nfs and seen.package and lasting:
            yield f"{self.name}: the NFS client stays, since {lasting[0]} is mounted by NFS"
        if wanted.nfs and not wanted.runs and seen.package and seen.kernel is False:
            yield (f"{self.name}: the kernel has no NFS client ({self.common.kernel[1]}), so Nexus "
                   "could not be moved there")  # fmt: skip
        written = things(seen.put, "ca")
        for path, digest in (words for words in written if len(words) == 2):  # noqa: PLR2004
            found = seen.certificates.get(path)
            if path not in wanted.certificates and found not in (None, digest):
                yield f"{self.name}: {path} stays, since somebody else has changed it"
        lost = [name for name in wanted.names if name not in seen.known and not wanted.address]
        if lost:
            yield f"{self.name}: {' and '.join(lost)} cannot be resolved there (nodes.hosts_file)"

    def _change(
        self, verb: Verb, subject: str, shown_by: str, script: Script, *differences: Difference
    ) -> Change:
        return Change(
            verb, subject, self.name, differences, (RunScript(self.name, script),),
            together=TOGETHER, shown_by=(shown_by, "put"), needs=(),
        )  # fmt: skip

    @property
    def _client_put(self) -> bool:
        return [CLIENT.name(self.seen.distribution)] in things(self.seen.put, "package")

    def _client(self) -> Iterator[Change]:
        seen, home, subject = self.seen, self.common.home, "NFS client package"
        if not self.wanted.nfs:
            lasting = self.common.lasting(seen.mounts)
            if self._client_put and seen.package and not lasting:
                script = scripts.remove_client(home, seen.distribution)
                yield self._change("remove", subject, "package", script,
                                   Difference("package", "installed", None))  # fmt: skip
            return
        if not seen.package:
            script = scripts.install_client(
                home, seen.distribution, self.common.kernel, self.common.package_proxy,
                prove=self.wanted.runs,
            )  # fmt: skip
            yield self._change("create", subject, "package", script,
                               Difference("package", None, "installed"))  # fmt: skip
        elif seen.kernel is False and self.wanted.runs:
            raise Refused(
                f"the kernel has no NFS client ({self.common.kernel[1]})",
                host=self.name,
                hint="install nfs-common and linux-modules-extra for this kernel, or boot the "
                "kernel whose modules are there; or take the node out of stack.placement.nodes",
            )

    def _certificates(self) -> Iterator[Change]:
        seen, home = self.seen, self.common.home
        for path, text in self.wanted.certificates.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            found = seen.certificates.get(path)
            if found != digest:
                yield self._change(
                    "update" if found else "create", f"CA {path}", "certificates",
                    scripts.certificate(home, path, text, digest),
                    Difference("sha256", found and found[:_DIGITS], digest[:_DIGITS]),
                )  # fmt: skip
        for path, digest in (words for words in things(seen.put, "ca") if len(words) == 2):  # noqa: PLR2004
            if path not in self.wanted.certificates and seen.certificates.get(path) == digest:
                yield self._change(
                    "remove", f"CA {path}", "certificates",
                    scripts.remove_certificate(home, path, digest),
                    Difference("sha256", digest[:_DIGITS], None),
                )  # fmt: skip

    def _hosts(self) -> Iterator[Change]:
        wanted, mark = self.wanted, self.common.mark
        ours = [line for line in self.seen.hosts if line.endswith(mark)]
        others = _addresses(line for line in self.seen.hosts if not line.endswith(mark))
        for name in wanted.names if wanted.address else ():
            if others.get(name, wanted.address) != wanted.address:
                raise Refused(
                    f"{HOSTS} gives {others[name]} for {name} in a line that is not Moorage's",
                    host=self.name, hint=f"take that line out, or set nodes.hosts_file to it: "
                    f"{others[name]}",
                )  # fmt: skip
        line = " ".join((wanted.address, *wanted.names)) + mark if wanted.address else ""
        if not ours and all(name in others for name in wanted.names):
            return
        if ours == ([line] if line else []):
            return
        before = ours[0].removesuffix(mark) if ours else None
        yield self._change(
            ("update" if ours else "create") if line else "remove",
            f"line in {HOSTS}", "hosts", scripts.hosts_line(mark, line),
            Difference("line", before, line.removesuffix(mark) or None),
        )  # fmt: skip

    def _mirror(self) -> Iterator[Change]:
        """Docker's configuration with our mirror alone otherwise; all else in it stays."""
        seen, wanted = self.seen, self.wanted.mirror
        put = {words[0] for words in things(seen.put, "mirror") if words} - {wanted}
        if not (wanted or put):
            return
        before = _settings(seen.daemon_json, self.name)
        listed = [str(item).rstrip("/") for item in before.get("registry-mirrors") or []]
        gone = [item for item in listed if item in put]
        lacking = bool(wanted) and not (wanted in listed and wanted in seen.mirrors)
        if not (gone or lacking):
            return
        if wanted:
            self._require_engine(wanted)
        verb: Verb = ("update" if gone else "create") if wanted else "remove"
        texts = _with_mirrors(before, (seen.daemon_json or "").rstrip("\n"), wanted, gone)
        script = scripts.daemon_json(self.common.home, texts, wanted, gone)
        yield Change(
            verb, f"mirror in {DAEMON}", self.name,
            (Difference("registry-mirrors", " ".join(gone) or None, wanted or None),),
            (RunScript(self.name, script),),
            together=TOGETHER, shown_by=("daemon", "engine", "put"), needs=(),
        )  # fmt: skip

    def _require_engine(self, mirror: str) -> None:
        if not self.seen.engine:
            raise Refused("Docker does not answer, and is to be given a mirror", host=self.name,
                          hint="start Docker there; fab doctor says more")  # fmt: skip
        has_path = "/" in mirror.partition("://")[2]
        version = tuple(int(part) for part in re.findall(r"\d{1,9}", self.seen.engine)[:3])
        if has_path and version < _PATHS_IN_MIRRORS:
            raise Refused(
                f"Docker {self.seen.engine} takes no mirror with a path; 24.0.9 and later do",
                host=self.name,
                hint="update Docker there, or name in nodes.mirror an address without a path",
            )


def _addresses(lines: Iterator[str]) -> dict[str, str]:
    """The address of each name: the first line that has it counts (hosts(5))."""
    found: dict[str, str] = {}
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name, address)
    return found


def _with_mirrors(
    settings: dict[str, Any], text: str, wanted: str, gone: list[str]
) -> scripts.Configuration:
    """Docker's configuration with our mirror first and former ones gone; all else as it is."""
    key = "registry-mirrors"
    kept = [item for item in settings.get(key) or []
            if str(item).rstrip("/") not in (*gone, wanted)]  # fmt: skip
    loaded = {**settings, key: [wanted, *kept] if wanted else kept}
    after = {name: value for name, value in loaded.items() if value or name != key}
    shown = [json.dumps(one, indent=2, ensure_ascii=False) for one in (loaded, after)]
    return scripts.Configuration(text, shown[0], shown[1] if after else "")


def _settings(text: str | None, host: str) -> dict[str, Any]:
    """Docker's configuration as data.

    Raises:
        Refused: it is no JSON object, or one that dockerd does not take.
    """
    hint = f"correct it there: dockerd --validate --config-file {DAEMON}"
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(f"{DAEMON} is not valid JSON", host=host, hint=hint)
    listed = found.get("registry-mirrors")
    if listed is not None and not (
        isinstance(listed, list) and all(isinstance(item, str) for item in listed)
    ):
        raise Refused(f"registry-mirrors in {DAEMON} is no list of texts", host=host, hint=hint)
    return found
