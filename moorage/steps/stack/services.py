"""The services of the stack, as they run and as they are to run, pure."""

from __future__ import annotations

from moorage.change import Action, Change, Difference
from moorage.steps.base import RunScript
from moorage.steps.stack import scripts
from moorage.steps.stack.composed import Fields, stack_fields
from moorage.steps.stack.constraints import of_use
from moorage.steps.stack.desired import Await, StackDesired
from moorage.steps.stack.observe import StackObserved
from moorage.steps.stack.volume_scripts import see_proof
from moorage.steps.stack.volumes import PROVEN, must_stop, stale_nodes, start_again

_CONTENT = "content of the image it runs"


def service_changes(wanted: StackDesired, observed: StackObserved, manager: str) -> list[Change]:
    """One change a service; one deployment carries them all."""
    wrong = _wrong(wanted, observed)
    changed = [name for name, found in wrong.items() if found]
    if not changed:
        return []
    actions = (
        *(RunScript(manager, scripts.forget_image(name)) for name in changed
          if name in observed.services and any(item.field == "image" for item in wrong[name])),
        *_actions(wanted, observed, manager, wrong.get(wanted.service, ())),
    )  # fmt: skip
    undone = start_again(wanted, manager) if must_stop(wanted, observed) else ()
    return [
        Change(
            "update" if name in observed.services else "create",
            f"service {name}",
            manager,
            wrong[name],
            actions if name == changed[-1] else (),
            otherwise=undone if name == changed[-1] else (),
        )
        for name in changed
    ]


def _wrong(wanted: StackDesired, observed: StackObserved) -> dict[str, tuple[Difference, ...]]:
    wrong = {name: compared(after, observed.services.get(name))
             for name, after in wanted.fields().items()}  # fmt: skip
    if must_stop(wanted, observed):
        again = Difference(PROVEN, "with other options", "made anew")
        wrong[wanted.service] = (*wrong[wanted.service], again)
    if wanted.service in observed.services:
        wrong[wanted.service] = (*wrong[wanted.service], *_content(observed))
    if not any(wrong.values()) and observed.nexus and not observed.nexus.writable:
        # what was cut off, or failed on the way, is carried on with
        wrong[wanted.service] = (Difference("Nexus", observed.nexus.phase, "writable"),)
    return wrong


def _content(observed: StackObserved) -> list[Difference]:
    """A task goes on with the image that it was started from, whatever its name means now."""
    return [
        Difference(_CONTENT, _short(node.runs), _short(node.image_id))
        for node in observed.nodes.values()
        if node.runs and node.image_id and node.runs != node.image_id
    ][:1]


def _short(digest: str) -> str:
    return digest.partition(":")[2][:12] or digest[:12]


def _actions(
    wanted: StackDesired, observed: StackObserved, manager: str, found: tuple[Difference, ...]
) -> tuple[Action, ...]:
    running = observed.nexus is not None and observed.nexus.writable
    moved = any(item.field.startswith("mount ") for item in found)
    stopped = must_stop(wanted, observed)
    actions: list[Action] = []
    if (moved or not running) and not stopped:
        actions += _mount_probes(wanted, observed)
    actions += _pulls(wanted, observed)
    fields = {item.field for item in found}
    deploy = scripts.deploy(
        wanted.stack,
        wanted.compose_text,
        from_registry=wanted.from_registry,
        given=wanted.given,
        login=wanted.login,
        home=wanted.home,
        # what was pushed to the former version since its backup would be lost on the way back
        still=wanted.upgrading and bool(wanted.version) and "image" in fields,
    )
    actions.append(RunScript(manager, deploy))
    if _CONTENT in fields and all(name.startswith("label ") for name in fields - {_CONTENT}):
        # nothing else that is deployed makes the task anew
        actions.append(RunScript(manager, scripts.restart(wanted.service)))
    former = observed.updates.get(wanted.service, "")
    actions.append(Await(wanted.service, former, observed.tasks))
    if stopped:
        actions.append(RunScript(stale_nodes(wanted, observed)[0], see_proof(wanted)))
    return tuple(actions)


def _pulls(wanted: StackDesired, observed: StackObserved) -> list[RunScript]:
    """A node that cannot have the image is found out before the former task is stopped."""
    if not wanted.from_registry:
        return []
    script = scripts.pull(wanted.image, wanted.login)
    hint = "look at the registry, and at user and password of nexus.image.login; Nexus runs on"
    return [RunScript(name, script, hint) for name, node in of_use(wanted, observed).items()
            if node.image is None]  # fmt: skip


def _mount_probes(wanted: StackDesired, observed: StackObserved) -> list[RunScript]:
    """Needs the image on the nodes, which a registry gives them only later."""
    if wanted.from_registry:
        return []
    script = scripts.mount_probe(
        wanted.image, wanted.server, dict(wanted.volume_options), wanted.uid, nocopy=wanted.nocopy
    )
    hint = f"check that {wanted.server}:2049 is up and lets this node in: fab nfs-setup"
    if wanted.pinned:
        hint += "; where Nexus was on another node, fab relocate moves it"
    return [RunScript(name, script, hint) for name in of_use(wanted, observed)]


def compared(wanted: Fields, observed: Fields | None) -> tuple[Difference, ...]:
    """Every field of both sides that differs: what only Swarm has is to go.

    Of a service that is not there yet only what is not Swarm's own default is shown.
    """
    if observed is None:
        (usual,) = stack_fields({"services": {"x": {"image": ""}}}, "x").values()
        return tuple(Difference(name, None, value) for name, value in wanted.items()
                     if value != usual.get(name))  # fmt: skip
    return tuple(
        Difference(name, observed.get(name), wanted.get(name))
        for name in {**wanted, **observed}
        if observed.get(name) != wanted.get(name)
    )
