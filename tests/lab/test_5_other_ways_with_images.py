"""Images built by any Docker that the docker command reaches, and images pushed to a registry."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.lab

_REGISTRY = """
mkdir -p /tmp/registry
cat >/tmp/registry/config.yml <<'END'
version: 0.1
storage: {filesystem: {rootdirectory: /tmp/registry/data}}
http: {addr: "127.0.0.1:5001"}
END
systemd-run --quiet --unit lab-registry docker-registry serve /tmp/registry/config.yml
for _ in 1 2 3 4 5 6 7 8 9 10; do curl -sf http://127.0.0.1:5001/v2/ && break; sleep 1; done
"""


def test_inv_build_image_uses_the_docker_command_at_hand(lab, inv, root, tmp_path, variant):
    """Here that is the manager's Docker by a docker command that goes through SSH."""
    docker = tmp_path / "docker"
    words = f"ssh -F {root}/.lab/ssh_config manager docker"
    docker.write_text(f'#!/bin/sh\nfor w; do q="${{q:-}} \'$w\'"; done\nexec {words} "$q"\n')
    docker.chmod(0o755)
    config = variant(("    base:", "    name: moorage/built-here\n    base:"))
    path = f"{tmp_path}:{os.environ['PATH']}"

    first = inv("build-image", inventory=config, PATH=path)
    second = inv("build-image", inventory=config, PATH=path)

    assert first.code == 0, first.text
    assert "image on this machine: + create" in first.out
    assert "image: no changes" in second.out
    listed = "docker image ls --format '{{.Repository}}' moorage/built-here"
    for host in ("manager", "worker"):
        assert lab.run(host, listed).strip() == "moorage/built-here"


def test_without_a_docker_command_it_says_what_to_install(lab, inv, tmp_path):
    for name in ("sh", "cat", "od", "tr", "ssh", "nsenter", "python3", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")

    ran = inv("build-image", PATH=str(tmp_path))

    assert ran.code == 3
    assert "Docker does not answer" in ran.err


def test_an_image_is_pushed_to_the_registry_in_its_name(lab, fab, variant):
    lab.run("manager", _REGISTRY)
    try:
        config = variant(
            ("    base:", "    name: 127.0.0.1:5001/nexus\n    distribution: registry\n    base:")
        )

        first = fab("build-image", inventory=config)
        second = fab("build-image", inventory=config)

        assert first.code == 0, first.text
        assert "image: no changes" in second.out
        tags = lab.run("manager", "curl -s http://127.0.0.1:5001/v2/nexus/tags/list")
        assert '"name":"nexus"' in tags
        assert "3.94.0-" in tags
    finally:
        lab.run("manager", "systemctl stop lab-registry; rm -rf /tmp/registry")


def test_a_registry_that_asks_for_a_login_is_given_it_and_nothing_is_left(lab, fab, variant):
    import bcrypt

    word = bcrypt.hashpw(b"the pusher's password", bcrypt.gensalt(5)).decode()
    auth = "auth: {htpasswd: {realm: lab, path: /tmp/registry/users}}\nEND"
    lab.run("manager", f"mkdir -p /tmp/registry; echo 'ci:{word}' >/tmp/registry/users\n"
            + _REGISTRY.replace("END\nsystemd", f"{auth}\nsystemd").replace("curl -sf", "curl -s")
            )  # fmt: skip
    login = "login: {user: ci, password: 'env:PUSHER'}"
    pushed = f"    name: 127.0.0.1:5001/nexus\n    distribution: registry\n    {login}\n"
    config = variant(("    base:", f"{pushed}    base:"))
    look = "ls -d /dev/shm/moorage-docker.* /root/.docker/config.json 2>/dev/null; true"
    before = lab.run("manager", look)
    try:
        refused = fab("build-image", inventory=config, PUSHER="another word")
        pushed = fab("build-image", inventory=config, PUSHER="the pusher's password")

        assert refused.code == 1, refused.text
        assert "nexus.image.login" in refused.err
        assert "another word" not in refused.text
        assert pushed.code == 0, pushed.text
        assert lab.run("manager", look) == before
        assert "moorage-docker" not in before
    finally:
        lab.run("manager", "systemctl stop lab-registry; rm -rf /tmp/registry")


def test_an_account_whose_sudo_asks_builds_and_hands_over(lab, fab, variant):
    config = variant(
        ("user: root", f"user: opspw\n  sudo_password: file:{lab.paths.secrets}/opspw_password"),
        ("    base:", "    name: moorage/by-opspw\n    base:"),
    )

    ran = fab("build-image", inventory=config)

    assert ran.code == 0, ran.text
    assert "2 changes made and verified" in ran.out
    listed = "docker image ls --format '{{.Repository}}' moorage/by-opspw"
    assert lab.run("worker", listed).strip() == "moorage/by-opspw"


def test_a_base_image_that_is_not_there_is_told_with_dockers_words(lab, fab, variant):
    ran = fab("build-image", inventory=variant(("3.94.0-standin", "0.0.0-nowhere")))

    assert ran.code == 1
    assert "could not build moorage/nexus" in ran.err
    assert "nexus.image.base" in ran.err
    assert "docker build" in ran.err
