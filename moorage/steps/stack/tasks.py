"""Swarm's tasks of a service: their states as they stand, pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moorage.quoting import Script
from moorage.transport.base import Probe, sections
from moorage.transport.parsing import parser

_PARTS = {
    "service": 'docker service inspect -- "$service"',
    "tasks": "docker service ps --no-trunc --format '{{json .}}' -- \"$service\"",
}
_ID_AND_MOMENT = 2
_UNHAPPY_UPDATES = {"paused", "rollback_started", "rollback_completed", "rollback_paused"}


@dataclass(frozen=True)
class Task:
    """One task of the service.

    Args:
        state: the first word of what Swarm says of it, in lower case.
        wanted: the state that Swarm wants it in, in lower case.
        since: since when it is in its state, in Docker's words, such as ``2 minutes ago``.
    """

    id: str
    node: str
    image: str
    state: str
    wanted: str
    error: str
    since: str = ""

    @property
    def running(self) -> bool:
        return self.state == "running" and self.wanted == "running"

    @property
    def failed(self) -> bool:
        return self.state in {"failed", "rejected"}

    def line(self) -> str:
        """The task in one line."""
        where = f" on {self.node}" if self.node else ""
        why = f": {self.error}" if self.error else ""
        return f"task {self.id[:12]}{where} {self.state}{why}"


@dataclass(frozen=True)
class Convergence:
    """How far a service has come."""

    replicas: int
    image: str
    update: str
    update_started: str
    update_message: str
    tasks: tuple[Task, ...]

    def converged(self) -> bool:
        """As many tasks run as asked, with the service's image, and no update is under way."""
        running = [task for task in self.tasks if task.running and task.image == self.image]
        return len(running) == self.replicas and self.update in {"", "completed"}

    def unhappy_since(self, former_update: str) -> bool:
        """Whether the update begun after ``former_update`` was stopped or undone by Swarm."""
        return self.update in _UNHAPPY_UPDATES and self.update_started != former_update

    @property
    def rolling_back(self) -> bool:
        """Whether Swarm is going back to what was there before."""
        return self.update == "rollback_started"

    def phase(self) -> str:
        """What it is waiting for, in words for the operator."""
        if self.rolling_back:
            return "Swarm goes back to what was there before"
        current = [task for task in self.tasks if task.wanted in {"running", "ready"}]
        if not current:
            return "no task yet"
        newest = current[0]
        words = {
            "preparing": "is fetching its image",
            "starting": "is starting (not healthy yet)",
            "pending": "waits for a node",
        }
        where = f" on {newest.node}" if newest.node else ""
        told = f"the task{where} {words.get(newest.state, 'is ' + newest.state)}"
        return f"{told}: {newest.error}" if newest.error else told


def probe(service: str) -> Probe:
    """What reads a service and its tasks."""
    return Probe(f"look at the tasks of {service}", _PARTS, {"service": service})


def poll(service: str) -> Script:
    """The script of :func:`probe`, asked alone."""
    return probe(service).script()


def creation(ids: Sequence[str]) -> Script:
    """Prints when tasks were made, those that are there still."""
    body = "docker inspect --type task --format '{{.ID}} {{json .CreatedAt}}' $ids 2>/dev/null || :"
    return Script("see when the tasks were made", body, {"ids": ids})


@parser("the Swarm")
def made_since(output: str, moment: str) -> frozenset[str]:
    """Ids of the tasks that were made at a moment of the managers' clock, or later."""
    lines = [line.split() for line in output.splitlines()]
    return frozenset(words[0] for words in lines if len(words) == _ID_AND_MOMENT
                     and datetime.fromisoformat(words[1].strip('"'))
                     >= datetime.fromisoformat(moment))  # fmt: skip


@parser("the Swarm")
def parse(output: str) -> Convergence | None:
    """What the poll says; ``None`` where there is no such service (yet)."""
    found = sections(output)
    if "tasks" not in found or not found["service"].ok:
        return None
    service = found["service"].json()[0]
    status = service.get("UpdateStatus") or {}
    spec = service["Spec"]
    replicated = (spec.get("Mode") or {}).get("Replicated") or {}
    return Convergence(
        replicas=replicated.get("Replicas", 1),
        image=_undigested(spec["TaskTemplate"]["ContainerSpec"]["Image"]),
        update=status.get("State", ""),
        update_started=status.get("StartedAt", ""),
        update_message=status.get("Message", ""),
        tasks=tuple(_task(json.loads(line)) for line in found["tasks"].text.splitlines()
                    if line.startswith("{")),
    )  # fmt: skip


def _undigested(image: str) -> str:
    return image.partition("@")[0]


def _unquoted(text: str) -> str:
    """What ``docker service ps`` has between quotes (Docker CLI, task/formatter.go)."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _task(item: dict[str, Any]) -> Task:
    state, _, since = (item.get("CurrentState") or "new").partition(" ")
    return Task(
        id=item["ID"],
        node=item.get("Node", ""),
        image=_undigested(item.get("Image", "")),
        state=state.lower(),
        wanted=(item.get("DesiredState") or "").lower(),
        error=_unquoted(item.get("Error") or ""),
        since=since,
    )
