"""A stand-in in this process, a client that speaks plain HTTP to it, and bodies to send."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.nexus_standin.nexus import Nexus
from lab.nexus_standin.settings import Settings
from lab.nexus_standin.store import Store
from lab.nexus_standin.versions import Version

ADMIN = ("admin", "admin123")
DOCKER = "/v1/repositories/docker"
SETTINGS = "/v1/repositorySettings"
COMPACT = {
    "type": "blobstore.compact",
    "name": "compact default",
    "enabled": True,
    "notificationCondition": "FAILURE",
    "frequency": {"schedule": "cron", "cronExpression": "0 0 3 * * ?"},
    "properties": {"blobstoreName": "default"},
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")

    def json(self) -> Any:
        return json.loads(self.content)

    def faults(self) -> dict[str, str]:
        """Nexus' array of id and message, as a mapping."""
        return {fault["id"]: fault["message"] for fault in self.json()}


@dataclass(frozen=True)
class Client:
    port: int

    def send(self, method, path, content=None, *, user=ADMIN, headers=None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        lines = dict(headers or {})
        if user:
            login = base64.b64encode(":".join(user).encode()).decode()
            lines.setdefault("Authorization", f"Basic {login}")
        connection.request(method, path, content, lines)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def call(self, method, path, body=None, *, user=ADMIN, text=None) -> Answer:
        """Call the REST API: a JSON body, or a text one."""
        if text is not None:
            content, kind = text.encode("utf-8"), "text/plain"
        else:
            content = None if body is None else json.dumps(body).encode("utf-8")
            kind = "application/json"
        headers = {"Content-Type": kind} if content is not None else {}
        return self.send(method, f"/service/rest{path}", content, user=user, headers=headers)


def make_nexus(
    data: Path, program: str | None = None, version: str = "3.94.0", **settings: Any
) -> Nexus:
    """A stand-in on a free port; ``settings`` are further fields of Settings."""
    edition = settings.pop("edition", "")
    made = Settings(
        data=data,
        port=0,
        closed_seconds=0,
        starting_seconds=0,
        version=Version.of(version, edition),
        registry_program=program,
        **{"initial_password": None, "random_password": False} | settings,
    )
    return Nexus(made, Store(data))


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hosted(name="docker-private", **docker) -> dict[str, Any]:
    return {
        "name": name,
        "online": True,
        "storage": {
            "blobStoreName": "default",
            "strictContentTypeValidation": True,
            "writePolicy": "ALLOW",
        },
        "docker": {"v1Enabled": False, "forceBasicAuth": True, **docker},
    }


def proxy(name="docker-hub", remote="https://1.1.1.1", **docker) -> dict[str, Any]:
    return {
        "name": name,
        "online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True},
        "docker": {"v1Enabled": False, "forceBasicAuth": True, **docker},
        "proxy": {"remoteUrl": remote, "contentMaxAge": 1440, "metadataMaxAge": 0},
        "negativeCache": {"enabled": True, "timeToLive": 1440},
        "httpClient": {"blocked": False, "autoBlock": True},
        "dockerProxy": {"indexType": "HUB"},
    }


def group(*members, name="docker-all", **docker) -> dict[str, Any]:
    return {
        "name": name,
        "online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True},
        "docker": {"v1Enabled": False, "forceBasicAuth": True, **docker},
        "group": {"memberNames": list(members)},
    }
