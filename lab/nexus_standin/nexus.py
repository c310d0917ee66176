"""The whole stand-in as one object: state, login, the application port and the Docker plane."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from .auth import Authenticator
from .docker.door import application_door
from .docker.front import answer_docker
from .docker.plane import Plane
from .log import log
from .openapi.document import Document
from .routes import PREFIX, ROUTES, answer_rest
from .scripts.operations import Operations
from .scripts.runner import ScriptRunner
from .settings import Settings
from .store import Store
from .task_runs import TaskRuns
from .versions import Version
from .web.message import Request, Response, text_response
from .web.server import PortServer

_PAGE = (
    "<!DOCTYPE html><html><head><title>Nexus stand-in</title></head><body>"
    "<h1>Nexus stand-in of a lab</h1><p>Not Sonatype Nexus Repository: no user interface, "
    "only its REST API and Docker registries.</p></body></html>"
)


@dataclass
class Nexus:
    """One running stand-in.

    Attributes:
        settings: From the environment.
        store: The durable state, loaded.
        version: What is played.
        document: The version's OpenAPI document.
        authenticator: Checks logins.
        plane: The Docker repositories.
        runner: Runs scripts.
        task_runs: Runs of tasks.
        ready: Set once requests get answers other than 503.
    """

    settings: Settings
    store: Store
    version: Version = field(init=False)
    document: Document = field(init=False)
    authenticator: Authenticator = field(init=False)
    plane: Plane = field(init=False)
    runner: ScriptRunner = field(init=False)
    task_runs: TaskRuns = field(init=False)
    ready: threading.Event = field(default_factory=threading.Event)
    _server: PortServer | None = None

    def __post_init__(self) -> None:
        self.version = self.settings.version
        self.document = Document.of(self.version)
        self.authenticator = Authenticator(self.store)
        self.plane = Plane(self)
        self.task_runs = TaskRuns(self.settings.task_seconds, self.settings.task_result)
        self.runner = ScriptRunner(self.settings, Operations(self, ROUTES).carry_out)

    def open(self) -> int:
        """Open the application port, which answers 503 to everything until ``begin``.

        Returns:
            The port, for a caller that asked for any (0).
        """
        self._server = PortServer(self.settings.port, self.answer, self.version.server_header)
        return self._server.port

    def begin(self) -> None:
        """Answer from now on, and open the connectors."""
        self.plane.follow()
        self.ready.set()

    def stop(self) -> None:
        """Close all ports and end all registry processes."""
        if self._server:
            self._server.stop()
        self.runner.stop()
        self.plane.stop()
        log("stopped")

    def answer(self, request: Request) -> Response:
        """Answer one request on the application port.

        Until the application is there every path is 503 with an empty body (DelegatingFilter).
        """
        if not self.ready.is_set():
            return Response(503)
        if request.path.startswith(f"{PREFIX}/"):
            return answer_rest(self, request)
        door = application_door(request.path)
        if door is not None:
            return answer_docker(self, request, door)
        if request.path == "/":
            return text_response(200, _PAGE, "text/html")
        return text_response(404, f"the Nexus stand-in has nothing at {request.path}")
