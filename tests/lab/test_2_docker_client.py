"""What the main job is for: a real Docker on the worker logs in, pushes and pulls."""

from __future__ import annotations

import shlex
import time

import pytest

from lab.errors import LabError

pytestmark = pytest.mark.lab


def _logged_in(lab, host: str, script: str) -> str:
    password = shlex.quote((lab.paths.secrets / "admin_password").read_text())
    login = f"printf %s {password} | docker login -u admin --password-stdin registry.lab"
    return lab.run(host, f"set -e; {login} 2>&1; {script}; docker logout registry.lab")


def test_login_push_and_pull_on_the_worker(lab, site_up):
    said = _logged_in(
        lab,
        "worker",
        "docker tag lab/tiny:1 registry.lab/team/tiny:1; docker push registry.lab/team/tiny:1;"
        "docker image rm registry.lab/team/tiny:1; docker pull registry.lab/team/tiny:1",
    )

    assert "Login Succeeded" in said
    assert "Status: Downloaded newer image for registry.lab/team/tiny:1" in said


def test_hello_world_comes_through_the_proxy(lab, site_up):
    said = _logged_in(
        lab,
        "worker",
        "docker pull registry.lab/hello-world;"
        "docker run --rm --network none registry.lab/hello-world",
    )

    assert "registry.lab/hello-world:latest" in said
    assert "Hello from" in said


def test_without_a_login_nothing_is_given(lab, site_up):
    with pytest.raises(LabError, match=r"denied|unauthorized|no basic auth"):
        lab.run("worker", "docker logout registry.lab; docker pull registry.lab/team/tiny:1")


def test_a_push_on_top_of_an_image_that_the_proxy_holds_is_whole(lab, site_up):
    """The trap of the method split: the group says that it has the layer, hosted has it not."""
    said = _logged_in(
        lab,
        "worker",
        "docker pull -q registry.lab/hello-world;"
        "printf 'FROM registry.lab/hello-world\\nLABEL of=ours\\n' |"
        "docker build -q -t registry.lab/team/derived:1 -;"
        "docker push registry.lab/team/derived:1 2>&1",
    )

    assert "digest: sha256:" in said


def test_the_service_moves_with_its_data_when_its_node_dies(lab, fab, site_up):
    where = "docker service ps -f desired-state=running --format '{{.Node}}' registry_nexus"
    assert lab.run("manager", where).strip() == "worker"
    _logged_in(
        lab,
        "worker",
        "docker tag lab/tiny:1 registry.lab/team/kept:1; docker push -q registry.lab/team/kept:1",
    )

    lab.kill("worker")
    try:
        _until_writable(lab)
        said = _logged_in(lab, "manager", "docker pull registry.lab/team/kept:1")
        assert "Downloaded newer image" in said
        assert lab.run("manager", where).strip() == "manager"
        ran = fab("deploy")
        assert ran.code == 0, ran.text
        assert "worker does not answer" in ran.out
        assert "stack: no changes" in ran.out
    finally:
        lab.boot("worker")
        lab.wait_ready()


def _until_writable(lab) -> None:
    """Wait until Nexus answers again; the task is started anew and takes its lock."""
    ca = str(lab.paths.home / "ca.crt")
    argv = ["curl", "-s", "-m", "5", "--cacert", ca, "-o", "/dev/null", "-w", "%{http_code}",
            "https://nexus.lab/service/rest/v1/status/writable"]  # fmt: skip
    # the old task's route stays until Swarm takes the node for down
    moved = "docker service ps -f desired-state=running --format '{{.Node}}' registry_nexus"
    for _ in range(240):
        if lab.run("manager", moved).strip() == "manager" and _quietly(lab, argv) == "200":
            return
        time.sleep(1)
    pytest.fail("Nexus did not come back within 240 rounds")


def _quietly(lab, argv: list[str]) -> str:
    try:
        return lab.exec(argv)
    except LabError:
        return ""
