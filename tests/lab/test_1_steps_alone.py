"""Each command alone, in order, twice: the second run changes nothing. Witnessed in the guests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.lab import Lab

pytestmark = pytest.mark.lab

_FILE = "/etc/exports.d/moorage-registry.exports"


def _curl(lab: Lab, *words: str) -> str:
    ca = str(lab.paths.home / "ca.crt")
    return lab.exec(["curl", "-s", "-m", "30", "--cacert", ca, *words])


def _asked(lab: Lab, password: str, path: str) -> Any:
    address = f"https://nexus.lab/service/rest/v1/{path}"
    return json.loads(_curl(lab, "-u", f"admin:{password}", address))


@pytest.mark.scenario(27, "Image missing on worker")
def test_deploy_before_the_image_says_what_must_come_first(lab, fab):
    ran = fab("deploy")

    assert ran.code == 3
    assert "moorage/nexus:3.94.0" in ran.err
    assert "run fab build-image first" in ran.err
    assert lab.run("manager", "docker service ls -q --filter name=registry_nexus") == ""


def test_seeding_before_the_deployment_says_what_must_come_first(lab, fab):
    ran = fab("nexus-seed")

    assert ran.code == 3
    assert "run fab deploy first" in ran.err


def test_a_dry_run_shows_the_export_and_makes_nothing(lab, fab):
    ran = fab("nfs-setup", "--dry-run")

    assert ran.code == 0
    assert f"+++ {_FILE}" in ran.out
    assert "plan: 3 changes (nfs 3); nothing was done" in ran.out
    assert lab.run("nfs", f"ls {_FILE} /srv/nexus 2>/dev/null; true") == ""
    assert lab.run("nfs", "systemctl is-active nfs-server; true").strip() == "inactive"


def test_nfs_setup_makes_an_export_for_the_nodes_alone(lab, fab):
    ran = fab("nfs-setup")

    assert ran.code == 0, ran.text
    live = lab.run("nfs", "exportfs -v")
    assert live.count("/srv/nexus") == 2
    assert "10.77.0.11(" in live
    assert "10.77.0.12(" in live
    assert "no_root_squash" not in live
    assert lab.run("nfs", "stat -c '%u:%g %a' /srv/nexus").split() == ["200:200", "750"]
    assert lab.run("nfs", "systemctl is-enabled nfs-server").strip() == "enabled"
    assert lab.run("nfs", "ls -A /etc/exports.d").split() == ["moorage-registry.exports"]


def test_nfs_setup_again_changes_nothing(lab, fab):
    before = lab.run("nfs", f"stat -c %y {_FILE}; cat /var/lib/nfs/etab")

    ran = fab("nfs-setup")

    assert ran.code == 0
    assert "nfs: no changes" in ran.out
    assert lab.run("nfs", f"stat -c %y {_FILE}; cat /var/lib/nfs/etab") == before


def test_build_image_brings_the_image_to_every_node(lab, fab):
    ran = fab("-H", "manager", "build-image")

    assert ran.code == 0, ran.text
    ask = "docker image inspect --format '{{json .Config.ExposedPorts}}' moorage/nexus:3.94.0-*"
    shell = "docker image ls --format '{{.Repository}}:{{.Tag}}' moorage/nexus"
    for host in ("manager", "worker"):
        name = lab.run(host, shell).strip()
        ports = json.loads(lab.run(host, ask.replace("moorage/nexus:3.94.0-*", name)))
        assert sorted(ports) == ["8081/tcp", "8082/tcp", "8083/tcp"]


def test_build_image_again_changes_nothing(lab, fab):
    shown = "{{.Id}} {{.Metadata.LastTagTime}}"
    ask = f"docker image inspect --format '{shown}' $(docker image ls -q) | sort"
    before = [lab.run(host, ask) for host in ("manager", "worker")]

    ran = fab("build-image")

    assert ran.code == 0
    assert "image: no changes" in ran.out
    assert [lab.run(host, ask) for host in ("manager", "worker")] == before


def test_deploy_waits_until_nexus_answers(lab, fab):
    ran = fab("-H", "manager", "deploy")

    assert ran.code == 0, ran.text
    assert "addr=10.77.0.10,nfsvers=4.2,hard,rw" in ran.out
    replicas = lab.run("manager", "docker service ls --format '{{.Name}} {{.Replicas}}'")
    assert "registry_nexus 1/1" in replicas
    status = _curl(lab, "-o", "/dev/null", "-w", "%{http_code}",
                   "https://nexus.lab/service/rest/v1/status/writable")  # fmt: skip
    assert status == "200"
    mounts = lab.run("worker", "cat /proc/mounts") + lab.run("manager", "cat /proc/mounts")
    [mount] = [line for line in mounts.splitlines() if line.startswith(":/srv/nexus ")]
    assert "vers=4.2" in mount
    assert "hard" in mount
    assert "addr=10.77.0.10" in mount


def test_deploy_again_changes_nothing(lab, fab):
    ask = "docker service inspect --format '{{.Version.Index}} {{.UpdatedAt}}' registry_nexus"
    tasks = "docker service ps --no-trunc --format '{{.ID}}' registry_nexus"
    before = lab.run("manager", f"{ask}; {tasks}")

    ran = fab("deploy")

    assert ran.code == 0
    assert "stack: no changes" in ran.out
    assert lab.run("manager", f"{ask}; {tasks}") == before


def test_verify_before_seeding_says_what_is_wrong(lab, fab):
    ran = fab("verify")

    assert ran.code == 1
    assert "Nexus' port 8083 is closed" in ran.err
    assert "fab nexus-seed opens the ports" in ran.err


def test_nexus_seed_finishes_the_first_boot(lab, fab):
    assert lab.run("nfs", "ls /srv/nexus/admin.password").strip()

    ran = fab("nexus-seed")

    assert ran.code == 0, ran.text
    assert lab.run("nfs", "ls /srv/nexus/admin.password 2>/dev/null; true") == ""
    password = (lab.paths.secrets / "admin_password").read_text()
    assert password not in ran.text
    listed = _asked(lab, password, "repositorySettings")
    docker = {item["name"]: item for item in listed if item["format"] == "docker"}
    assert docker["docker-private"]["docker"]["httpPort"] == 8083
    assert docker["docker-all"]["docker"]["httpPort"] == 8082
    assert docker["docker-all"]["group"]["memberNames"] == ["docker-private", "docker-hub"]
    realms = _asked(lab, password, "security/realms/active")
    assert realms[-1] == "DockerToken"


def test_nexus_seed_again_sends_nothing_but_gets(lab, fab):
    ran = fab("nexus-seed")

    assert ran.code == 0
    assert "nexus: no changes" in ran.out


def test_verify_proves_login_push_and_pull(lab, fab):
    for _ in range(2):
        ran = fab("verify")
        assert ran.code == 0, ran.text
        assert "Bearer login of admin taken" in ran.out
        assert "it is in docker-private" in ran.out
        assert "pull of hello-world" in ran.out
        assert "warning" not in ran.out


def test_up_after_all_steps_changes_nothing(lab, fab):
    ran = fab("up")

    assert ran.code == 0, ran.text
    for step in ("nfs", "nodes", "image", "stack", "nexus", "logins"):
        assert f"{step}: no changes" in ran.out


def test_render_prints_what_is_on_the_hosts(lab, inv):
    stack = inv("render", "--what", "stack")
    exports = inv("render", "--what", "exports")

    assert (stack.code, exports.code) == (0, 0)
    assert exports.out == lab.run("nfs", f"cat {_FILE}")
    assert 'image: "moorage/nexus:3.94.0-' in stack.out
