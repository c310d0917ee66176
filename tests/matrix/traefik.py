"""A real Traefik on loopback, reading its services from the Swarm's stand-in."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.matrix.swarm import Swarm

_START_SECONDS = 60.0
PLAIN, SECURE, BY_ENTRY_POINT, ADMIN = "plain", "secure", "tls", "traefik"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Traefik:
    """One Traefik process; everything that it listens on and asks is on loopback.

    Args:
        program: the binary.
        swarm: where it finds its services.
        home: a folder of its own; files in ``home/dynamic`` are read by its file provider.
        routers: how many it must have before it counts as started.
    """

    def __init__(self, program: Path, swarm: Swarm, home: Path, routers: int) -> None:
        self.ports = {name: _free_port() for name in (PLAIN, SECURE, BY_ENTRY_POINT, ADMIN)}
        # a resolver whose server cannot be reached: that the router is taken is all that is asked
        resolver = "--certificatesresolvers.le.acme"
        options = [
            *(f"--entrypoints.{name}.address=127.0.0.1:{port}"
              for name, port in self.ports.items()),
            f"--entrypoints.{BY_ENTRY_POINT}.http.tls=true",
            "--api.insecure=true", "--log.level=INFO", "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--providers.swarm.endpoint={swarm.endpoint}",
            "--providers.swarm.exposedbydefault=false", "--providers.swarm.refreshseconds=1",
            f"--providers.file.directory={home}/dynamic",
            f"{resolver}.caserver=https://127.0.0.1:{_free_port()}/directory",
            f"{resolver}.storage={home}/acme.json", f"{resolver}.tlschallenge=true",
        ]  # fmt: skip
        self.log = home / "traefik.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [str(program), *options], cwd=home, env={}, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait(routers)

    def _wait(self, routers: int) -> None:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                if len(self.routers("swarm")) >= routers:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"Traefik has no routers yet: {self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def routers(self, provider: str) -> list[dict[str, Any]]:
        """Its HTTP routers of a provider, as its own API shows them."""
        url = f"http://127.0.0.1:{self.ports[ADMIN]}/api/http/routers?per_page=1000"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return [router for router in found if router["provider"] == provider]

    def client(self, entrypoint: str, host: str) -> Client:
        """A connection to an entry point that asks for a host."""
        return Client(self.ports[entrypoint], host, tls=entrypoint != PLAIN)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Client:
    """Requests for one host over one connection, so that TLS is shaken hands on once."""

    def __init__(self, port: int, host: str, *, tls: bool) -> None:
        self._host, self._port = host, port
        self.certificate: bytes | None = None
        plain = socket.create_connection(("127.0.0.1", port), 20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._connection.sock = plain
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            wrapped = context.wrap_socket(plain, server_hostname=host)
            self.certificate = wrapped.getpeercert(binary_form=True)
            self._connection.sock = wrapped

    def ask(self, method: str, path: str) -> tuple[int, dict[str, str]]:
        """Status and headers of the answer, the headers' names in small letters."""
        self._connection.request(method, path, headers={"Host": self._host})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def close(self) -> None:
        self._connection.close()


def reached(answer: tuple[int, dict[str, str]]) -> int | None:
    """The port that answered; None where Traefik itself said 404."""
    status, headers = answer
    if "x-reached" in headers:
        return int(headers["x-reached"])
    assert status == 404, f"{status} {headers}"
    return None
