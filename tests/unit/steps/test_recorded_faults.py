"""Scenario 24 on recorded hosts: a node whose kernel cannot mount by NFS stops what needs it.

The node is the recorded one, with what ``modprobe`` says of a module that is not there; the mount
is that of Docker, played by a program that ends with the kernel's words.
"""

from __future__ import annotations

import subprocess

import pytest
from frames import replaced

from moorage.errors import Refused, Unreachable
from moorage.steps.base import RunScript
from moorage.steps.nodes.desired import Common, NodeDesired
from moorage.steps.nodes.observe import parse
from moorage.steps.nodes.plan import Node
from moorage.steps.stack.scripts import mount_probe
from moorage.transport.base import Result

NO_DEVICE = (
    "docker: Error response from daemon: failed to mount local volume: mount :/srv/nexus:/var/lib/"
    "docker/volumes/x/_data, data: addr=10.77.0.10,nfsvers=4.2,hard,rw: no such device."
)


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """Run the mount probe with a docker that says something and ends with a code."""

    class Here:
        name = "w2"

        def change(self, script, *, timeout=None):
            done = subprocess.run(["sh", "-s"], input=script.text(), text=True, check=False,
                                  capture_output=True)  # fmt: skip
            return Result(done.returncode, done.stdout, done.stderr)

    class Fleet:
        def host(self, _name):
            return Here()

    def run(said, code):
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {code}\n")
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        script = mount_probe("moorage/nexus:1", "10.77.0.10", {"type": "nfs"}, 200, nocopy=True)
        return RunScript("w2", script, "look at 10.77.0.10:2049").carry_out(Fleet())

    return run


@pytest.mark.scenario(24, "Node without NFS client support")
def test_a_recorded_node_without_the_module_is_refused(recorded):
    said = "modprobe: FATAL: Module nfsv4 not found in directory /lib/modules/6.1.0"
    seen = parse(replaced(recorded("docker/20.10/nodes.txt"), "kernel", said, 1), "w2")
    node = Node(
        "w2", NodeDesired(nfs=True, runs=True), seen, Common("/h", "mark", (), ("nfs4", "nfsv4"))
    )

    with pytest.raises(Refused) as caught:
        list(node.changes())

    assert caught.value.message == "the kernel has no NFS client (nfsv4)"
    for words in ("nfs-common", "linux-modules-extra", "stack.placement.nodes"):
        assert words in caught.value.hint
    assert (caught.value.host, caught.value.exit_code) == ("w2", 3)


@pytest.mark.scenario(24, "Node without NFS client support")
def test_a_mount_that_the_kernel_does_not_know_is_refused_before_the_deployment(mounted):
    with pytest.raises(Refused) as caught:
        mounted(NO_DEVICE, 125)

    assert caught.value.message == "the kernel has no NFS client"
    assert "linux-modules-extra" in caught.value.hint
    assert (caught.value.host, caught.value.exit_code) == ("w2", 3)


@pytest.mark.parametrize("code", [124, 137])
def test_a_server_that_does_not_answer_is_named_with_its_port(mounted, code):
    with pytest.raises(Unreachable) as caught:
        mounted("nothing", code)

    assert "no answer from 10.77.0.10:2049 within 60 s" in caught.value.message
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("why", ["no route to host", "connection refused"])
def test_a_server_that_is_off_is_no_answer_either(mounted, why):
    said = ("docker: Error response from daemon: failed to mount local volume: mount "
            f":/srv/nexus:/v, data: addr=10.77.0.10,nfsvers=4.2,hard: {why}.\n"
            "level=error msg=error waiting for container: context canceled")  # fmt: skip
    with pytest.raises(Unreachable) as caught:
        mounted(said, 125)

    assert f"no answer from 10.77.0.10:2049: {why}" in caught.value.message
    assert caught.value.exit_code == 4


def test_a_mount_that_goes_well_says_nothing(mounted):
    assert mounted("", 0) == ""
