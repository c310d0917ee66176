"""The stand-in for Nexus on loopback, behind the forwarder; its own log tells what it was asked."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.errors import BenchError
from bench.hosts.stage import ROOT, forwarded, free_port

USER = ("admin", "bench-password")
DELAY_MS = 20.0
_REQUEST = re.compile(r": ([A-Z]+) (/\S*) (\d{3})$")
_WAIT_SECONDS = 30


@dataclass(frozen=True)
class Asked:
    """One request, as the stand-in's log has it.

    Args:
        method: HTTP method.
        path: path without the query.
        at: seconds on the clock of ``time.perf_counter()`` when its answer was sent.
    """

    method: str
    path: str
    at: float


@dataclass
class Server:
    """A running stand-in.

    Args:
        near: its own address, without delay.
        url: the address behind the forwarder, where there is one.
        asked: every request since the last :meth:`forget`.
    """

    near: str
    url: str
    port: int
    asked: list[Asked] = field(default_factory=list)

    def forget(self) -> None:
        """Count from here."""
        self.asked.clear()

    def posts(self) -> list[Asked]:
        """The requests that made a repository."""
        return [
            request
            for request in self.asked
            if request.method == "POST" and "/repositories/docker/" in request.path
        ]

    def span(self) -> float:
        """Seconds from the first answer to a creation to the last one."""
        times = [request.at for request in self.posts()]
        return max(times) - min(times)

    def for_repositories(self) -> int:
        """How many requests were about repositories."""
        return sum("repositor" in request.path for request in self.asked)

    def settings(self) -> list[dict[str, Any]]:
        """What all its Docker repositories are set to, by one GET."""
        answer = requests.get(
            f"{self.near}/service/rest/v1/repositorySettings", auth=USER, timeout=60
        )
        answer.raise_for_status()
        return [found for found in answer.json() if found["format"] == "docker"]

    def empty(self) -> None:
        """Remove all its Docker repositories, groups first."""
        found = sorted(self.settings(), key=lambda item: item["type"] != "group")
        for item in found:
            address = f"{self.near}/service/rest/v1/repositories/{item['name']}"
            requests.delete(address, auth=USER, timeout=60).raise_for_status()


@contextlib.contextmanager
def served(folder: Path, delay_ms: float = DELAY_MS) -> Iterator[Server]:
    """A fresh stand-in while the block runs.

    Args:
        folder: its data directory, made anew.
        delay_ms: round trip time to it; 0 for loopback as it is.

    Raises:
        BenchError: it does not start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = free_port()
    far = free_port() if delay_ms else port
    environment = {
        **os.environ, "NEXUS_DATA": str(folder), "NEXUS_STANDIN_PORT": str(port),
        "NEXUS_STANDIN_CLOSED_SECONDS": "0", "NEXUS_STANDIN_STARTING_SECONDS": "0",
        "NEXUS_SECURITY_INITIAL_PASSWORD": USER[1], "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "lab.nexus_standin"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", f"http://localhost:{far}", far)
    threading.Thread(target=_follow, args=(process, server), daemon=True).start()
    try:
        _await(server, process)
        with contextlib.ExitStack() as stack:
            if delay_ms:
                way = f"127.0.0.1:{far}=127.0.0.1:{port}"
                stack.enter_context(forwarded(delay_ms, [way]))
            yield server
    finally:
        process.terminate()
        process.wait()


def _follow(process: subprocess.Popen[str], server: Server) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        found = _REQUEST.search(line.rstrip())
        if found:
            server.asked.append(Asked(found[1], found[2], time.perf_counter()))


def _await(server: Server, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{server.near}/service/rest/v1/status/writable", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise BenchError("the stand-in for Nexus did not start")
