"""What a manager tells of the Swarm: its nodes, the service, its tasks. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from moorage.config.schema.site import Site
from moorage.status.machines import NodeSeen, ServiceSeen, TaskSeen
from moorage.steps.stack import tasks
from moorage.transport.base import Section, sections
from moorage.transport.parsing import parser

TIMED_OUT = 124
"""Exit code of timeout(1)."""
_MOST_TASKS = 6

Parts = Mapping[str, Section]


def trouble(found: Parts) -> str:
    """Why a manager does not tell of the Swarm; empty where it does."""
    nodes = found.get("nodes")
    if nodes is None:
        return "Docker does not answer in time"
    return "" if nodes.ok else _last(nodes)


def _last(section: Section) -> str:
    if section.exit_code == TIMED_OUT:
        return "Docker does not answer in time"
    lines = section.text.strip().splitlines()
    said = lines[-1].strip() if lines else f"Docker ends with exit code {section.exit_code}"
    return said.removeprefix("Error response from daemon: ")


def names(listed: Sequence[NodeSeen]) -> dict[str, str]:
    """Inventory names by the host names that Swarm knows."""
    return {node.hostname: node.name for node in listed}


@parser("the Swarm")
def nodes(found: Parts, site: Site) -> tuple[NodeSeen, ...]:
    """The nodes of the Swarm, in the order of the inventory, others after them."""
    part = found.get("nodes")
    lines = part.text.splitlines() if part and part.ok else []
    ours = {site.swarm_hostname(name): name for name in site.swarm_hosts()}
    eligible = site.eligible_nodes()
    seen = []
    for item in (json.loads(line) for line in lines if line.startswith("{")):
        hostname, manager = item["Hostname"], item.get("ManagerStatus") or ""
        name = ours.get(hostname, hostname)
        message = "the other managers do not reach it" if manager == "Unreachable" else ""
        seen.append(NodeSeen(
            name, hostname, "manager" if manager else "worker", item["Status"].lower(),
            item["Availability"].lower(), message, eligible=name in eligible,
        ))  # fmt: skip
    order = list(site.swarm_hosts())
    return tuple(sorted(
        seen, key=lambda node: (node.name not in order,
                                order.index(node.name) if node.name in order else 0, node.name)
    ))  # fmt: skip


@parser("the Swarm")
def service(output: str, site: Site, listed: Sequence[NodeSeen]) -> tuple[
    ServiceSeen, tuple[TaskSeen, ...]
]:  # fmt: skip
    """The service that is Nexus and its last tasks, from a manager's answers."""
    name = f"{site.stack.name}_{site.stack.service}"
    found = sections(output)
    asked = found.get("service")
    if asked is None or "tasks" not in found or (not asked.ok and not _missing(asked)):
        return ServiceSeen(name), ()
    state = tasks.parse(output)
    if state is None:
        return ServiceSeen(name, there=False), ()
    known = names(listed)
    seen = tuple(
        TaskSeen(task.id, known.get(task.node, task.node), task.image, task.state, task.wanted,
                 task.since, task.error)
        for task in state.tasks
    )  # fmt: skip
    running = sum(task.running for task in state.tasks)
    return ServiceSeen(
        name, there=True, wanted=state.replicas, running=running, image=state.image,
        update=state.update, update_message=state.update_message,
    ), seen[:_MOST_TASKS]  # fmt: skip


def _missing(section: Section) -> bool:
    return "no such service" in section.text
