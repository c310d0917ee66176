"""What is read on hosts: probes run by a real sh with a docker that plays, and the way to them."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from moorage.errors import HostKeyRefused, MoorageError, Refused, Unreachable
from moorage.takeover.addresses import SshAddress, ssh_address
from moorage.takeover.hosts import Machine, named, take_hosts
from moorage.takeover.look import Asked, look
from moorage.takeover.probes import manager_probe, nfs_probe, node_probe
from moorage.takeover.seen import nfs_of, node_of, swarm_of
from moorage.takeover.taken import Taken
from moorage.transport.base import sections

ROOT = Path(__file__).resolve().parents[3]
RECORDED = ROOT / "tests/recorded/docker/20.10/manager.txt"
DOCKER = r"""#!/bin/sh
cd {folder}
case "$*" in
  "info "*) cat swarm ;;
  "ps -q"*) echo c1 ;;
  "inspect --format"*) echo "registry_nexus|abc|200" ;;
  "node ls -q") echo n1 ;;
  "node inspect"*) cat nodes ;;
  "network ls"*) cat networks ;;
  "stack ls"*) echo registry; echo other ;;
  "service ls -q --filter label=com.docker.stack.namespace=registry") echo s1 ;;
  "service ls -q --filter"*) ;;
  "service ls --format"*) echo "t1 traefik:v3.7@sha256:1" ;;
  "service inspect --format {{range"*Mounts*) cat volume_name ;;
  "service inspect --format {{range"*Args*)
    echo "--entrypoints.secure.address=:443"; echo "--providers.swarm=true" ;;
  "service inspect --format {{.Spec.Name}}"*) echo "traefik_traefik|n2," ;;
  "service inspect s1") cat services ;;
  "stack ps"*) ;;
  "volume ls -q") cat volume_name; echo other ;;
  "volume inspect"*) printf '{"Name":"%s","Driver":"local","Options":{"type":"nfs"}}\n' \
    "$(cat volume_name)" ;;
  *) echo "not played: $*" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def docker(tmp_path):
    """A docker that says what one said in the lab; runs a script of a probe."""
    told = sections(RECORDED.read_text())
    for part in ("swarm", "nodes", "networks", "services"):
        (tmp_path / part).write_text(told[part].text + "\n")
    mount = json.loads(told["services"].text)[0]["Spec"]["TaskTemplate"]["ContainerSpec"]["Mounts"]
    (tmp_path / "volume_name").write_text(mount[0]["Source"] + "\n")
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER.replace("{folder}", str(tmp_path)))
    program.chmod(0o755)

    def run(probe):
        done = subprocess.run(
            ["sh", "-s"], input=probe.script().text(), text=True, capture_output=True, check=True,
            env={"PATH": f"{program.parent}:{os.environ['PATH']}"},
        )  # fmt: skip
        return done.stdout

    run.volume = mount[0]["Source"]
    return run


def test_a_manager_tells_of_the_swarm_and_its_stack(docker):
    swarm = swarm_of(docker(manager_probe("registry")), "manager", "registry")

    assert set(swarm.services) == {"registry_nexus"}
    assert swarm.services["registry_nexus"]["memory limit"] == 512 * 1024**2
    assert {node.hostname for node in swarm.nodes} == {"manager", "worker"}
    assert {node.address for node in swarm.nodes} == {"10.77.0.11", "10.77.0.12"}
    assert sum(node.manager for node in swarm.nodes) == 1
    assert swarm.me.volumes == {docker.volume: {"type": "nfs"}}
    assert swarm.me.runs == {"registry_nexus"}
    assert (swarm.me.dockerfile, swarm.me.user) == ("abc", "200")
    assert [item.version for item in swarm.traefik] == ["3.7"]
    assert "--entrypoints.secure.address=:443" in swarm.options


def test_a_stack_that_is_not_there_is_refused_with_those_that_are(docker):
    with pytest.raises(Refused, match="no stack depot") as caught:
        swarm_of(docker(manager_probe("depot")), "manager", "depot")
    assert "registry other" in caught.value.hint.replace(",", "")


def test_a_node_tells_of_the_volumes_that_it_was_asked_for(docker):
    seen = node_of(docker(node_probe("registry", [docker.volume, "not-here"])), "worker")
    assert seen.volumes == {docker.volume: {"type": "nfs"}}


EXPORTFS = "#!/bin/sh\necho '{path}  *(rw,sync)'\n"


def test_an_nfs_host_tells_of_its_exports_and_directories(docker, tmp_path):
    there = tmp_path / "srv"
    (there / "blobs").mkdir(parents=True)
    (tmp_path / "link").symlink_to(there)
    program = tmp_path / "bin" / "exportfs"
    program.write_text(EXPORTFS.format(path=there))
    program.chmod(0o755)

    seen = nfs_of(docker(nfs_probe([str(tmp_path / "link"), "/not/there"])), "nas")

    assert seen.exported.startswith(f"{there}  *(")
    assert seen.directories[str(there)].entries == ("blobs",)
    assert seen.directories[str(tmp_path / "link")].real == str(there)
    assert "/not/there" not in seen.directories


@pytest.mark.parametrize(
    "text,meant",
    [
        ("10.0.0.10", SshAddress("10.0.0.10")),
        ("ops@10.0.0.10", SshAddress("10.0.0.10", "ops")),
        ("ops@nas.example.com:2222", SshAddress("nas.example.com", "ops", 2222)),
        ("fd00::1", SshAddress("fd00::1")),
        ("ops@fd00::1", SshAddress("fd00::1", "ops")),
        ("ops@[fd00::1]:22", SshAddress("fd00::1", "ops", 22)),
    ],
)
def test_addresses_as_ssh_takes_them(text, meant):
    assert ssh_address(text, "--nfs") == meant


