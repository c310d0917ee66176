"""``fab import``: a site that runs already, written down as an inventory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moorage.cli import ROOT, Flags, Options, options, quieten_libraries, told
from moorage.cli_import_flags import ImportFlags, asked_hosts, password_reference, said_values
from moorage.cli_looks import plan
from moorage.errors import Refused
from moorage.terminal import asker, confirmed, there_is_one

if TYPE_CHECKING:
    from moorage.config.schema.site import Site
    from moorage.report.text import Report
    from moorage.takeover.found import Found
    from moorage.takeover.look import Asked, FleetOf, Looked
    from moorage.transport.base import Progress

_STEP = "import"
_FILE = "site.yml"


def take_over(context: Any, flags: ImportFlags) -> None:
    """Read a running site, write its inventory, and show what Moorage would change there.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.interrupts import orderly
    from moorage.report.text import Report

    given = options(context)
    quieten_libraries(debug=given.debug)
    report = Report(verbose=flags.verbose or given.verbose)
    with ExitStack() as stack:
        stack.enter_context(told(debug=given.debug))
        stack.enter_context(orderly())
        stack.callback(report.quiet)
        path = _target(flags.to)
        if given.hosts:
            raise Refused("-H says nothing here", hint="name the hosts by --nfs and --manager")
        replacing = _may_write(path, force=flags.force)
        report.begin(_STEP)
        _write(report, flags, given, path, replacing=replacing)
    if given.dry_run:
        return
    report.line("import: what Moorage would change there, as fab plan shows it:")
    plan(context, Flags(str(path), verbose=flags.verbose))


def _target(to: str) -> Path:
    path = Path(to).expanduser()
    if path.suffix in {".yml", ".yaml"}:
        return path
    if len(path.parts) == 1 and not path.exists():
        path = ROOT / "inventories" / to
    return path / _FILE


def _may_write(path: Path, *, force: bool) -> bool:
    """Whether there is an inventory that may be written over.

    Raises:
        Refused: there is one that may not.
    """
    from moorage.config.paths import shown

    if not path.exists():
        return False
    if not force and not (there_is_one() and confirmed(f"{shown(path)} is there: replace it?")):
        raise Refused(f"{shown(path)} is there already; nothing was read",
                      hint="name another folder by --to, or add --force")  # fmt: skip
    return True


def _write(
    report: Report, flags: ImportFlags, given: Options, path: Path, *, replacing: bool
) -> None:
    from moorage.config.inventory import editor_line
    from moorage.config.paths import shown
    from moorage.config.render import Templates
    from moorage.report.words import count
    from moorage.takeover.take import take
    from moorage.takeover.text import inventory_text
    from moorage.takeover.writing import head, write

    progress = report.progress_of(_STEP)
    found = _found(flags, given, path, report, progress)
    site, taken = take(found, Templates(ROOT), path)
    reference = flags.admin_password or site.nexus.admin_password
    taken.secrets[reference] = "admin's password"
    report.quiet()
    lines = [editor_line(path, ROOT), *head(found, taken)]
    kept = None
    if given.dry_run:
        print(inventory_text(taken.data, taken.comments, lines), end="")
        report.line(f"import: this would be {shown(path)}; nothing was written")
    else:
        kept = write(path, taken, lines, replacing=replacing)
        report.line(f"import: {shown(path)} written ({report.elapsed(_STEP)})")
    if kept:
        report.line(f"import: what was there is {shown(kept)} now")
    for line in taken.left:
        report.line(f"import: not managed: {line}")
    if taken.left:
        report.line(f"import: {count(len(taken.left), 'thing')} not managed; the file says so too")
    for name, what in taken.secrets.items():
        report.line(f"import: set before use: {name} ({what})")


