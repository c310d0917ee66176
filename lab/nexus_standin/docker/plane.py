"""All Docker repositories that run: their registries and connectors follow the REST settings."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..log import log, warn
from ..web.message import Request, Response
from ..web.server import PortServer
from .answers import registry_error
from .door import connector_door
from .front import answer_docker
from .group import Group
from .hosted import Hosted
from .layout import Layout
from .places import registry_root
from .process import RegistryProcess, configuration
from .proxy import Proxy

if TYPE_CHECKING:
    from ..nexus import Nexus

Repository = Hosted | Proxy | Group


class Plane:
    """The running side of the Docker repositories."""

    def __init__(self, nexus: Nexus) -> None:
        self._nexus = nexus
        self._lock = threading.Lock()
        self._running: dict[str, Repository] = {}
        self._ports: dict[int, tuple[str, PortServer]] = {}

    def repository(self, name: str) -> Repository | None:
        """Return a running repository."""
        return self._running.get(name)

    def follow(self) -> None:
        """Make what runs equal to what the state says: connectors open and close here."""
        with self._lock:
            wanted = {
                name: settings
                for name, settings in self._nexus.store.state["repositories"].items()
                if settings["format"] == "docker"
            }
            self._follow_repositories(wanted)
            self._follow_ports(wanted)

    def invalidate(self, name: str) -> None:
        """Forget what upstreams were found to lack; a group tells its members."""
        repository = self._running.get(name)
        members = repository.members() if isinstance(repository, Group) else [repository]
        for member in members:
            if isinstance(member, Proxy):
                member.forget()

    def discard(self, settings: dict[str, Any]) -> None:
        """Remove the content of a repository that is gone."""
        if settings["format"] == "docker":
            shutil.rmtree(self._root(settings), ignore_errors=True)

    def stop(self) -> None:
        """Close all connectors and end all registries."""
        with self._lock:
            self._follow_ports({})
            self._follow_repositories({})

    def _follow_repositories(self, wanted: dict[str, dict[str, Any]]) -> None:
        changed = [
            name
            for name, repository in self._running.items()
            if wanted.get(name) != repository.settings
        ]
        ending = [
            threading.Thread(target=self._running.pop(name).stop, daemon=True) for name in changed
        ]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()
        for name, settings in wanted.items():
            if name not in self._running:
                self._running[name] = self._start(settings)

    def _start(self, settings: dict[str, Any]) -> Repository:
        name, type_ = settings["name"], settings["type"]
        if type_ == "group":
            return Group(settings, self._running.get)
        root = self._root(settings)
        content = configuration(root, self._nexus.store.state["secret"])
        if type_ == "proxy":
            content["proxy"] = _remote(settings)
        file = self._nexus.settings.data / "tmp" / f"registry-{name}.yml"
        program = self._nexus.settings.registry_program
        process = RegistryProcess(f"{type_} {name}", program, content, file)
        if type_ == "proxy":
            return Proxy(settings, process, Layout(root))
        process.start_soon()
        return Hosted(settings, process, Layout(root))

    def _root(self, settings: dict[str, Any]) -> Path:
        return registry_root(self._nexus.settings.data, self._nexus.store.state, settings)

    def _follow_ports(self, wanted: dict[str, dict[str, Any]]) -> None:
        ports = {
            settings["docker"]["httpPort"]: name
            for name, settings in wanted.items()
            if settings["docker"].get("httpPort")
        }
        for port, (name, server) in list(self._ports.items()):
            if ports.get(port) != name:
                del self._ports[port]
                server.stop()
                log(f"port {port} of {name} closed")
        for port, name in ports.items():
            if port not in self._ports:
                self._open(port, name)
        for name, settings in wanted.items():
            if settings["docker"].get("httpsPort"):
                warn(f"{name}: UnsupportedHttpScheme, no key store for its HTTPS connector")

    def _open(self, port: int, name: str) -> None:
        """Open a connector; one that cannot be opened is a warning, the repository stays."""

        def answer(request: Request) -> Response:
            door = connector_door(name, request.path)
            if door is None:
                return registry_error(404, "NOT_FOUND", "a connector serves /v2/ only")
            return answer_docker(self._nexus, request, door)

        try:
            server = PortServer(port, answer, self._nexus.version.server_header)
        except OSError as error:
            warn(f"port {port} of {name} cannot be opened: {error}")
            return
        self._ports[port] = (name, server)
        log(f"port {port} of {name} open")


def _remote(settings: dict[str, Any]) -> dict[str, str]:
    """Return the upstream as the pull-through registry takes it; NTLM is not played."""
    remote = {"remoteurl": settings["proxy"]["remoteUrl"]}
    login = settings["httpClient"].get("authentication") or {}
    if login.get("type") == "username":
        remote["username"] = login.get("username") or ""
        remote["password"] = login.get("password") or ""
    return remote
