"""What Traefik's service has, and what the Swarm has of former certificates: one script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.errors import Refused
from moorage.steps.certificate.scripts import LABEL
from moorage.transport.base import Probe, all_sections
from moorage.transport.parsing import parser

_PARTS = {
    "service": (
        'said=$(docker service inspect -- "$service" 2>&1)\n'
        'case "$?:$said" in\n'
        '  0:* | *"no such service"*) printf "%s\\n[]\\n" "$said" ;;\n'
        '  *) printf "%s\\n" "$said"; exit 1 ;;\n'
        "esac"
    ),
    "secrets": "docker secret ls --filter \"label=$label\" --format '{{.Name}}'",
    "configs": "docker config ls --filter \"label=$label\" --format '{{.Name}}'",
}
PARTS_OF = {"secret": "secrets", "config": "configs"}


@dataclass(frozen=True)
class CertificateObserved:
    """Traefik's service as it is.

    Args:
        image: without digest; None where there is no such service.
        mounted: name by kind and target, of all secrets and configs that it has.
        arguments: words of its command line.
        there: kind and name of all that was made for the stack.
    """

    image: str | None
    mounted: Mapping[tuple[str, str], str]
    arguments: tuple[str, ...]
    there: frozenset[tuple[str, str]]


def probe(service: str, stack: str) -> Probe:
    """What is read on the manager."""
    return Probe("read Traefik's service", _PARTS,
                 {"service": service, "label": f"{LABEL}={stack}"})  # fmt: skip


@parser("the Swarm")
def parse(output: str, host: str) -> CertificateObserved:
    """What it printed.

    Raises:
        Refused: the Swarm does not answer there.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _PARTS, "read Traefik's service", host)
    for part in found.values():
        if not part.ok:
            raise Refused(
                f"the Swarm does not answer: {''.join(part.text.strip().splitlines()[-1:])}",
                host=host, hint="name a manager under hosts.managers, or by -H",
            )  # fmt: skip
    there = {(kind, name) for kind, part in PARTS_OF.items() for name in found[part].text.split()}
    services = found["service"].json() or []
    if not services:
        return CertificateObserved(None, {}, (), frozenset(there))
    container = services[0]["Spec"]["TaskTemplate"]["ContainerSpec"]
    mounted = {
        (kind, (item.get("File") or {}).get("Name", "")): item[f"{kind.title()}Name"]
        for kind in PARTS_OF for item in container.get(f"{kind.title()}s") or []
    }  # fmt: skip
    words = (*(container.get("Command") or []), *(container.get("Args") or []))
    image = container["Image"].partition("@")[0]
    return CertificateObserved(image, mounted, words, frozenset(there))
