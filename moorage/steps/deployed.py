"""The stack that was deployed last, and the one before it, as they are kept beside the lock.

Who wants the former one back needs its images too, and a Nexus that can read the present data.
"""

from __future__ import annotations

import re

from moorage.config.yamlfile import YamlSyntaxError, read_yaml

DEPLOYED, FORMER = "stack.yml", "stack.former.yml"
KEPT = {"now": f'cat -- "$home/{DEPLOYED}"', "former": f'cat -- "$home/{FORMER}"'}
"""Parts of a probe; ``$home`` is the folder of the lock."""
_VERSION = re.compile(r":(\d+\.\d+\.\d+)")


def images_of(stack: str) -> dict[str, str]:
    """The image of each service of a stack file; none where it cannot be read."""
    try:
        data = read_yaml(stack).data
    except YamlSyntaxError:
        return {}
    services = data.get("services") if isinstance(data, dict) else None
    found = services.items() if isinstance(services, dict) else ()
    return {name: service["image"] for name, service in found
            if isinstance(service, dict) and isinstance(service.get("image"), str)}  # fmt: skip


def same_data(now: str, former: str, service: str) -> bool:
    """Whether the former stack's Nexus can read what the present one writes.

    It can where the images are the same, or tell the same version.

    Args:
        service: name of the service that is Nexus, in the files.
    """
    ours, theirs = (images_of(stack).get(service) for stack in (now, former))
    if ours is None or theirs is None:
        return False
    versions = [_VERSION.findall(image) for image in (ours, theirs)]
    return ours == theirs or (all(versions) and versions[0] == versions[1])


def short_name(service: str, stack: str) -> str:
    """A service's name in the stack file, from its full one."""
    return service.removeprefix(f"{stack}_")


def familiar(image: str) -> str:
    """An image's name as ``docker image ls`` shows it (distribution/reference, FamiliarString)."""
    return image.removeprefix("docker.io/").removeprefix("library/")
