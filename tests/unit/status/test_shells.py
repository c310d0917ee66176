"""What enters the container: one line of shell, by the rules that sudo has anyway."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from moorage.status.shells import entering, find_container
from moorage.sudoers import SHELL


def test_without_sudo_it_is_docker_itself():
    assert entering("c1", sudo=False, asks=False) == "docker exec -it c1 sh"


@pytest.mark.parametrize("asks", [False, True])
def test_with_sudo_it_is_a_script_that_takes_the_terminal_from_elsewhere(tmp_path, asks):
    """Run by a sudo that tells what it was asked for; without a terminal the last step fails."""
    (tmp_path / "sudo").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >{tmp_path}/asked\ncat\n')
    (tmp_path / "sudo").chmod(0o755)
    line = entering("c1", sudo=True, asks=asks)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True,
                          env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})  # fmt: skip
    assert done.stdout == "docker exec -it c1 sh </dev/tty"
    asked = (tmp_path / "asked").read_text().strip()
    assert asked == ("-- sh -c echo ready; exec sh -s" if asks else f"-n -- {' '.join(SHELL)}")


def test_the_container_is_found_by_the_services_label():
    script = find_container("registry_nexus")
    assert script.variables == {"label": "com.docker.swarm.service.name=registry_nexus"}
    assert shlex.split(script.body)[:2] == ["docker", "ps"]
