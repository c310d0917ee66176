"""Who pushes and pulls beside the faults: what was acknowledged, and what is lost."""

from __future__ import annotations

import os
import random
import re
import subprocess

import pytest
from played_lab import told

from lab.chaos import client as clients
from lab.chaos.client import Client
from lab.chaos.events import PULL, PUSH
from lab.errors import LabError

PASSWORD = "a 'quoted' password"


DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def client(lab, events):
    return Client(lab, PASSWORD, random.Random(1), events)


def test_what_docker_acknowledged_is_kept_and_pulled(client, events, lab):
    client.once()
    client.once()

    assert told(events) == [(PUSH, True), (PULL, True)] * 2
    assert {image.digest for image in client.acknowledged} == set(lab.registry)
    assert client.lost() == []


def test_one_is_there_before_anything_is_broken(client, lab):
    client.first()

    assert len(client.acknowledged) == 1


def test_without_one_nothing_is_broken(client, lab):
    lab.run = lambda *_words, **_more: "refused"

    with pytest.raises(LabError, match="before anything was broken"):
        client.first()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "refused",
        # the manifest was taken, but docker did not end well
        f"n1: digest: {DIGEST} size: 527\nerror",
        "push-has-ended-with-0\n",
    ],
)
def test_what_docker_did_not_acknowledge_is_not(client, events, lab, said):
    lab.run = lambda *_words, **_more: said
    client.once()

    assert client.acknowledged == []
    assert told(events) == [(PUSH, False)]


def test_a_guest_that_is_off_counts_as_a_failure_and_is_no_mistake(client, events, lab):
    client.push()
    lab.off = {"manager", "worker"}
    client.once()

    assert told(events) == [(PUSH, True), (PUSH, False), (PULL, False)]
    assert len(client.acknowledged) == 1


def test_an_image_that_is_not_to_be_had_is_lost(client, lab):
    for _ in range(3):
        client.push()
    gone = client.acknowledged[1]
    del lab.registry[gone.digest]

    assert client.lost() == [gone]


def test_one_that_is_had_by_another_try_is_not_lost(client, lab):
    client.push()
    tries = []

    def first_not(host, script, **_more):
        tries.append(host)
        return "" if len(tries) == 1 else f"there {client.acknowledged[0].digest}\n"

    lab.run = first_not
    assert client.lost() == []
    assert len(set(tries)) == 2


def test_an_image_has_another_tag_than_any_other_and_its_own_content():
    scripts = [clients.push_script(f"n{number}", 5000, PASSWORD) for number in (1, 2)]

    assert all("/dev/urandom" in script for script in scripts)
    assert len({re.search(r"docker push (\S+)", one)[1] for one in scripts}) == 2


def carried_out(tmp_path, script, docker):
    """What a client's script prints where docker is a small program."""
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/calls\n{docker}\n')
    program.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = script.replace("/run/", f"{tmp_path}/")
    return subprocess.run(["sh", "-s"], input=script, env=env, capture_output=True, text=True,
                          check=False, timeout=30).stdout  # fmt: skip


@pytest.mark.parametrize(("code", "digest"), [(0, DIGEST), (1, None)])
def test_the_script_of_a_push_for_real(tmp_path, code, digest):
    docker = (f"case $1 in login) cat >{tmp_path}/typed ;; import) tar -t >{tmp_path}/layer ;; "
              f"push) echo 'n1: digest: {DIGEST} size: 5'; exit {code} ;; esac")  # fmt: skip
    said = carried_out(tmp_path, clients.push_script("n1", 5000, PASSWORD), docker)

    assert clients.acknowledged(said) == digest
    assert (tmp_path / "typed").read_text() == PASSWORD
    assert (tmp_path / "layer").read_text() == "content\n"
    assert PASSWORD not in (tmp_path / "calls").read_text()
    assert "image rm registry.lab/team/chaos:n1" in (tmp_path / "calls").read_text()
    assert list(tmp_path.glob("moorage-chaos-push.*")) == []


def test_the_script_of_pulls_for_real(tmp_path):
    there, missing = DIGEST, "sha256:" + "b" * 64
    docker = f"case $1/$* in pull/*{missing}*) exit 1 ;; esac"
    said = carried_out(tmp_path, clients.pull_script([there, missing], PASSWORD), docker)

    assert clients.lost(said, [there, missing]) == [missing]


def test_a_login_that_fails_is_a_push_that_fails(tmp_path):
    said = carried_out(tmp_path, clients.push_script("n1", 5000, PASSWORD),
                       "case $1 in login) exit 1 ;; esac")  # fmt: skip

    assert clients.acknowledged(said) is None
    assert (tmp_path / "calls").read_text().count("\n") == 1
