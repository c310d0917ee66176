"""Scenarios 20, 27, 28, 34, 35: images nobody has, tasks that cannot start, an old Docker."""

from __future__ import annotations

import json
import re
import time

import pytest
from test_5_other_ways_with_images import _REGISTRY
from witness import RUNNING, TASKS, history, until, writable

pytestmark = [pytest.mark.lab, pytest.mark.long]

_IMAGE = "docker image ls --format '{{.Repository}}:{{.Tag}}' moorage/nexus | head -n 1"
_ERRORS = "docker service ps --no-trunc --format '{{.CurrentState}} {{.Error}}' registry_nexus"
# what a registry answers that has had enough (distribution specification, error codes)
_FULL = r"""
cat >/run/full.py <<'END'
import http.server
class Full(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"you have reached your limit"}]}'
        self.send_response(429)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")
    do_HEAD = do_GET
http.server.HTTPServer(("127.0.0.1", 5009), Full).serve_forever()
END
systemd-run --quiet --unit lab-full python3 /run/full.py
for n in $(seq 20); do curl -s -o /dev/null http://127.0.0.1:5009/v2/ && break; sleep 0.5; done
"""


def _given(name, tag):
    """An image that Moorage does not build."""
    return f"    name: {name}\n    tag: {tag}\n    distribution: given\n    base:"


@pytest.fixture
def as_before(fab, site_up):
    yield
    ran = fab("up")
    assert ran.code == 0, ran.text


@pytest.mark.scenario(20, "Docker Hub unreachable / 429")
def test_an_image_that_no_node_can_pull_never_stops_the_former_task(
    lab, fab, variant, site_up, as_before
):
    for host in ("manager", "worker"):
        lab.run(host, _FULL)
    config = variant(("    base:", _given("127.0.0.1:5009/nexus", "none")))
    before = lab.run("manager", RUNNING)
    try:
        ran = fab("deploy", inventory=config)
    finally:
        for host in ("manager", "worker"):
            lab.run(host, "systemctl stop lab-full")

    assert ran.code == 1, ran.text
    assert re.search(r"on (manager|worker): could not pull 127\.0\.0\.1:5009/nexus:none", ran.err)
    assert "toomanyrequests" in ran.err.lower()
    assert "nexus.image.login" in ran.err
    assert lab.run("manager", RUNNING) == before
    assert "Rejected" not in lab.run("manager", _ERRORS)
    assert writable(lab) == "200"


@pytest.mark.scenario(20, "Docker Hub unreachable / 429")
def test_an_image_that_is_on_the_nodes_is_deployed_without_its_registry(
    lab, fab, variant, site_up, as_before
):
    name = lab.run("manager", _IMAGE).strip()
    for host in ("manager", "worker"):
        lab.run(host, f"docker tag {name} 127.0.0.1:5010/nexus:pinned")
    config = variant(("    base:", _given("127.0.0.1:5010/nexus", "pinned")))
    try:
        ran = fab("deploy", inventory=config)
    finally:
        assert fab("up").code == 0
        for host in ("manager", "worker"):
            lab.run(host, "docker image rm 127.0.0.1:5010/nexus:pinned; true")

    assert ran.code == 0, ran.text
    assert "it is unverified" in ran.out


@pytest.mark.scenario(27, "Image missing on worker")
def test_an_image_that_one_node_lacks_is_named_and_handed_over(lab, fab, site_up, as_before):
    lab.run("manager", "docker service scale registry_nexus=0 >/dev/null")
    until(lambda: not lab.run("manager", RUNNING).strip())
    name = lab.run("manager", _IMAGE).strip()
    until(lambda: not lab.run("worker", f"docker rmi -f {name} >/dev/null 2>&1; "
                              f"docker image ls -q {name}").strip())  # fmt: skip

    refused = fab("deploy")
    there = lab.run("worker", f"docker image ls -q {name}")
    ran = fab("up")

    assert refused.code == 3, refused.text
    assert f"on worker: the image {name} is not there" in refused.err
    assert "fab build-image" in refused.err
    assert there == ""
    assert ran.code == 0, ran.text
    assert "hand moorage/nexus" in ran.out
    assert re.search(r"\d+ MB of moorage/nexus\S+ to worker", ran.out)
    assert lab.run("worker", f"docker image ls -q {name}").strip()
    assert "No such image" not in lab.run("manager", _ERRORS)


