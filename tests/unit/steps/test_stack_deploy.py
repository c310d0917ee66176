"""What the deployment's script says of an image whose registry does not answer."""

from __future__ import annotations

import subprocess

import pytest

from moorage.steps.stack.scripts import deploy

UNVERIFIED = (
    "image r.example/x:1 could not be accessed on a registry to record\\nits digest. "
    "Each node will access r.example/x:1 independently,"
)
"""Two lines of Docker's (cli, compose/convert and service/update: warnDigestNotFound)."""


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """Run it with a docker that says something and ends with a code."""

    def run(said, code=0):
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\ncat >/dev/null\nprintf '{said}\\n' >&2\nexit {code}\n")
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        script = deploy("registry", "services: {}\n", from_registry=True, home=str(tmp_path))
        return subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                              check=False)  # fmt: skip

    return run


@pytest.mark.parametrize("words", [UNVERIFIED, UNVERIFIED.replace("\\n", " ")])
def test_a_digest_that_no_registry_tells_is_noted(deployed, words):
    done = deployed(words)

    assert done.returncode == 0
    assert done.stdout.startswith("note: no registry tells the image's digest: it is unverified")
    assert "independently" in done.stderr


def test_a_usual_deployment_notes_nothing(deployed, tmp_path):
    done = deployed("Updating service registry_nexus")

    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "stack.yml").read_text() == "services: {}\n"


@pytest.mark.parametrize("held", [False, True])
def test_what_was_noted_of_a_standstill_is_over_unless_data_are_being_exchanged(
    deployed, tmp_path, held
):
    notes = {"stopped", "stopped.guard", "guard", *(["stopped.hold"] if held else [])}
    for name in notes:
        (tmp_path / name).touch()

    assert deployed("").returncode == 0
    left = {path.name for path in tmp_path.iterdir()} & {*notes}
    assert left == (notes if held else set())


def test_one_that_fails_gives_dockers_words_and_code(deployed, tmp_path):
    done = deployed("this node is not a swarm manager", 3)

    assert done.returncode == 3
    assert "not a swarm manager" in done.stderr
    assert not (tmp_path / "stack.yml").exists()