@pytest.mark.parametrize("text", ["", "a b", "ops@", "host:0", "host:99999", "a@b@c", "host:x"])
def test_what_is_no_address_is_refused_with_its_flag(text):
    with pytest.raises(Refused, match="--nfs"):
        ssh_address(text, "--nfs")


def test_what_all_machines_have_in_common_is_said_once():
    taken = Taken()
    machines = [Machine("nas", "nfs", SshAddress("1", "ops")),
                Machine("m", "managers", SshAddress("2", "ops", 2222), "m.lan", "id")]  # fmt: skip
    take_hosts(taken, machines, {"key": "k"})

    assert taken.data["ssh"] == {"user": "ops", "key": "k"}
    assert taken.data["hosts"] == {
        "nfs": {"nas": {"address": "1"}},
        "managers": {"m": {"address": "2", "port": 2222, "hostname": "m.lan"}},
    }
    assert named("nas", ["nas"], "nfs") == "nas-nfs"
    assert named("odd name!", [], "x") == "odd-name"


class Host:
    def __init__(self, name, address, site):
        self.name, self.address, self.site = name, address, site

    def open(self):
        failure = self.site.failures.get(self.address)
        if failure:
            raise failure

    def read(self, script, *, timeout=None):
        self.site.asked.append((self.address, script.summary))
        return self.site.answers[self.address]


class PlayedSite:
    """Hosts by address, however a provisional inventory calls them."""

    def __init__(self, answers, failures=None):
        self.answers, self.failures, self.asked = answers, failures or {}, []

    @contextmanager
    def fleet_of(self, site):
        hosts = {name: Host(name, host.address, self) for name, (_, host) in
                 site.named_hosts().items()}  # fmt: skip

        class Fleet:
            def host(self, name):
                return hosts[name]

            def each(self, names, work):
                found = {}
                for name in names:
                    try:
                        found[name] = work(hosts[name])
                    except MoorageError as failure:
                        failure.host = failure.host or name
                        found[name] = failure
                return found

        yield Fleet()


def framed(parts):
    body = "".join(f"--b {name}\n{text}\n\n--b = 0\n" for name, text in parts.items())
    return f"b\n{body}"


@pytest.fixture
def played(docker):
    manager = docker(manager_probe("registry"))
    node = {name: part.text for name, part in sections(docker(node_probe("registry", []))).items()}
    told = json.loads(node["swarm"])
    nodes = {item["Description"]["Hostname"]: item["ID"]
             for item in json.loads(sections(manager)["nodes"].text)}  # fmt: skip
    manager = manager.replace(told["NodeID"], nodes["manager"])
    worker = framed({**node, "swarm": json.dumps({**told, "NodeID": nodes["worker"]})})
    nfs = framed({"host": "nas", "files": "", "exported": "", "directories": ""})
    return lambda **failures: PlayedSite(
        {"10.77.0.11": manager, "10.77.0.12": worker, "192.0.2.12": worker, "10.77.0.10": nfs},
        failures,
    )


def asked(path, *nodes):
    return Asked(nfs=SshAddress("10.77.0.10", "ops"), manager=SshAddress("10.77.0.11", "ops", 2222),
                 stack="registry", path=path, nodes=nodes)  # fmt: skip


def test_nodes_are_found_by_the_swarm_and_each_host_is_asked_once(played, tmp_path):
    site = played()
    looked = look(asked(tmp_path / "site.yml"), site.fleet_of, lambda _: None)

    assert [(one.name, one.role, one.at.address, one.at.user) for one in looked.machines] == [
        ("nas", "nfs", "10.77.0.10", "ops"), ("manager", "managers", "10.77.0.11", "ops"),
        ("worker", "nodes", "10.77.0.12", "ops"),
    ]  # fmt: skip
    assert sorted(address for address, _ in site.asked) == [
        "10.77.0.10", "10.77.0.11", "10.77.0.12"]  # fmt: skip
    assert looked.service == "registry_nexus"


def test_a_node_is_reached_by_the_address_that_was_given_for_it(played, tmp_path):
    site = played()
    given = SshAddress("192.0.2.12", "root")
    looked = look(asked(tmp_path / "site.yml", given), site.fleet_of, lambda _: None)

    assert [one.at for one in looked.machines if one.name == "worker"] == [given]
    assert "10.77.0.12" not in [address for address, _ in site.asked]


def test_a_node_that_does_not_answer_is_named_and_kept(played, tmp_path):
    site = played(**{"10.77.0.12": Unreachable("no route")})
    looked = look(asked(tmp_path / "site.yml"), site.fleet_of, lambda _: None)

    assert [one.name for one in looked.machines] == ["nas", "manager", "worker"]
    assert looked.silent == ["worker does not answer and was not looked at: no route"]


@pytest.mark.parametrize("address", ["10.77.0.10", "10.77.0.11", "10.77.0.12"])
def test_an_unknown_host_key_stops_everything_with_what_to_do_here(played, tmp_path, address):
    site = played(**{address: HostKeyRefused("unknown: SHA256:x", hint="fab doctor")})

    with pytest.raises(HostKeyRefused) as caught:
        look(asked(tmp_path / "site.yml"), site.fleet_of, lambda _: None)

    assert "--known-hosts" in caught.value.hint
    if address != "10.77.0.12":
        assert site.asked == []
