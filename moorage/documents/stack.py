"""The compose file of the stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage.config.schema.base import Contradictions
from moorage.config.schema.nexus import HTTP_PORT, VM_PARAMETERS
from moorage.documents.check import faults
from moorage.documents.further import laid_over
from moorage.documents.volume import KEY, volume
from moorage.errors import Refused, TemplateError
from moorage.ingress import labels
from moorage.ingress.model import network, published

if TYPE_CHECKING:
    from moorage.config.render import Templates
    from moorage.config.schema.site import Site

TEMPLATE = "stack.yml.j2"
_PREFERENCES = "-Djava.util.prefs.userRoot=/nexus-data/javaprefs"


def placement_label(site: Site) -> tuple[str, str]:
    """Key and value of the node label that the rendered constraint asks for."""
    return f"moorage.{site.stack.name}", site.stack.service


def environment(site: Site) -> dict[str, str]:
    """The container's environment variables.

    ``INSTALL4J_ADD_VM_PARAMS`` replaces the image's own value as a whole, so the directory for
    Java's preferences, which is in that value, is said again (sonatype/docker-nexus3, Dockerfile).
    """
    memory = site.nexus.memory
    flags = []
    if memory.heap is not None:
        flags += [f"-Xms{memory.heap}", f"-Xmx{memory.heap}"]
    if memory.direct is not None:
        flags.append(f"-XX:MaxDirectMemorySize={memory.direct}")
    own = {VM_PARAMETERS: " ".join([*flags, _PREFERENCES])} if flags else {}
    return {**own, **site.nexus.environment}


def stack(site: Site, templates: Templates, image: str, further: Sequence[str] = ()) -> str:
    """The rendered compose file, read again and checked.

    Args:
        site: the site.
        templates: the project's templates.
        image: name and tag of the image to run.
        further: labels of the service beside Traefik's, ``name=value``.

    Raises:
        TemplateError: it does not render, or renders something that Docker or Traefik would
            trip over: no YAML, a single ``$``, a label twice.
    """
    label = [] if site.stack.placement is None else ["node.labels.{} == {}".format(
        *placement_label(site)
    )]  # fmt: skip
    text = templates.render(
        TEMPLATE,
        site=site,
        stack=site.stack,
        nexus=site.nexus,
        ingress=site.ingress,
        storage=site.storage,
        image=image,
        environment=environment(site),
        constraints=[*label, *site.stack.constraints],
        labels=[*labels(site), *further],
        network=network(site),
        ports=published(site),
        volume_key=KEY,
        volume=volume(site),
        status_url=f"http://localhost:{HTTP_PORT}/service/rest/v1/status",
    )
    if site.stack.further:
        text = laid_over(text, site.stack.service, site.stack.further)
    found = faults(text)
    if found:
        place = templates.place(TEMPLATE)
        raise TemplateError("\n  ".join(f"{place}: {fault}" for fault in found))
    return text


def in_front_of(site: Site, version: str) -> Site:
    """The site with a version of Traefik that was told elsewhere.

    Raises:
        Refused: it is none, or lacks what the inventory asks.
    """
    try:
        return site.with_traefik(version)
    except Contradictions as cause:
        found = "; ".join(f"{field}: {message}" for field, message in cause.found)
        raise Refused(f"Traefik {version}: {found}", hint="mend the inventory") from None
    except ValueError as cause:
        raise Refused(
            str(cause), hint="say the version that runs, in ingress.version or by --traefik-version"
        ) from None
