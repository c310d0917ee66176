"""Findings about the Traefik that is there: network, version, provider, entry points. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.checks import traefik, traefik_file
from moorage.checks.base import About, Finding
from moorage.checks.doctor_probe import Answers
from moorage.checks.traefik import Traefik
from moorage.config.schema.ingress import AUTO, Ingress

_FIELDS = 4


@dataclass(frozen=True)
class Network:
    """A Docker network as a manager lists it."""

    id: str
    driver: str
    scope: str


def networks(answers: Answers) -> dict[str, Network]:
    """Networks by name; a Swarm-wide one hides a local one of the same name."""
    rows = [row for row in answers.rows("networks") if len(row) == _FIELDS]
    rows.sort(key=lambda row: row[3] == "swarm")
    return {name: Network(number, driver, scope) for number, name, driver, scope in rows}


def services(answers: Answers) -> set[str] | None:
    """Names of all services; None where that is not known."""
    if not answers.part("services").ok:
        return None
    return {row[1] for row in answers.rows("services") if len(row) == _FIELDS}


def ingress(host: str, wanted: Ingress, answers: Answers) -> Iterator[Finding]:
    """All about Traefik, as the Swarm tells through a manager."""
    known = networks(answers)
    yield from _network(host, wanted, known)
    about = About(host, "traefik")
    files = traefik_file.contents(
        answers.json("traefik configs") or [], answers.rows("traefik files")
    )
    found = [traefik.service(item, files) for item in answers.json("traefik") or []]
    if not found:
        yield about.warning(
            "no service of the Swarm has an image named traefik: its settings are not known",
            "deploy Traefik as a service; where it runs otherwise, docs/ingress.md says what "
            "it needs",
        )
        return
    running = {row[0]: row[3] for row in answers.rows("services") if len(row) == _FIELDS}
    for item in found:
        yield from _service(host, wanted, item, known, running)
        yield from _engine(host, item, answers)


def _network(host: str, wanted: Ingress, known: Mapping[str, Network]) -> Iterator[Finding]:
    about = About(host, "network")
    if wanted.network is None:
        return
    network = known.get(wanted.network)
    if network is None:
        alike = [name for name in known if name.endswith(f"_{wanted.network}")]
        meant = f", but {', '.join(alike)}" if alike else ""
        yield about.failure(
            f"there is no network {wanted.network} in the Swarm{meant}",
            "set ingress.network to the network's full name, or make it and attach Traefik: "
            f"docker network create -d overlay --attachable {wanted.network}",
        )
    elif network.scope != "swarm":
        yield about.failure(
            f"{wanted.network} is a {network.driver} network of this host alone",
            "name an overlay network in ingress.network: tasks run on other hosts too",
        )
    else:
        yield about.ok(f"{wanted.network}, {network.driver}, Swarm-wide")


def _service(
    host: str, wanted: Ingress, item: Traefik, known: Mapping[str, Network],
    running: Mapping[str, str],
) -> Iterator[Finding]:  # fmt: skip
    about = About(host, "traefik")
    replicas = next((text for number, text in running.items() if item.id.startswith(number)), "")
    if replicas.startswith("0/"):
        yield about.failure(
            f"the service {item.name} has no running task ({replicas})",
            f"look at: docker service ps --no-trunc {item.name}",
        )
    else:
        yield about.ok(f"service {item.name} runs ({item.image}, {replicas or 'tasks not known'})")
    network = known.get(wanted.network or "")
    if network and network.id not in item.networks:
        yield about.failure(
            f"{item.name} is not on the network {wanted.network}",
            f"docker service update --network-add {wanted.network} {item.name}",
        )
    yield from _version(about, wanted, item)
    yield from traefik.problems(about, wanted, item)


def _version(about: About, wanted: Ingress, item: Traefik) -> Iterator[Finding]:
    asked, seen = wanted.told_version, item.version
    shared = min(len(asked), len(seen), 2)
    if wanted.version == AUTO:
        if len(seen) < 2:  # noqa: PLR2004
            yield about.warning(
                f"its version is not in its image's name ({item.image}), and ingress.version is "
                "auto: a plan asks the image and the container, where the manager has them",
                "give the image a tag such as traefik:v3.7, or set ingress.version",
            )
    elif not seen:
        yield about.warning(
            f"its version is not in its image's name ({item.image})",
            f"make sure that it is ingress.version, {wanted.version}",
        )
    elif asked[:shared] != seen[:shared]:
        said = ".".join(map(str, seen))
        yield about.warning(
            f"it is version {said}, the inventory says {wanted.version}",
            f"set ingress.version to {said}: labels differ between versions",
        )


def _engine(host: str, item: Traefik, answers: Answers) -> Iterator[Finding]:
    """Old Traefik speaks API 1.24 and nothing else, which Docker 29 refuses (traefik 12256)."""
    least = ".".join(answers.words("api")[:1])
    parts = tuple(int(part) for part in least.split(".") if part.isdigit())
    if parts > (1, 24) and traefik.speaks_only_the_oldest_api(item.version):
        yield About(host, "traefik").failure(
            f"{item.image} speaks Docker's API 1.24, this Docker takes {least} and later: "
            "it sees no service at all",
            "update Traefik to 2.11.31, 3.6.1 or later, or start Docker with "
            "DOCKER_MIN_API_VERSION=1.24",
        )
