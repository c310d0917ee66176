"""``fab shell``: into the container that is Nexus, or onto a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from moorage.cli import Flags, assembled
from moorage.errors import CommandFailed, Refused
from moorage.exit_codes import ExitCode

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.quoting import Script
    from moorage.report.text import Report


def shell(
    context: Any, flags: Flags, *, host: str | None = None, command: str | None = None
) -> None:
    """Give this terminal to a shell there, or run one command.

    Args:
        host: inventory name of a machine; None for the container that is Nexus.
        command: run this and end.

    Raises:
        Exit: 1 where the command ended with another code than 0; 130 after Ctrl-C; else by what
            failed.
    """
    with assembled(context, flags, any_host=True) as (assembly, report):
        from moorage.transport.terminal import there_is_one

        if host is not None and host not in assembly.site.named_hosts():
            raise Refused(f"{host} is no host of the inventory",
                          hint=f"it has {', '.join(assembly.site.named_hosts())}")  # fmt: skip
        if command is None and not there_is_one():
            raise Refused(
                "there is no terminal to give to a shell",
                hint="run this on a terminal, or add --command for one command",
            )
        where, container = (host, "") if host else _container(assembly)
        if command is None:
            code = _interactive(assembly, where, container)
        else:
            code = _one_command(assembly, report, where, container, command)
        if code:
            report.line(f"shell: it ended with exit code {code}")
            raise Exit(code=int(ExitCode.FAILED))


def _container(assembly: Assembly) -> tuple[str, str]:
    """The node that runs Nexus and its container there.

    Raises:
        Refused: no task runs, or its node is not in the inventory.
    """
    from moorage.status.shells import find_container
    from moorage.steps.stack.tasks import parse, poll

    site = assembly.site
    service = f"{site.stack.name}_{site.stack.service}"
    state = parse(assembly.fleet.host(assembly.manager).read(poll(service)))
    running = next((task for task in state.tasks if task.running), None) if state else None
    if running is None:
        phase = state.phase() if state else "it is not deployed"
        raise Refused(f"no task of {service} runs: {phase}", hint="fab status tells more")
    names = {site.swarm_hostname(name): name for name in site.swarm_hosts()}
    if running.node not in names:
        raise Refused(
            f"{service} runs on {running.node}, which is no host of the inventory",
            hint="add it under hosts.nodes, with hostname where its name is another",
        )
    name = names[running.node]
    found = assembly.fleet.host(name).read(find_container(service)).split()
    if not found:
        raise Refused(f"{name} has no running container of {service}", hint="fab status tells more")
    return name, found[0]


def _interactive(assembly: Assembly, where: str, container: str) -> int:
    from moorage.status.shells import entering
    from moorage.transport.ssh import SshHost
    from moorage.transport.terminal import interact

    host = assembly.fleet.host(where)
    assert isinstance(host, SshHost)  # noqa: S101
    if not container:
        return interact(host, "")
    return interact(host, entering(container, sudo=host.needs_sudo(), asks=host.sudo_asks))


def _one_command(
    assembly: Assembly, report: Report, where: str, container: str, command: str
) -> int:
    from moorage.status.shells import inside, on_host
    from moorage.transport.streams import Starts, lines, streamed

    script: Script = inside(container, command) if container else on_host(command)
    host = assembly.fleet.host(where)
    assert isinstance(host, Starts)  # noqa: S101
    try:
        with streamed(host, script) as pieces:
            for line in lines(pieces):
                report.line(line)
    except CommandFailed as failure:
        for line in failure.output.splitlines():
            report.line(line)
        return failure.exit_code_seen
    except KeyboardInterrupt:
        raise Exit(code=int(ExitCode.INTERRUPTED)) from None
    return 0
