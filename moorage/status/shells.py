"""The shell that finds Nexus' container and enters it."""

from __future__ import annotations

from moorage.quoting import Script, command_line

ENTER = ("docker", "exec", "-it")
"""What enters a container; ``inv sudoers`` allows it."""


def find_container(service: str) -> Script:
    """Prints the id of the service's newest running container on a node, if there is one."""
    return Script(
        f"find the container of {service}",
        'docker ps --no-trunc --quiet --latest --filter status=running --filter "label=$label"',
        {"label": f"com.docker.swarm.service.name={service}"},
    )


def entering(container: str, *, sudo: bool) -> str:
    """One line of shell that enters it; sudo may ask on the terminal itself."""
    argv = [*ENTER, container, "sh"]
    return command_line(["sudo", "--", *argv] if sudo else argv)


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