def _found(
    flags: ImportFlags, given: Options, path: Path, report: Report, progress: Progress
) -> Found:
    """Everything that is read: the hosts, then Nexus."""
    from moorage.takeover.look import look

    asked = asked_hosts(flags, given, path)
    fleet_of = _fleets(given, report)
    reference = password_reference(flags)
    looked = look(asked, fleet_of, progress)
    return _with_nexus(flags, asked, looked, fleet_of, reference, progress)


def _fleets(given: Options, report: Report) -> FleetOf:
    from moorage.transport.fleet import Fleet

    return lambda site: Fleet(
        site, sudo_password=given.sudo_password, connect_kwargs=given.connect_kwargs,
        told=report.command,
    )  # fmt: skip


def _with_nexus(
    flags: ImportFlags, asked: Asked, looked: Looked, fleet_of: FleetOf, reference: str,
    progress: Progress,
) -> Found:  # fmt: skip
    from moorage.config.secrets import resolve
    from moorage.ingress.running import running_version
    from moorage.takeover.found import Found
    from moorage.takeover.ingress import network_of
    from moorage.takeover.nexus_reading import reach, read_nexus, ways

    said = said_values(flags, asked)
    site_of = _site_of(flags, asked, looked, said)
    # asked for before anything waits for Nexus: without it nothing can be read there
    password = resolve(reference, site_of("direct", True, 443), environ=os.environ,  # noqa: FBT003
                       ask=asker())  # fmt: skip
    number = int(flags.port) if flags.port and flags.port.isdigit() else None
    api, secure, port, version = reach(ways(flags.api, port=number), site_of, fleet_of, progress)
    site = site_of(api, secure, port)
    with fleet_of(site) as fleet:
        web = fleet.web(site.nexus.domain, retry=False)
        seen = read_nexus(web, version, password, progress)
    if api != "direct":
        said["api"] = api
    if port != (443 if secure else 80) or not secure:
        said["ingress.port"] = port
    if flags.admin_password:
        said["nexus.admin_password"] = reference
    traefik = ""
    if looked.swarm.traefik:
        try:
            traefik = running_version(looked.swarm.traefik, network_of(_labels(looked)))
        except Refused as failure:
            progress(f"note: {failure.message}")
    return Found(
        stack=asked.stack, machines=looked.machines, swarm=looked.swarm, nodes=looked.nodes,
        nfs=looked.nfs, service=looked.service, nexus=seen, traefik=traefik, said=said,
        ssh=asked.ssh, export=asked.export, secure=secure, silent=looked.silent,
    )  # fmt: skip


def _labels(looked: Looked) -> dict[str, str]:
    """The labels of the service that is Nexus."""
    fields = looked.swarm.services[looked.service]
    return {name.removeprefix("label "): value for name, value in fields.items()
            if name.startswith("label ")}  # fmt: skip


def _site_of(
    flags: ImportFlags, asked: Asked, looked: Looked, said: Mapping[str, Any]
) -> Callable[[str, bool, int], Site]:
    """Sites as far as they are known, by the way that Nexus is reached."""
    from moorage.takeover.look import provisional
    from moorage.takeover.routers import routing

    pages = [router.hosts[0] for router in routing(_labels(looked)).routers
             if router.port == 8081 and router.hosts]  # fmt: skip  # noqa: PLR2004
    domain = flags.nexus_domain or next(iter(pages), None)
    if domain is None:
        raise Refused(
            "no label of the service tells the name of Nexus",
            hint="say it by --nexus-domain, and the registry's by --registry-domain",
        )
    hosts: dict[str, Any] = {"nfs": {"nfs": asked.nfs.host()},
                             "managers": {"manager": asked.manager.host()}}  # fmt: skip
    name = domain

    def site_of(api: str, secure: bool, port: int) -> Site:
        tls = {"ca": said["ingress.tls.ca"]} if "ingress.tls.ca" in said else {}
        return provisional(
            asked, hosts, api=api, nexus={"domain": name},
            ingress={"port": port, "tls": tls if secure else None},
        )  # fmt: skip

    return site_of
