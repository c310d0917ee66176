"""The demonstration: the lab from nothing, the main job by the operator's own tasks, the result."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from .errors import LabError
from .lab import Lab

Given = TypeVar("Given")

TASKS = ("doctor", "nfs-setup", "build-image", "deploy", "nexus-seed", "verify")

_SESSION = (
    "docker login --username admin --password-stdin registry.lab < password",
    "docker tag lab/tiny:1 registry.lab/demo/tiny:1",
    "docker push registry.lab/demo/tiny:1",
    "docker image rm registry.lab/demo/tiny:1",
    "docker pull registry.lab/demo/tiny:1",
    "docker pull registry.lab/hello-world",
    "docker run --rm --network none registry.lab/hello-world",
    "docker logout registry.lab",
)


def main(root: Path, programs: Path) -> int:
    """Run it and print everything as it goes.

    Args:
        root: the project's folder.
        programs: folder with the virtual environment's programs.

    Returns:
        The exit code: that of the first task that failed.
    """
    begun = time.monotonic()
    lab = Lab(root)
    times: list[tuple[str, float]] = []
    try:
        _timed("lab up", times, lab.up)
        for name in TASKS:
            code = _timed(f"fab {name}", times, partial(_fab, root, programs, name))
            if code and name != "doctor":
                print(f"demo: fab {name} failed; the lab is left as it is for you to look at")
                return int(code)
        _timed("docker login, push and pull on the worker", times, lambda: _docker_session(lab))
    except LabError as failure:
        print(f"demo: {failure}")
        return failure.exit_code
    except KeyboardInterrupt:
        print("demo: interrupted; end the lab with: ./run lab down")
        return 130
    _print_summary(times, time.monotonic() - begun)
    return 0


def _timed(title: str, times: list[tuple[str, float]], work: Callable[[], Given]) -> Given:
    print(f"\n=== {title}", flush=True)
    begun = time.monotonic()
    given = work()
    times.append((title, time.monotonic() - begun))
    print(f"=== {title}: {times[-1][1]:.1f} s", flush=True)
    return given


def _fab(root: Path, programs: Path, name: str) -> int:
    """Run one of the operator's tasks against the lab's inventory."""
    environment = {**os.environ, "MOORAGE_INVENTORY": "lab", "MOORAGE_YES": "1"}
    argv = [str(programs / "fab"), "--search-root", str(root), name]
    return subprocess.run(argv, env=environment, check=False).returncode


def _docker_session(lab: Lab) -> None:
    """What a person would type on the worker, each command with what it prints."""
    password = (lab.paths.secrets / "admin_password").read_text()
    prepare = f"umask 077; printf %s {shlex.quote(password)} >password; set -e\n"
    shown = [f"printf '%s\\n' {shlex.quote('worker$ ' + command)}\n{command} 2>&1"
             for command in _SESSION]  # fmt: skip
    script = "cd \"$(mktemp -d)\"; trap 'rm -f password' EXIT\n" + prepare + "\n".join(shown)
    print(lab.run("worker", script), end="", flush=True)


def _print_summary(times: list[tuple[str, float]], whole: float) -> None:
    rows = "\n".join(f"  {seconds:6.1f} s  {title}" for title, seconds in times)
    print(f"""
=== done in {whole:.0f} s
{rows}

What there is now:
  NFS host    nfs 10.77.0.10      exports /srv/nexus to the nodes
  Swarm       manager 10.77.0.11, worker 10.77.0.12; stack registry, service registry_nexus
  Nexus       https://nexus.lab       (a stand-in that the lab makes; real Nexus elsewhere)
  Registry    https://registry.lab    docker login -u admin registry.lab
  Password    .lab/secrets/admin_password; the CA is .lab/ca.crt
These names and addresses are inside the lab's own network.

Look round:
  ./run lab ssh manager                       a shell on the manager (or nfs, worker)
  ./run lab exec curl --cacert .lab/ca.crt https://nexus.lab/service/rest/v1/status -i
  MOORAGE_INVENTORY=lab ./run fab up          do it all again: nothing changes
Stop it:
  ./run lab down""")
