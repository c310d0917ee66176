"""The shell that finds Nexus' container and enters it."""

from __future__ import annotations

from moorage.quoting import Script, after_ready, command_line


def find_container(service: str) -> Script:
    """Prints the id of the service's newest running container on a node, if there is one."""
    return Script(
        f"find the container of {service}",
        'docker ps --no-trunc --quiet --latest --filter status=running --filter "label=$label"',
        {"label": f"com.docker.swarm.service.name={service}"},
    )


def entering(container: str, *, sudo: bool, asks: bool) -> str:
    """One line of shell that enters it, on a terminal.

    By sudo it is a script for the same ``sh -s`` as all others, so that the sudoers file needs no
    rule of its own for it; the terminal is taken from where the script does not come from.

    Args:
        sudo: whether it needs sudo.
        asks: whether sudo asks for a password, which it then does on the terminal itself.
    """
    line = command_line(["docker", "exec", "-it", container, "sh"])
    if not sudo:
        return line
    shell = ["sh", "-s"]
    argv = ["sudo", "--", *after_ready(shell)] if asks else ["sudo", "-n", "--", *shell]
    return f"{command_line(['printf', '%s', f'{line} </dev/tty'])} | {command_line(argv)}"


def inside(container: str, command: str) -> Script:
    """One command in it.

    Where it is cut off, Docker lets it go on in the container (moby issue 9098).
    """
    return Script(
        "run the command in Nexus' container",
        'docker exec -- "$container" sh -c "$command" 2>&1',
        {"container": container, "command": command},
    )


def on_host(command: str) -> Script:
    """One command on a host, with the rights that Moorage has there."""
    return Script("run the command", 'sh -c "$command" 2>&1', {"command": command})
