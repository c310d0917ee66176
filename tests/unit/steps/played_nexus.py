"""The lab's stand-in in this process, fresh after its first boot; it tells what it was asked."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.nexus_standin.boot import boot, password_file
from lab.nexus_standin.nexus import Nexus
from lab.nexus_standin.settings import Settings
from lab.nexus_standin.store import Store
from lab.nexus_standin.versions import Version
from moorage.change import Plan
from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.steps.nexus import NexusDesired, NexusStep
from moorage.steps.nexus.fields import present
from moorage.steps.nexus.repositories import spelt, wanted_body
from moorage.transport.http import Web
from moorage.values import Secret

VERSION = "3.94.0"
PASSWORD = "configured-by-the-inventory"


class Recording(Nexus):
    """A Nexus that remembers method, path and user's login of every request."""

    def answer(self, request):
        self.asked.append((request.method, request.path, request.headers.get("Authorization")))
        return super().answer(request)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PlayedNexus:
    """A running stand-in and the step against it."""

    def __init__(self, data: Path, version: str = VERSION, edition: str = "") -> None:
        self.version = version
        settings = Settings(
            data=data, port=0, closed_seconds=0, starting_seconds=0,
            version=Version.of(version, edition), initial_password=None, random_password=True,
            registry_program=None,
        )  # fmt: skip
        self.nexus = Recording(settings, Store(data))
        self.nexus.asked = self.asked = []
        self.port = self.nexus.open()
        boot(self.nexus.store, settings)
        self.nexus.begin()
        self.file = password_file(data)
        self.reads = 0

    def first_password(self) -> Secret | None:
        """As the step reads it from the export."""
        self.reads += 1
        return Secret(self.file.read_text()) if self.file.exists() else None

    def web(self) -> Web:
        return Web(f"http://127.0.0.1:{self.port}", retry=False)

    def step(
        self, wanted: NexusDesired, password: str = PASSWORD, former: str | None = None
    ) -> NexusStep:
        return NexusStep(
            self.web(), wanted, ready=lambda _: self.version, password=Secret(password),
            initial_password=self.first_password,
            former_password=(lambda: Secret(former)) if former else None,
        )  # fmt: skip

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Do something by hand, as somebody in the user interface would."""
        web = self.web()
        web.log_in("admin", Secret(PASSWORD))
        whole = path if path.startswith("/service") else f"/service/rest/v1{path}"
        answer = web.call(method, whole, body=body)
        return json.loads(answer.text) if answer.text else None

    def plan(self, wanted: NexusDesired) -> Plan:
        """What would be done."""
        step = self.step(wanted)
        return step.plan(step.observe(lambda _: None))

    def seed(self, wanted: NexusDesired) -> Plan:
        """Do it, and forget what was asked meanwhile; the plan."""
        plan = apply(self.step(wanted), lambda _: None)
        self.asked.clear()
        return plan

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Give the state back at the end that was there before."""
        before = copy.deepcopy(self.nexus.store.state)
        self.asked.clear()
        yield
        with self.nexus.store.change() as draft:
            draft.clear()
            draft.update(before)
        self.nexus.plane.follow()

    def writes(self) -> list[tuple[str, str]]:
        """What changed something since the last call, in order."""
        found = [(method, path) for method, path, _ in self.asked if method != "GET"]
        self.asked.clear()
        return found


def made(name, repository, version=(3, 94, 0)):
    """What a repository is made with."""
    return spelt(present(wanted_body(name, repository, Secret)), version)


def repositories(**changes):
    """Hosted, proxy and group on free ports; group first, which must come last."""
    made = {
        "docker-all": Group(
            type="group", port=free_port(), members=["docker-private", "docker-hub"]
        ),
        "docker-private": Hosted(type="hosted", port=free_port()),
        "docker-hub": Proxy(type="proxy", remote="https://1.1.1.1", index="hub"),
    }
    return {**made, **changes}


def revealed(reference: str) -> Secret:
    """The secret behind a reference."""
    return Secret(f"revealed {reference}")


def desired(**changes) -> NexusDesired:
    values = {
        "accept_eula": True, "anonymous": False, "allowed_remotes": (),
        "repositories": repositories(), "secret": revealed, **changes,
    }  # fmt: skip
    return NexusDesired(**values)


def apply(step, heard) -> Any:
    """Plan and carry out; the plan."""
    plan = step.plan(step.observe(heard))
    for change in plan.changes:
        for action in change.actions:
            step.carry_out(action, heard)
    return plan
