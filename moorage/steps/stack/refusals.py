"""What stops the step before it changes anything."""

from __future__ import annotations

from moorage.errors import Refused
from moorage.steps.stack.constraints import of_use
from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.observe import NodeObserved, StackObserved
from moorage.steps.version_of_image import version_of_image

_DIGEST_LABEL = "moorage.dockerfile"


def refuse(wanted: StackDesired, observed: StackObserved, manager: str) -> None:
    """Make sure that the stack can be deployed at all.

    Raises:
        Refused: no network for the ingress, an upgrade or an exchange of data that is not over, an
            older Nexus, a node of another Swarm or without the image, or a volume that may hold
            data.
    """
    if wanted.network and wanted.network not in observed.networks:
        raise Refused(
            f"there is no overlay network {wanted.network} in the Swarm",
            host=manager,
            hint=f"make it and attach Traefik to it: docker network create -d overlay "
            f"--attachable {wanted.network}; or set ingress.network",
        )
    _refuse_upgrade(wanted, observed, manager)
    _refuse_older(wanted, observed)
    for name, node in observed.nodes.items():
        if node.node not in observed.swarm:
            raise Refused(
                f"it is in another Swarm than {manager}, which does not list its node {node.node}",
                host=name,
                hint="docker swarm leave and docker swarm join there, or take it out of the "
                "inventory; fab doctor says more",
            )
    for name, node in of_use(wanted, observed).items():
        _refuse_image(wanted, name, node)
        _refuse_volume(wanted, name, node)


def _refuse_upgrade(wanted: StackDesired, observed: StackObserved, manager: str) -> None:
    """What is deployed would be over half an upgrade, or started on data that are half moved."""
    if wanted.upgrading:
        return
    observed.pending.refuse_upgrade(manager)
    if not observed.services.get(wanted.service, {}).get("replicas"):
        observed.pending.refuse_start(manager)


def _refuse_older(wanted: StackDesired, observed: StackObserved) -> None:
    """An older Nexus does not read what a later one has migrated, and may break it."""
    running = _running(wanted, observed)
    if running and wanted.version and _numbers(wanted.version) < _numbers(running):
        raise Refused(
            f"Nexus {running} runs, and {wanted.version} cannot read what it has migrated",
            hint=f"set nexus.version: {running}; or go back with data of {wanted.version}: "
            "fab restore puts a backup in place and deploys the version with it",
        )


def _running(wanted: StackDesired, observed: StackObserved) -> str | None:
    """The version that works on the data: as it says, else as the name of its image does."""
    if observed.nexus and observed.nexus.version:
        return observed.nexus.version
    return version_of_image(str(observed.services.get(wanted.service, {}).get("image", "")))


def later(wanted: StackDesired, observed: StackObserved) -> list[str]:
    """A note where the version changes."""
    running = _running(wanted, observed)
    if not running or not wanted.version or _numbers(wanted.version) <= _numbers(running):
        return []
    note = (
        f"Nexus {running} becomes {wanted.version}, and its database is migrated for good: fab "
        f"upgrade --to {wanted.version} makes a backup first, and goes back where that fails"
    )
    return [note]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _refuse_image(wanted: StackDesired, name: str, node: NodeObserved) -> None:
    if wanted.from_registry or wanted.image_pending:
        return
    seen = (node.image or {}).get(_DIGEST_LABEL)
    if node.image is None or seen != wanted.image_digest:
        state = "is not there" if node.image is None else "is another build"
        raise Refused(f"the image {wanted.image} {state}", host=name,
                      hint="run fab build-image first")  # fmt: skip


def _refuse_volume(wanted: StackDesired, name: str, node: NodeObserved) -> None:
    """A definition of an NFS mount may go, since it holds no data; no other volume may."""
    if node.volume is None or node.volume == dict(wanted.volume_options):
        return
    if not node.volume.get("type", "").startswith("nfs"):
        raise Refused(
            f"the volume {wanted.volume} exists and is no NFS mount: its data are on this node",
            host=name,
            hint="take them to the export and remove it by hand, or set storage.volume.name: auto",
        )
    if wanted.from_registry:
        # the proof that the data stay needs the image
        raise Refused(
            f"the volume {wanted.volume} exists with other options", host=name,
            hint="with the stack stopped, take the definition away: "
            f"docker volume rm {wanted.volume} (the data stay on the export); or set "
            "storage.volume.name: auto",
        )  # fmt: skip
