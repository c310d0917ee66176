"""The Java process that runs scripts: started with the first one, kept for the next."""

from __future__ import annotations

import json
import select
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..log import log
from ..settings import Settings
from .faults import ScriptFault

_SOURCES = Path(__file__).parent.parent / "groovy"
_SECONDS = 120.0
_INTERFACES_FROM = 21
_OPTIONS = ("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")

Asked = Callable[[str, dict[str, Any]], Any]


class ScriptsUnavailableError(Exception):
    """There is no Java or no Groovy here, or the process has ended."""


class ScriptRunner:
    """Runs one script at a time.

    Args:
        settings: Where Java and Groovy are.
        asked: Carries out what a script does to Nexus; may raise ScriptFault.
    """

    def __init__(self, settings: Settings, asked: Asked) -> None:
        self._settings = settings
        self._asked = asked
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._generation = ""

    def run(self, content: str, arguments: str, minor: int) -> tuple[bool, str]:
        """Run a script as on Nexus 3.``minor``.

        Returns:
            Whether it came to its end, and its result or what stopped it.

        Raises:
            ScriptsUnavailableError: It could not be run, or not to an end in time.
        """
        with self._lock:
            process = self._started(_generation(minor))
            try:
                job = {"content": content, "args": arguments, "minor": minor}
                return self._converse(process, job)
            except (OSError, ValueError) as error:
                self._end()
                raise ScriptsUnavailableError(f"the process of Groovy failed: {error}") from None
            except Exception:
                # It still waits for an answer, and would take the next script for one.
                self._end()
                raise

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _started(self, generation: str) -> subprocess.Popen[str]:
        running = self._process and self._process.poll() is None
        if self._process and running and self._generation == generation:
            return self._process
        self._end()
        java, groovy = self._settings.java_program, self._settings.groovy
        if java is None or groovy is None:
            raise ScriptsUnavailableError("the stand-in runs no scripts without Java and Groovy")
        classes = f"{groovy}:{_SOURCES}:{_SOURCES / generation}"
        words = [java, *_OPTIONS, "-cp", classes, "groovy.ui.GroovyMain"]
        words.append(str(_SOURCES / "Harness.groovy"))
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._generation = generation
        log(f"Groovy started for scripts, process {self._process.pid}")
        return self._process

    def _converse(self, process: subprocess.Popen[str], job: dict[str, Any]) -> tuple[bool, str]:
        deadline = time.monotonic() + _SECONDS
        _send(process, job)
        while True:
            line = _receive(process, deadline)
            if "done" in line:
                return True, line["done"]
            if "failed" in line:
                return False, line["failed"]
            _send(process, self._answer(line))

    def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"answer": self._asked(line["ask"], line["with"])}
        except ScriptFault as fault:
            return {"fault": {"type": fault.type, "message": str(fault)}}

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _generation(minor: int) -> str:
    """Three classes that scripts may use became interfaces in 3.21."""
    return "since_3_21" if minor >= _INTERFACES_FROM else "before_3_21"


def _send(process: subprocess.Popen[str], line: dict[str, Any]) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


def _receive(process: subprocess.Popen[str], deadline: float) -> dict[str, Any]:
    """Return the next line; only one is ever under way, so none waits in the buffer unseen."""
    assert process.stdout
    left = deadline - time.monotonic()
    if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
        raise ValueError("no answer in time")
    text = process.stdout.readline()
    if not text:
        raise ValueError("it ended")
    line: dict[str, Any] = json.loads(text)
    return line
