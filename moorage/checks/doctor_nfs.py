"""Findings about the NFS host: package, service, port and export path. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moorage.checks.base import About, Finding
from moorage.checks.doctor_probe import NFS_PORT, Answers
from moorage.config.schema.site import Site
from moorage.documents import exports_path
from moorage.errors import MoorageError, Refused
from moorage.steps.nfs.desired import desired
from moorage.steps.nfs.observe import NfsObserved, parse
from moorage.steps.nfs.refusals import refuse_unsafe
from moorage.steps.nodes.observe import NOT_KNOWN
from moorage.transport.base import Section

_CANDIDATE = re.compile(r"^\s*Candidate: (\S+)", re.MULTILINE)
_SETUP = "fab nfs-setup"


def observed(host: str, site: Site, answers: Answers) -> NfsObserved | None:
    """What the step ``nfs`` would see; None where its probe did not get through."""
    try:
        # a section has lost the last line break, which a whole probe ends with
        return parse(answers.part("export").text + "\n", site.storage.export, host)
    except (MoorageError, ValueError):
        return None


def server(host: str, site: Site, answers: Answers) -> Iterator[Finding]:
    """All about the server and what it is to export."""
    seen = observed(host, site, answers)
    if seen is None:
        yield About(host, "nfs server").warning(
            "not known: the probe did not get through", "log in there and run the doctor again"
        )
        return
    yield _package(host, seen, answers.part("candidate"))
    yield from _service(host, seen, listening=answers.part("port").ok)
    yield _export(host, site, seen)


def _package(host: str, seen: NfsObserved, candidate: Section) -> Finding:
    about = About(host, "nfs server")
    if seen.package:
        return about.ok("package installed")
    if candidate.exit_code == NOT_KNOWN:
        return about.ok(f"not installed yet: {_SETUP} does it by dnf (nfs-utils)")
    found = _CANDIDATE.search(candidate.text)
    if found and found[1] != "(none)":
        return about.ok(f"not installed yet: {_SETUP} does it (nfs-kernel-server {found[1]})")
    return about.failure(
        "not installed, and apt has no package nfs-kernel-server",
        "put the distribution's own sources into /etc/apt and run apt-get update",
    )


def _service(host: str, seen: NfsObserved, *, listening: bool) -> Iterator[Finding]:
    about = About(host, "nfs service")
    if seen.active and listening:
        yield about.ok(f"running, listens on port {NFS_PORT}")
    elif seen.active:
        yield about.failure(
            f"running, but nothing listens on port {NFS_PORT}",
            "look at /etc/nfs.conf ([nfsd] port, tcp) and at: systemctl status nfs-server",
        )
    elif listening:
        yield about.failure(
            f"stopped, and another program listens on port {NFS_PORT}",
            "find it with ss -ltnp; a userspace server such as Ganesha has to go first",
        )
    elif seen.package:
        yield about.warning(
            "stopped", f"{_SETUP} starts it; if it should run: journalctl -u nfs-server"
        )
    else:
        yield about.ok(f"port {NFS_PORT} is free")
    if seen.active and not seen.enabled:
        yield about.warning("does not start at boot", f"{_SETUP} sees to it")


def _export(host: str, site: Site, seen: NfsObserved) -> Finding:
    about = About(host, "export")
    path = site.storage.export
    try:
        refuse_unsafe(desired(site, exports_path(site), ""), seen, host)
    except Refused as refusal:
        return about.failure(refusal.message, refusal.hint)
    if seen.directory is None:
        return about.ok(f"{path} is free: {_SETUP} makes it")
    owner = f"{seen.directory.uid}:{seen.directory.gid}"
    if seen.directory.uid != site.nexus.uid:
        return about.warning(
            f"{path} belongs to {owner}, not to Nexus' {site.nexus.uid}",
            f"{_SETUP} gives the directory itself its owner; files in it stay as they are",
        )
    clients = "clients that only root is told" if seen.exported is None else (
        f"{len(seen.exported)} clients")  # fmt: skip
    return about.ok(f"{path} belongs to {owner}, exported to {clients}")
