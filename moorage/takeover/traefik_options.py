"""What Traefik's own arguments tell of its entry points and of whom it takes by itself; pure."""

from __future__ import annotations

from collections.abc import Iterable


def option(arguments: Iterable[str], *names: str) -> str | None:
    """The value of the first of some options, whatever their case; None where none is given."""
    wanted = [name.lower() for name in names]
    for argument in arguments:
        name, equals, value = argument.strip().lstrip("-").partition("=")
        if name.lower() in wanted:
            return value if equals else "true"
    return None


def entry_point(arguments: Iterable[str], port: int) -> str | None:
    """Name of the entry point that listens on a port."""
    for argument in arguments:
        name, _, value = argument.strip().lstrip("-").partition("=")
        words = name.lower().split(".")
        if words[:1] == ["entrypoints"] and words[2:] == ["address"]:
            address = value.partition("/")[0]
            if address.rpartition(":")[2] == str(port):
                return name.split(".")[1]
    return None


def exposes_all(arguments: Iterable[str]) -> bool:
    """Whether services without ``traefik.enable`` are taken: so it is unless it is said."""
    said = option(
        arguments, "providers.swarm.exposedbydefault", "providers.docker.exposedbydefault",
        "docker.exposedbydefault",
    )  # fmt: skip
    return said is None or said.lower() != "false"
