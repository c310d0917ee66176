"""What is to be made of the service, its task, its node and its image. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moorage.status.machines import NodeSeen, TaskSeen
from moorage.status.model import Facts, Level, Row

_MOST = 6
_NOT_KNOWN = "see what is said of the managers above"
_STARTING = {"new", "allocated", "assigned", "accepted", "preparing", "ready", "starting"}


def some(names: Sequence[str]) -> str:
    """Names for a line that is read: all of them, or the first few and how many more."""
    more = len(names) - _MOST
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_MOST])} and {more} more"


def service(facts: Facts) -> Iterator[Row]:
    """Whether it is there, and runs as many tasks as asked."""
    seen = facts.service
    if facts.swarm or seen is None or seen.there is None:
        yield Row("unknown", "service", f"the Swarm does not tell: {facts.swarm or 'no answer'}",
                  _NOT_KNOWN)  # fmt: skip
        return
    if not seen.there:
        yield Row("failure", "service", f"{seen.name} is not deployed", "fab deploy")
        return
    told = f"{seen.name} {seen.running}/{seen.wanted}"
    if seen.wanted == 0:
        yield Row("failure", "service", f"{told}: scaled to 0",
                  "where nobody is at work on it (lock below): fab deploy")  # fmt: skip
    elif seen.running != seen.wanted:
        yield Row("failure", "service", told, "see its task below")
    elif seen.update not in ("", "completed"):
        said = f": {seen.update_message}" if seen.update_message else ""
        level: Level = "ok" if seen.update == "updating" else "warning"
        hint = "what runs may not be what was deployed last: fab plan, fab deploy"
        yield Row(level, "service", f"{told}, update {seen.update}{said}",
                  hint if level != "ok" else "")  # fmt: skip
    else:
        yield Row("ok", "service", told)


def tasks(facts: Facts) -> Iterator[Row]:
    """The task that counts: the one that runs, or the newest that is to."""
    if facts.swarm or facts.service is None or not facts.service.there:
        return
    current = [task for task in facts.tasks if task.wanted in ("running", "ready")]
    if not current:
        if facts.service.wanted:
            yield Row("failure", "task", "there is none", "fab deploy")
        return
    newest = next((task for task in current if task.state == "running"), current[0])
    told = f"{newest.id[:12]} {newest.state}{_where(newest)}"
    told += f" {newest.since}" if newest.since else ""
    if newest.state == "running":
        yield Row("ok", "task", told)
    elif newest.state == "pending":
        yield Row("failure", "task", f'Pending "{newest.error or "no node yet"}"', _ways_out(facts))
    elif newest.state in _STARTING:
        yield Row("failure", "task", f"{told}{_why(newest)}: starting, not failed",
                  "wait for it: fab status --watch; fab logs tells how far it is")  # fmt: skip
    else:
        yield Row("failure", "task", f"{told}{_why(newest)}", "fab logs")
    failed = next((task for task in facts.tasks if task.error and task is not newest), None)
    if failed and newest.state != "running":
        yield Row("warning", "task", f"before it: {failed.id[:12]} {failed.state}"
                  f"{_where(failed)}{_why(failed)}", "fab logs --lines 200")  # fmt: skip


def _where(task: TaskSeen) -> str:
    return f" on {task.node}" if task.node else ""


def _why(task: TaskSeen) -> str:
    return f": {task.error}" if task.error else ""


def _ways_out(facts: Facts) -> str:
    """What may be done about a task that finds no node: the two legal actions."""
    away = [node.name for node in facts.nodes if node.eligible and not _ready(node)]
    ways = [f"bring {some(away)} back"] if away else []
    answering = {host.name for host in facts.hosts if host.reached}
    # where all that may run Nexus are there, they are what has no room for it
    free = (node for node in facts.nodes if _ready(node) and node.name in answering
            and (away or not node.eligible))  # fmt: skip
    # one that may run Nexus already comes first, then workers
    others = sorted(free, key=lambda node: (not node.eligible, node.role == "manager"))
    if others and facts.relocates:
        to = others[0]
        ways.append(f"fab relocate --to {to.name}")
        if not to.eligible:
            ways[-1] += f" once stack.placement.nodes names {to.name} too"
    return ", or ".join(ways) or "see the nodes below: none may take it"


def _ready(node: NodeSeen) -> bool:
    return node.state == "ready" and node.availability == "active"


def nodes(facts: Facts) -> Iterator[Row]:
    """The node that runs Nexus, and those that are away."""
    if facts.swarm:
        return
    running = {task.node for task in facts.tasks
               if task.state == "running" and task.wanted == "running"}  # fmt: skip
    ready = [node.name for node in facts.nodes if _ready(node)]
    here = f"{some(sorted(running))} runs it; " if running else ""
    yield Row("ok", "node", f"{here}{len(ready)} of {len(facts.nodes)} ready: {some(ready)}")
    for node in facts.nodes:
        if _ready(node):
            continue
        needed = node.name in running or (node.eligible and not running)
        state = node.state.capitalize() if node.state != "ready" else node.availability.capitalize()
        said = f": {node.message}" if node.message else ""
        use = " (may run Nexus)" if node.eligible else ""
        yield Row(
            "failure" if needed and node.state != "ready" else "warning", "node",
            f"{node.name}{use} is {state}{said}",
            f"bring {node.name} back" if node.state != "ready" else
            f"docker node update --availability active {node.hostname}",
        )  # fmt: skip


def image(facts: Facts) -> Iterator[Row]:
    """What runs beside what the inventory asks."""
    seen, wanted = facts.service, facts.image_wanted
    if seen is None or not seen.there or seen.image is None:
        return
    running = next((task.image for task in facts.tasks if task.state == "running"), seen.image)
    if wanted is None:
        yield Row("ok", "image", running)
    elif running == wanted:
        yield Row("ok", "image", f"{running}, as the inventory asks")
    else:
        yield Row("warning", "image", f"{running} runs, the inventory asks {wanted}",
                  "fab plan, then fab build-image and fab deploy")  # fmt: skip
