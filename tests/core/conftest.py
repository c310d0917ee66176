"""A real Nexus: the open core from Maven Central, on loopback, with a data folder of its own.

It has no Docker format; everything else is what the product meets. MOORAGE_SKIP=core leaves it out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from moorage.steps.nexus.deadline import Deadline
from moorage.transport.http import Web

VERSION = "3.71.0"
_ARTIFACT = "org.sonatype.nexus.assemblies:nexus-base-template:3.71.0-06:zip"
_FOLDER = "nexus-base-template-3.71.0-06"
_SHA256 = "432bb2bf10c4c04dfb36ad87796cfaaf4f747eb9db54e6634bb4576ffe891f17"
_FETCH_SECONDS, _START_SECONDS, _STOP_SECONDS = 900, 600, 120
# the distribution's own are 2703m each; a handful of objects needs far less
_MEMORY = {"JAVA_MIN_MEM": "256m", "JAVA_MAX_MEM": "1g", "DIRECT_MAX_MEM": "512m"}


class Core:
    """A running core."""

    def __init__(self, distribution: Path, data: Path) -> None:
        self.data, self.version = data, VERSION
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        for folder in ("etc", "log", "tmp"):
            (data / folder).mkdir()
        (data / "etc" / "nexus.properties").write_text(
            f"application-host=127.0.0.1\napplication-port={self.port}\n"
            "nexus.scripts.allowCreation=true\n"
        )
        environment = {**os.environ, **_MEMORY, "KARAF_DATA": str(data),
                       "KARAF_LOG": str(data / "log")}  # fmt: skip
        self.output = data / "out.log"
        with self.output.open("wb") as output:
            # the script becomes the Java process, so its id is the one to end
            self.process = subprocess.Popen(
                ["sh", str(distribution / "bin" / "nexus"), "server"], env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def web(self) -> Web:
        return Web(f"http://127.0.0.1:{self.port}", retry=False)

    def wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while not self._writable():
            if self.process.poll() is not None or time.monotonic() > end:
                tail = self.output.read_text(errors="replace")[-3000:]
                pytest.fail(f"the core did not start:\n{tail}")
            time.sleep(1)

    def _writable(self) -> bool:
        try:
            answer = self.web().ask("GET", "/service/rest/v1/status/writable")
        except Exception:  # noqa: BLE001  not yet, whatever it is
            return False
        return answer.status_code == 200

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _distribution() -> Path:
    """The unpacked distribution, fetched once for all clones of this user."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moorage" / "core"
    folder = base / _FOLDER
    if folder.exists():
        return folder
    missing = [name for name in ("mvn", "java") if not shutil.which(name)]
    if missing:
        pytest.fail(f"{' and '.join(missing)} missing: ./run test --yes installs them; "
                    "MOORAGE_SKIP=core leaves the real core out")  # fmt: skip
    base.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(
        ["mvn", "-B", "-q", "-ntp", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
         f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={base}"],
        capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS, cwd=base,
    )  # fmt: skip
    if fetched.returncode:
        pytest.fail(f"Maven did not give {_ARTIFACT}:\n{fetched.stdout[-2000:]}")
    archive = base / f"{_FOLDER}.zip"
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != _SHA256:
        archive.unlink()
        pytest.fail(f"{_ARTIFACT} has sha256 {digest}, not {_SHA256}: it is not what was tried")
    aside = base / f"unpacking-{os.getpid()}"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(aside)
    (aside / _FOLDER).rename(folder)
    shutil.rmtree(aside)
    archive.unlink()
    return folder


@pytest.fixture(scope="package")
def core(tmp_path_factory):
    running = Core(_distribution(), tmp_path_factory.mktemp("core"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture
def deadline():
    return Deadline(300, "the test's own")
