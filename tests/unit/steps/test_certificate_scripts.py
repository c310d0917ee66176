"""The shell of the step certificate, with a docker that keeps its calls."""

from __future__ import annotations

import os
import subprocess

import pytest

from moorage.steps.certificate import scripts
from moorage.steps.certificate.desired import Part
from moorage.values import Secret

DOCKER = r"""#!/bin/sh
echo "$*" >> "$CALLS"
case "$1 $2" in
  "service update") [ "$END" = refused ] && exit 1; echo "$END" > "$CALLS.state" ;;
  "service inspect") cat "$CALLS.state" ;;
  "service ps") echo "traefik.1 Failed no such file" ;;
  "secret create") cat > "$CALLS.content" ;;
esac
"""


@pytest.fixture
def shell(tmp_path):
    """Runs a script with a docker that keeps its calls."""
    program, calls = tmp_path / "docker", tmp_path / "calls"
    program.write_text(DOCKER)
    program.chmod(0o755)
    (tmp_path / "calls.state").write_text("completed 1\n")

    def run(script, end=""):
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "END": end}
        ran = subprocess.run(["sh"], input=script.text().encode(), env=env, capture_output=True,
                             check=False)  # fmt: skip
        return ran.returncode, ran.stderr.decode(), calls.read_text().splitlines()

    return run


def test_each_option_is_one_word_and_the_new_task_is_waited_for(shell):
    options = ["--secret-rm=a", "--secret-add=source=b c,target=d"]
    code, _, calls = shell(scripts.update("traefik_traefik", options), "completed 2")
    assert code == 0
    words = "--secret-rm=a --secret-add=source=b c,target=d -- traefik_traefik"
    assert f"service update --detach=true {words}" in calls


@pytest.mark.parametrize("end", ["paused 2", "rollback_completed 2"])
def test_an_update_that_swarm_gave_up_is_a_failure_with_its_reason(shell, end):
    code, said, _ = shell(scripts.update("traefik_traefik", ["--secret-rm=a"]), end)
    assert code == 1
    assert f"Swarm says {end}" in said
    assert "no such file" in said


def test_an_update_that_docker_refuses_fails(shell):
    assert shell(scripts.update("traefik_traefik", ["--secret-rm=a"]), "refused")[0] == 1


def test_a_key_goes_by_standard_input_and_into_no_argument(shell, tmp_path):
    part = Part("secret", "own-key-1", "own.key", Secret("line 1\nline $2 '\"`"))
    script = scripts.create(part, "registry")
    code, _, calls = shell(script)
    assert code == 0
    assert calls == [f"secret create --label moorage.certificate=registry -- {part.name} -"]
    assert (tmp_path / "calls.content").read_text() == "line 1\nline $2 '\"`"
    assert "line 1" not in script.command + script.summary + repr(script)
