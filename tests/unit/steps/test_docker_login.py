"""A registry's login goes to Docker through a folder that is gone afterwards, and leaves a mark."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest

from moorage.docker_login import DockerLogin, registry_of
from moorage.quoting import Script
from moorage.steps.stack import scripts
from moorage.values import Secret

VALUE = 'p\'w $HOME `id` \\ "x"\nline'
DOCKER = """#!/bin/sh
echo "$*" >>"$TOLD/argv"
tr '\\0' '\\n' </proc/$$/environ >>"$TOLD/environ"
case $1 in
  login) cat >"$TOLD/password"; cp /dev/null "$DOCKER_CONFIG/config.json"
         stat -c %a "$DOCKER_CONFIG" >"$TOLD/mode"; echo "$DOCKER_CONFIG" >"$TOLD/folder"
         echo "Login Succeeded"
         [ ! -e "$TOLD/refuse" ] || { echo "401 Unauthorized" >&2; exit 1; } ;;
  context) echo "ssh://builder" ;;
  *) [ -e "$DOCKER_CONFIG/config.json" ] && echo "$DOCKER_HOST" >"$TOLD/host"
     [ ! -e "$TOLD/fail" ] || exit 7 ;;
esac
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a script with a docker command that tells; gives result and what was told."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").write_text(DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("TOLD", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)

    def go(script):
        done = subprocess.run(["sh"], input=script.text(), text=True, capture_output=True,
                              check=False)  # fmt: skip
        read = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
        return done, read

    return go


def login(password=VALUE, user="ci", registry="registry.example.com:5000"):
    return DockerLogin(registry, user, Secret(password))


PUSH = Script("push it", 'docker push -- "$reference" >&2', {"reference": "r/x:1"})


def test_the_password_arrives_by_stdin_and_nothing_is_left(run, tmp_path):
    done, told = run(login().around(PUSH))

    assert done.returncode == 0, done.stderr
    assert told["password"] == VALUE
    assert told["mode"] == "700\n"
    assert told["host"] == "ssh://builder\n"
    assert "login --username ci --password-stdin registry.example.com:5000" in told["argv"]
    assert not Path(told["folder"].strip()).exists()
    assert "p'w" not in told["argv"] + told["environ"] + done.stdout + done.stderr
    assert "p'w" not in login().around(PUSH).command


def test_a_refused_login_is_told_in_dockers_words(run, tmp_path):
    (tmp_path / "refuse").touch()
    done, told = run(login().around(PUSH))

    assert done.returncode == 1
    assert "401 Unauthorized" in done.stderr
    assert "push" not in told["argv"]
    assert not Path(told["folder"].strip()).exists()


def test_what_fails_after_it_leaves_nothing_either(run, tmp_path):
    (tmp_path / "fail").touch()
    done, told = run(login().around(PUSH))

    assert done.returncode == 7
    assert not Path(told["folder"].strip()).exists()


def test_docker_hub_has_no_name(run):
    _, told = run(login(registry="").around(PUSH))
    assert "login --username ci --password-stdin\n" in told["argv"]


def test_the_service_is_given_the_login_with_the_deployment(run):
    done, told = run(scripts.deploy("s", "x: {}", from_registry=True, login=login()))
    assert done.returncode == 0, done.stderr
    assert "stack deploy --compose-file - --resolve-image always --with-registry-auth" in (
        told["argv"])  # fmt: skip
    assert told["host"]
    _, told = run(scripts.deploy("s", "x: {}", from_registry=False, login=login()))
    assert told["argv"].count("login") == 1


def test_the_digest_of_a_given_image_is_asked_for_when_its_name_changes_alone(run):
    given = scripts.deploy("s", "x: {}", from_registry=True, given=True, login=login())
    assert "--resolve-image changed --with-registry-auth" in run(given)[1]["argv"]


def test_the_mark_changes_with_the_login_and_tells_little():
    marks = {login(word).mark("registry") for word in ("one", "two", "three")}
    assert len(marks) == 3
    assert all(len(mark) == 4 for mark in marks)
    assert login().mark("registry") == login().mark("registry")
    assert login().mark("registry") != login().mark("other")
    assert login().mark("registry") != login(user="other").mark("registry")


@pytest.mark.parametrize(
    "image,registry",
    [("moorage/nexus", ""), ("nexus", ""), ("registry.example.com/nexus", "registry.example.com"),
     ("localhost/nexus", "localhost"), ("r:5000/a/b", "r:5000")],
)  # fmt: skip
def test_the_registry_of_an_image(image, registry):
    assert registry_of(image) == registry


def test_a_changed_password_is_a_change_of_the_service(site, templates):
    """The label is one that the running service does not have yet, as any other drift."""
    from moorage.order import Assembly

    def labels(password):
        image = site.nexus.image.model_copy(update={
            "name": "registry.example.com/nexus", "distribution": "registry",
            "login": dataclasses.make_dataclass("Login", ["user", "password"])("ci", "env:CI"),
        })  # fmt: skip
        own = site.model_copy(update={"nexus": site.nexus.model_copy(update={"image": image})})
        fleet = type("Fleet", (), {"web": lambda *_, **__: None})()
        assembly = Assembly(own, fleet, templates, lambda _: Secret(password), "manager")
        wanted = assembly.step("stack")._wanted
        (fields,) = wanted.fields().values()
        assert password not in wanted.compose_text
        assert password not in repr(wanted)
        return {key: value for key, value in fields.items() if "registry-login" in str(key)}

    before, after = labels("first password"), labels("second password")
    assert len(before) == len(after) == 1
    assert before != after
