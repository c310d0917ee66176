"""The recorded Swarm: its files, its service, and Nexus by its name beside it."""

from __future__ import annotations

import requests

MANAGER, WORKER = "docker/20.10/manager.txt", "docker/20.10/worker.txt"
NEXUS = "registry_nexus"


def summaries(change):
    return [(getattr(action, "host", None), action.summary) for action in change.actions]


class Web:
    """Nexus by its name, writable or still starting."""

    def __init__(self, status: int = 200) -> None:
        self.status = status

    def ask(self, method, path, **options):
        answer = requests.Response()
        answer.status_code = self.status
        answer.headers["Server"] = "Nexus/3.94.0-01 (COMMUNITY)"
        return answer
