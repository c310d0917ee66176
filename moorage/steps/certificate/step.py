"""The step ``certificate``: secrets and a config of the Swarm, on Traefik's own service.

Traefik reads certificates from files of its dynamic configuration only (traefik v3, "TLS",
"Certificates Definition"), so its service must have them. Swarm never changes a secret or config
that is there, so each content has a name of its own, and the former ones go once Traefik runs
with the new.
"""

from __future__ import annotations

from collections.abc import Mapping

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused
from moorage.ingress.running import tag_version
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.certificate import scripts
from moorage.steps.certificate.desired import CertificateDesired, Part
from moorage.steps.certificate.observe import PARTS_OF, CertificateObserved, parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

_NEWEST = "3"


class CertificateStep:
    """Hand a certificate to Traefik through one manager."""

    name = "certificate"

    def __init__(
        self, fleet: Fleet, manager: str, wanted: CertificateDesired, *, undo: bool = False
    ) -> None:
        """A step.

        Args:
            undo: take out of Traefik's service what was put in for the stack, and nothing else.
        """
        self._fleet = fleet
        self._manager = manager
        self._wanted = wanted
        self._undo = undo

    def observe(self, progress: Progress) -> CertificateObserved:
        seen: CertificateObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        return {self._manager: probe(self._wanted.service, self._wanted.stack)}

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> CertificateObserved:
        return parse(answer_of(answers, self._manager), self._manager)

    def plan(self, observed: CertificateObserved) -> Plan:
        wanted, manager = self._wanted, self._manager
        parts: tuple[Part, ...] = ()
        if not self._undo:
            version = _version(wanted, observed)
            parts = wanted.parts(version)
            refuse(wanted, observed, version, manager)
        changes = (
            *_made(wanted, observed, parts, manager),
            *_given(wanted, observed, parts, manager),
            *_former(observed, parts, manager),
        )
        return Plan(self.name, changes)

    def carry_out(self, action: Action, _progress: Progress) -> None:
        raise AssertionError(f"every action of this step is a script: {action.summary}")


def _version(wanted: CertificateDesired, observed: CertificateObserved) -> str:
    """What the inventory says, else what the image's tag says; only the major one matters."""
    return wanted.version or ".".join(map(str, tag_version(observed.image or ""))) or _NEWEST


def refuse(
    wanted: CertificateDesired, observed: CertificateObserved, version: str, manager: str
) -> None:
    """Make sure that Traefik will read what it is given.

    Its static options may be in a file, which is not seen: then nothing is said of them.

    Raises:
        Refused: there is no such service, or its file provider reads elsewhere.
    """
    if observed.image is None:
        raise Refused(f"there is no service {wanted.service} in the Swarm", host=manager,
                      hint="set ingress.tls.service to the full name of Traefik's")  # fmt: skip
    old = version.startswith("1.")
    option = "file.directory" if old else "providers.file.directory"
    seen = _options(observed.arguments)
    entry = "entrypoints"
    if not any(name.startswith(entry) for name in seen):
        return
    directory = seen.get(option)
    if directory is None or directory.rstrip("/") != wanted.directory:
        reads = f"reads files from {directory}" if directory else "reads no files"
        raise Refused(
            f"{wanted.service} {reads}, so it would not see the certificate", host=manager,
            hint=f"start it with --{option}={wanted.directory}, or set ingress.tls.directory",
        )  # fmt: skip


def _options(arguments: tuple[str, ...]) -> dict[str, str]:
    pairs = (word.lstrip("-").partition("=") for word in arguments if word.startswith("--"))
    return {name.lower(): value for name, _, value in pairs}


def _made(
    wanted: CertificateDesired, observed: CertificateObserved, parts: tuple[Part, ...], manager: str
) -> list[Change]:
    return [
        Change("create", f"{part.kind} {part.name}", manager,
               actions=(RunScript(manager, scripts.create(part, wanted.stack)),),
               shown_by=(PARTS_OF[part.kind],))
        for part in parts if (part.kind, part.name) not in observed.there
    ]  # fmt: skip


def _given(
    wanted: CertificateDesired, observed: CertificateObserved, parts: tuple[Part, ...], manager: str
) -> list[Change]:
    """One update for all, since each starts Traefik anew."""
    differences, options = [], []
    for part in parts:
        before = observed.mounted.get((part.kind, part.target))
        if before != part.name:
            differences.append(Difference(f"{part.kind} {part.target}", before, part.name))
            options += [f"--{part.kind}-rm={before}"] if before else []
            options.append(f"--{part.kind}-add=source={part.name},target={part.target}")
    for kind, target, name in _stray(observed, parts):
        differences.append(Difference(f"{kind} {target}", name, None))
        options.append(f"--{kind}-rm={name}")
    if not differences:
        return []
    script = scripts.update(wanted.service, options)
    hint = f"look at: docker service ps --no-trunc {wanted.service}"
    return [Change("update", f"service {wanted.service}", manager, tuple(differences),
                   (RunScript(manager, script, hint),), shown_by=("service",))]  # fmt: skip


def _stray(observed: CertificateObserved, parts: tuple[Part, ...]) -> list[tuple[str, str, str]]:
    """What was made for this stack and is in a place that is not asked for any more."""
    asked_for = {(part.kind, part.target) for part in parts}
    return [(kind, target, name) for (kind, target), name in observed.mounted.items()
            if (kind, name) in observed.there and (kind, target) not in asked_for]  # fmt: skip


def _former(observed: CertificateObserved, parts: tuple[Part, ...], manager: str) -> list[Change]:
    kept = {(part.kind, part.name) for part in parts}
    return [
        Change("remove", f"{kind} {name}", manager,
               actions=(RunScript(manager, scripts.remove(kind, name)),),
               shown_by=(PARTS_OF[kind],))
        for kind, name in sorted(observed.there - kept)
    ]  # fmt: skip
