"""The version of the Traefik that runs, as far as a manager can tell it; pure.

What is asked is one part of the look at the manager (``PROBE``). The tag of the service's image
tells it nearly always. Where it does not (``latest``, ``v3``), the image's label
``org.opencontainers.image.version`` or ``traefik version`` in the container do, where the manager
has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.errors import Refused

PROBE = """
listed=$(docker service ls --format '{{.ID}} {{.Image}}') || exit 1
printf '%s\\n' "$listed" | while read -r id image; do
  case $(printf %s "$image" | tr A-Z a-z) in *traefik*) ;; *) continue ;; esac
  docker service inspect --format \\
    '{{.Spec.Name}}|{{range .Spec.TaskTemplate.Networks}}{{.Target}},{{end}}' -- "$id"
  echo "image|$image"
  tag=${image%%@*}
  case ${tag##*:} in [0-9v]*.[0-9]*) continue ;; esac
  echo "label|$(docker image inspect --format \\
    '{{index .Config.Labels "org.opencontainers.image.version"}}' -- "$image" 2>/dev/null)"
  container=$(docker ps -q --filter "label=com.docker.swarm.service.id=$id" | head -n 1)
  [ -z "$container" ] || timeout 10 docker exec "$container" traefik version 2>/dev/null |
    sed -n 's/^ *Version: */told|/p'
done
"""
"""Shell that prints each service with such an image: name and networks, image, what else tells."""

_TAG = re.compile(r":v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-@].*)?$")
_PLAIN = re.compile(r"v?([123]\.\d+(?:\.\d+)?)")
_HINT = "set ingress.version to what it is, such as 3.7"


@dataclass(frozen=True)
class Running:
    """A service of the Swarm that is a Traefik.

    Args:
        networks: names of those that it is attached to.
        version: major and minor at least, with patch where it is told; empty where nothing tells.
    """

    name: str
    image: str
    networks: frozenset[str]
    version: str


def tag_version(image: str) -> tuple[int, ...]:
    """The version in an image's tag; empty for ``latest`` and names such as ``livarot``."""
    found = _TAG.search(image.partition("@")[0])
    return tuple(int(part) for part in found.groups() if part) if found else ()


def services(text: str, networks: Mapping[str, str]) -> tuple[Running, ...]:
    """What the probe printed.

    Args:
        text: its output.
        networks: names by id.
    """
    return tuple(_services(text, networks))


def _services(text: str, networks: Mapping[str, str]) -> Iterator[Running]:
    blocks: list[dict[str, str]] = []
    for line in text.splitlines():
        key, bar, value = line.partition("|")
        if not bar:
            continue
        if key in {"image", "label", "told"}:
            blocks[-1][key] = value.strip()
        else:
            blocks.append({"name": key, "networks": value})
    for block in blocks:
        attached = [part for part in block["networks"].split(",") if part]
        yield Running(
            block["name"],
            block["image"],
            frozenset(networks.get(number, number) for number in attached),
            _version(block),
        )


def _version(block: Mapping[str, str]) -> str:
    tag = ".".join(map(str, tag_version(block["image"])))
    for said in (tag, block.get("label", ""), block.get("told", "")):
        found = _PLAIN.fullmatch(said)
        if found:
            return found[1]
    return ""


def running_version(found: tuple[Running, ...], network: str | None) -> str:
    """The version of the Traefik that reads the stack's labels.

    Args:
        found: the Swarm's services that are a Traefik.
        network: the ingress network; one that is on it goes before others.

    Raises:
        Refused: there is none, none tells its version, or several tell different ones.
    """
    on_it = tuple(item for item in found if network in item.networks) or found
    if not on_it:
        raise Refused(
            "ingress.version is auto, and no service of the Swarm has an image named traefik",
            hint="deploy Traefik as a service first, or " + _HINT,
        )
    silent = [item for item in on_it if not item.version]
    if silent:
        raise Refused(
            f"ingress.version is auto, and nothing tells the version of {silent[0].name} "
            f"({silent[0].image})",
            hint=f"give its image a tag such as traefik:v3.7, or {_HINT}",
        )
    versions = {item.version: item.name for item in on_it}
    if len(versions) > 1:
        said = ", ".join(f"{name} {version}" for version, name in sorted(versions.items()))
        raise Refused(f"ingress.version is auto, and there are several: {said}", hint=_HINT)
    return next(iter(versions))
