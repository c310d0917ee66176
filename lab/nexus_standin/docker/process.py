"""One ``docker-registry`` process: started when first needed, started again when it has died."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ..log import log, warn

_START_SECONDS = 20
_STOP_SECONDS = 3


class RegistryUnavailableError(Exception):
    """The registry process cannot be started, or does not listen in time."""


class RegistryProcess:
    """A real registry on a loopback port of its own choice.

    Args:
        label: What the log calls it.
        program: The ``docker-registry`` program, None where the machine has none.
        configuration: Its configuration, without ``http.addr``.
        file: Where the configuration is written (it may hold a password: mode 0600).
    """

    def __init__(
        self, label: str, program: str | None, configuration: dict[str, Any], file: Path
    ) -> None:
        self._label = label
        self._program = program
        self._configuration = configuration
        self._file = file
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._stopped = False

    def start_soon(self) -> None:
        """Start it without waiting; what goes wrong is told when it is needed."""
        threading.Thread(target=self._try, daemon=True).start()

    def port(self) -> int:
        """Return the port of the running process.

        Raises:
            RegistryUnavailableError: It cannot be started.
        """
        with self._lock:
            if self._stopped:
                raise RegistryUnavailableError(f"{self._label} has been stopped")
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._port

    def stop(self) -> None:
        """End the process; it is not started again."""
        with self._lock:
            self._stopped = True
            if self._process is None:
                return
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _try(self) -> None:
        try:
            self.port()
        except RegistryUnavailableError as error:
            warn(str(error))

    def _start(self) -> None:
        if self._program is None:
            raise RegistryUnavailableError(f"{self._label}: no docker-registry program here")
        port = _free_port()
        self._write(port)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("REGISTRY_")}
        self._process = subprocess.Popen(
            [self._program, "serve", str(self._file)],
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await(self._process, port)
        self._port = port
        log(f"{self._label} runs as process {self._process.pid} on loopback port {port}")

    def _write(self, port: int) -> None:
        http = self._configuration["http"] | {"addr": f"127.0.0.1:{port}"}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._configuration | {"http": http}, file)  # YAML holds JSON

    def _await(self, process: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                text = f"{self._label} ended at once with exit code {process.returncode}"
                raise RegistryUnavailableError(text)
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        process.kill()
        raise RegistryUnavailableError(f"{self._label} does not listen after {_START_SECONDS} s")


def configuration(root: Path, secret: str) -> dict[str, Any]:
    """Return the configuration of a registry that keeps its content below ``root``.

    The secret signs the state of uploads; a fixed one lets an upload go on after a restart.
    """
    return {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(root)}, "delete": {"enabled": True}},
        "http": {"relativeurls": True, "secret": secret},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
