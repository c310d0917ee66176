"""The steps that look at each machine with Docker by itself, made ready for a site."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moorage import documents
from moorage.config.schema.site import Site
from moorage.steps.base import Step
from moorage.steps.logins import LoginDesired, LoginsStep
from moorage.steps.nodes import Common, NodesStep, desired
from moorage.transport.fleet import Fleet, ca_file
from moorage.values import Secret


def nodes_step(
    fleet: Fleet, site: Site, home: str, only: Sequence[str], *, undo: bool,
    going: tuple[str, ...] = (),
) -> Step:  # fmt: skip
    """Packages, trust, names and mirrors.

    Args:
        home: the folder of the stack on each host.
        only: inventory names of the machines to look at; empty for all.
        undo: take out what was put in.
        going: as :class:`Common` has it.

    Raises:
        Refused: the inventory's CA is not there.
    """
    ca = ca_file(site) if site.nodes.registry_ca and not undo else None
    wanted = desired(site, ca.read_text(encoding="utf-8") if ca else None, undo=undo)
    common = Common(
        home=home,
        mark=f" # moorage {site.stack.name}",
        names=(site.registry.domain, site.nexus.domain),
        kernel=documents.kernel_client(site),
        package_proxy=site.nodes.package_proxy or "",
        going=going,
    )
    return NodesStep(fleet, {name: one for name, one in wanted.items() if name in (only or wanted)},
                     common)  # fmt: skip


def logins_step(
    fleet: Fleet, site: Site, home: str, only: Sequence[str], secret: Callable[[str], Secret], *,
    undo: bool,
) -> Step:  # fmt: skip
    """Who is logged in at the registry; as :func:`nodes_step`."""
    user = "" if undo else site.nodes.login or ""
    machines = tuple(name for name in site.docker_hosts() if name in (only or site.docker_hosts()))
    return LoginsStep(fleet, LoginDesired(
        home=home,
        registry=site.with_port(site.registry.domain),
        user=user,
        password=secret(site.nexus.users[user].password) if user else Secret(""),
        machines=machines,
    ))  # fmt: skip
