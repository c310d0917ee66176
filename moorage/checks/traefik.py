"""A Traefik service and its static options, and what of them stands in the registry's way. Pure.

Sources: Traefik's static configuration reference for 1.7, 2.11 and 3.7; option names are not
case sensitive; a file, flags and environment exclude each other, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.checks import traefik_file
from moorage.checks.base import About, Finding
from moorage.config.schema.ingress import Ingress
from moorage.ingress.running import tag_version

_DURATION = re.compile(r"([\d.]+)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_USUAL_READ_SECONDS = 60.0
_LONG_ENOUGH = 3600.0


@dataclass(frozen=True)
class Traefik:
    """A Traefik service.

    Args:
        version: as far as the image's tag says it.
        networks: ids of the networks it is attached to.
        options: static options by name in small letters; None where a file has them.
    """

    id: str
    name: str
    image: str
    version: tuple[int, ...]
    networks: frozenset[str]
    options: Mapping[str, str] | None


def service(item: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Traefik:
    """One service as ``docker service inspect`` gives it (Docker Engine API, "Service").

    Args:
        files: texts that its static options may be in, by ID or path (traefik_file.contents).
    """
    spec = item["Spec"]
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    image = container["Image"].partition("@")[0]
    attached = task.get("Networks") or spec.get("Networks") or []
    return Traefik(
        id=item["ID"],
        name=spec["Name"],
        image=image,
        version=tag_version(image),
        networks=frozenset(network["Target"] for network in attached),
        options=_options(container, files or {}),
    )


def _options(container: Mapping[str, Any], files: Mapping[str, str]) -> Mapping[str, str] | None:
    words = [*(container.get("Command") or []), *(container.get("Args") or [])]
    options = _flags(words)
    named = options.get("configfile")
    if traefik_file.is_used(container, named):
        return traefik_file.options(container, named, files)
    if options:
        return options
    if (found := traefik_file.options(container, None, files)) is not None:
        return found
    environment = _environment(container.get("Env") or [])
    # nothing said at all: the image brings its own file
    return environment or None


def _flags(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, following in zip(words, [*words, ""][1:], strict=True):
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals:
            value = "true" if following.startswith("-") or not following else following
        found[name.lower()] = value
    return found


def _environment(pairs: Sequence[str]) -> dict[str, str]:
    split = (pair.partition("=") for pair in pairs if pair.upper().startswith("TRAEFIK_"))
    return {name.lower().removeprefix("traefik_").replace("_", "."): value
            for name, _, value in split}  # fmt: skip


def speaks_only_the_oldest_api(seen: tuple[int, ...]) -> bool:
    """Whether a version knows Docker's API 1.24 only: before 2.11.31 and 3.6.1 (traefik 12256)."""
    if not seen:
        return False
    if seen[0] >= 3:  # noqa: PLR2004
        return len(seen) > 1 and seen < ((3, 6, 1) if len(seen) > 2 else (3, 6))  # noqa: PLR2004
    if seen[0] == 2:  # noqa: PLR2004
        return len(seen) > 1 and seen < ((2, 11, 31) if len(seen) > 2 else (2, 11))  # noqa: PLR2004
    return True


def problems(about: About, wanted: Ingress, item: Traefik) -> Iterator[Finding]:
    """What in Traefik's static options stands in the way; labels cannot set any of them."""
    asked = wanted.told_version
    seen = item.version if len(item.version) > 1 else asked
    if not seen:
        return
    if item.options is None:
        yield about.warning(
            "its static options are in a file and not seen from here",
            "see that it reads services of the Swarm, and that it has "
            + ", ".join(f"{_read_timeout_of(name)}=0" for name in wanted.entrypoints),
        )
        return
    yield from _provider(about, item.options, seen)
    if seen[0] > 1:
        yield from _entrypoints(about, wanted, item.options, seen)
        yield from _resolver(about, wanted, item.options)


def _provider(about: About, options: Mapping[str, str], seen: tuple[int, ...]) -> Iterator[Finding]:
    wanted = {1: "docker.swarmmode", 2: "providers.docker.swarmmode"}.get(
        seen[0], "providers.swarm"
    )
    said = options.get(wanted, "").lower()
    deeper = seen[0] > 2 and any(name.startswith(f"{wanted}.") for name in options)  # noqa: PLR2004
    if said == "false" or not (said or deeper):
        yield about.failure(
            "it does not read services of the Swarm",
            f"start it with --{wanted}=true",
        )


def _entrypoints(
    about: About, wanted: Ingress, options: Mapping[str, str], seen: tuple[int, ...]
) -> Iterator[Finding]:
    names = {name.split(".")[1] for name in options
             if name.startswith("entrypoints.") and name.count(".") > 1}  # fmt: skip
    for name in wanted.entrypoints:
        if names and name.lower() not in names:
            yield about.failure(
                f"it has no entry point {name}; it has {', '.join(sorted(names))}",
                "set ingress.entrypoints to the one that takes TLS requests",
            )
            continue
        yield from _read_timeout(about, name, options, seen)


def _read_timeout(
    about: About, name: str, options: Mapping[str, str], seen: tuple[int, ...]
) -> Iterator[Finding]:
    """60 s for a whole request's body since 2.11.2 and in all of 3 (migration notes, v2.11.2)."""
    option = _read_timeout_of(name)
    said = options.get(option.lower())
    # a tag such as v2.11 moves along with its patches
    usual = _USUAL_READ_SECONDS if seen[:3] >= (2, 11, 2) or seen == (2, 11) else 0.0
    limit = usual if said is None else _in_seconds(said)
    if 0 < limit < _LONG_ENOUGH:
        yield about.warning(
            f"requests on {name} are cut after {limit:.0f} s: "
            "a push whose layer takes longer fails",
            f"start it with --{option}=0, or say so in its static file; fab verify --slow-upload "
            "tries it",
        )


def _read_timeout_of(name: str) -> str:
    return f"entryPoints.{name}.transport.respondingTimeouts.readTimeout"


def _in_seconds(duration: str) -> float:
    """A duration as Go writes it; a bare number is seconds (traefik/paerser, types.Duration)."""
    parts = _DURATION.findall(duration)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _resolver(about: About, wanted: Ingress, options: Mapping[str, str]) -> Iterator[Finding]:
    resolver = wanted.tls and wanted.tls.resolver
    prefix = "certificatesresolvers."
    names = {name.split(".")[1] for name in options if name.startswith(prefix)}
    if resolver and resolver.lower() not in names:
        known = f"it has {', '.join(sorted(names))}" if names else "it has none"
        yield about.failure(
            f"it has no certificate resolver {resolver}; {known}",
            "set ingress.tls.resolver to one of its own, or to null where the entry point "
            "has a certificate",
        )