@pytest.mark.scenario(27, "Image missing on worker")
def test_a_task_that_its_node_rejects_ends_the_wait_with_nodes_words(
    lab, fab, variant, site_up, as_before
):
    """A bind mount of a directory that is on no node."""
    further = 'stack:\n  further: {volumes: ["/srv/nowhere:/nowhere"]}\n  placement'
    begun = time.monotonic()

    ran = fab("deploy", inventory=variant(("stack:\n  placement", further)))

    assert ran.code == 5, ran.text
    assert time.monotonic() - begun < 180
    assert "the task was rejected by its node" in ran.err
    assert re.search(r"task \w+ on (manager|worker) rejected: .*bind source path", ran.err)


@pytest.mark.scenario(28, "Silent rollback")
def test_a_rollback_of_swarms_is_no_success(lab, fab, variant, site_up, as_before):
    config = variant(
        ("update: {monitor: 5s}", "update: {monitor: 60s, failure_action: rollback}"),
    )
    assert fab("deploy", inventory=config).code == 0
    bad = config.parent / "bad.yml"
    bad.write_text(config.read_text().replace(
        "startup_timeout: 5m", "environment: {NEXUS_STANDIN_PORT: nonsense}\n  startup_timeout: 5m"
    ))  # fmt: skip

    ran = fab("deploy", inventory=bad)
    status = lab.run("manager", "docker service inspect --format '{{.UpdateStatus.State}}' "
                     "registry_nexus").strip()  # fmt: skip
    # that of before is not taken for that of a deployment that goes well
    well = fab("deploy", inventory=config)

    assert status.startswith("rollback"), status
    assert ran.code == 5, ran.text
    assert re.search(r"registry_nexus was rolled back: task \w+ on (manager|worker) failed: task: "
                     r"non-zero exit \(\d+\)", ran.err)  # fmt: skip
    assert "log: " in ran.err
    assert [one for one in history(fab)[-10:] if one["result"] == "rolled_back"]
    assert well.code == 0, well.text
    assert writable(lab) == "200"


@pytest.mark.scenario(34, "Old CLI")
def test_the_docker_of_2020_deploys_the_same(lab, fab, inv, site_up):
    """The lab's own is 20.10; what a newer one has is asked by its help, and never needed."""
    assert lab.run("manager", "docker version --format '{{.Client.Version}}'").startswith("20.10")
    assert "--detach" not in lab.run("manager", "docker stack deploy --help")

    rendered = inv("render", "--what", "stack")
    ran = fab("deploy")

    assert rendered.out.startswith('version: "3.8"')
    assert ran.code == 0, ran.text
    assert "stack: no changes" in ran.out
    spec = json.loads(lab.run("manager", "docker service inspect registry_nexus"))[0]["Spec"]
    limits = spec["TaskTemplate"]["ContainerSpec"]["Ulimits"]
    assert [(one["Soft"], one["Hard"]) for one in limits] == [(65536, 65536)]


@pytest.mark.scenario(35, "Secrets rotated")
def test_a_registrys_new_password_updates_the_service_once_and_leaves_no_secret_behind(
    lab, fab, variant, site_up, as_before
):
    """The login goes along with the service; secrets of Swarm are a certificate's: test_16."""
    import bcrypt

    registry = _REGISTRY.replace("5001", "5011")
    auth = "auth: {htpasswd: {realm: lab, path: /tmp/registry/users}}\nEND"
    registry = registry.replace("END\nsystemd", f"{auth}\nsystemd").replace("curl -sf", "curl -s")
    pushed = (
        "    name: 127.0.0.1:5011/nexus\n    distribution: registry\n"
        "    login: {user: ci, password: 'env:PUSHER'}\n    base:"
    )
    config = variant(("    base:", pushed),
                     ("nodes: [worker, manager], failover: true", "nodes: [manager]"))  # fmt: skip
    secrets = lab.run("manager", "docker secret ls -q")
    try:
        for number in range(3):
            word = f"the pusher's password {number}"
            hashed = bcrypt.hashpw(word.encode(), bcrypt.gensalt(5)).decode()
            lab.run("manager", "systemctl stop lab-registry 2>/dev/null; mkdir -p /tmp/registry; "
                    f"echo 'ci:{hashed}' >/tmp/registry/users\n" + registry)  # fmt: skip
            ran = fab("build-image", "deploy", inventory=config, PUSHER=word)
            assert ran.code == 0, ran.text
            assert word not in ran.text
            before = lab.run("manager", TASKS)
            again = fab("deploy", inventory=config, PUSHER=word)
            assert "stack: no changes" in again.out, again.text
            assert lab.run("manager", TASKS) == before
            assert lab.run("manager", "docker secret ls -q") == secrets
    finally:
        fab("up")
        lab.run("manager", "systemctl stop lab-registry; rm -rf /tmp/registry")
