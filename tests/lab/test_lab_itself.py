"""The lab as such, on guests of its own: what it promises before Moorage has touched anything."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.lab import Lab
from lab.topology import GUESTS

pytestmark = pytest.mark.lab

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A second lab, beside the one of the other tests, that may be reset and ended."""
    one = Lab(tmp_path_factory.mktemp("project"))
    one.up()
    yield one
    one.down()


def pids(one: Lab) -> list[int | None]:
    return [one.guests.daemon(guest).pid() for guest in GUESTS]


def processes(one: Lab) -> list[str]:
    """Command lines that name one of the lab's own directories."""
    own = (str(one.paths.run), str(one.paths.disks), str(one.paths.home))
    lines = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=False
    ).stdout
    return [line for line in lines.splitlines() if any(path in line for path in own)]


def test_up_again_leaves_running_guests_alone(fresh: Lab) -> None:
    before = pids(fresh)
    fresh.up()
    assert pids(fresh) == before
    assert None not in before
    assert fresh.status()["lab"] == "up"


@pytest.mark.parametrize("host", ["nfs", "manager", "worker"])
def test_every_guest_knows_the_names_of_the_lab(fresh: Lab, host: str) -> None:
    found = fresh.run(host, "hostname; getent hosts manager nexus.lab registry.lab | cut -d' ' -f1")
    assert found.split() == [host, "10.77.0.11", "10.77.0.11", "10.77.0.11"]


def test_names_resolve_inside_the_namespace_too(fresh: Lab) -> None:
    assert fresh.exec(["getent", "hosts", "worker"]).split() == ["10.77.0.12", "worker"]


def test_a_container_finds_the_lab_by_name(fresh: Lab) -> None:
    found = fresh.run("worker", "docker run --rm lab/tiny:1 /bin/busybox nslookup hub.lab")
    assert "10.77.0.11" in found.partition("hub.lab")[2]


def test_the_worker_trusts_what_traefik_shows(fresh: Lab) -> None:
    ask = "curl --silent --show-error --output /dev/null --write-out '%{http_code}' https://"
    assert fresh.run("worker", ask + "registry.lab/") == "404"
    with pytest.raises(LabError, match="certificate"):
        fresh.run("worker", "curl --silent --show-error --cacert /dev/null https://registry.lab/")


def test_the_hub_has_hello_world(fresh: Lab) -> None:
    found = fresh.run(
        "worker", "curl --silent http://hub.lab:5000/v2/library/hello-world/tags/list"
    )
    assert found.strip() == '{"name":"library/hello-world","tags":["latest"]}'


def test_nothing_is_exported_yet(fresh: Lab) -> None:
    state = fresh.run(
        "nfs", "systemctl is-active nfs-server; systemctl is-enabled nfs-server; true"
    )
    assert state.split() == ["inactive", "disabled"]
    assert (
        fresh.run(
            "nfs",
            "grep -v '^#' /etc/exports; find /etc/exports.d /srv -mindepth 1 2>/dev/null; true",
        )
        == ""
    )


def test_only_the_manager_has_the_nexus_image(fresh: Lab) -> None:
    listing = "docker image ls --format '{{.Repository}}'"
    assert "sonatype/nexus3" in fresh.run("manager", listing).split()
    assert fresh.run("worker", listing).split() == ["lab/tiny"]


def test_one_account_has_sudo_and_one_needs_its_password(fresh: Lab) -> None:
    assert fresh.run("nfs", "sudo -n id -u", user="ops").strip() == "0"
    with pytest.raises(LabError, match="password is required"):
        fresh.run("nfs", "sudo -n id -u", user="opspw")
    secret = fresh.paths.secrets / "opspw_password"
    assert secret.stat().st_mode & 0o777 == 0o600
    given = f"sudo -S id -u <<'END'\n{secret.read_text()}\nEND\n"
    assert fresh.run("nfs", given, user="opspw").strip() == "0"


def test_big_streams_pass_from_outside_unharmed(fresh: Lab) -> None:
    data = os.urandom(20 * MEBIBYTE)
    argv = ["ssh", "-F", fresh.paths.ssh_config, "nfs", "tee /tmp/big | sha256sum; cat /tmp/big"]
    done = subprocess.run(argv, input=data, capture_output=True, check=True)
    digest, _, rest = done.stdout.partition(b"\n")
    assert digest.split()[0].decode() == hashlib.sha256(data).hexdigest()
    assert rest == data


def test_an_unknown_host_key_is_refused(fresh: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    argv = ["ssh", "-F", fresh.paths.ssh_config, "-o", f"UserKnownHostsFile={empty}", "nfs", "true"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Host key verification failed" in done.stderr


def test_a_guest_keeps_its_disk_over_a_power_cut(fresh: Lab) -> None:
    fresh.run("nfs", "echo kept > /root/kept; sync")
    fresh.kill("nfs")
    assert fresh.status()["nfs"].endswith("off")
    with pytest.raises(LabError, match="nfs is not reached"):
        fresh.run("nfs", "true", timeout=30)
    fresh.boot("nfs")
    assert fresh.run("nfs", "cat /root/kept").strip() == "kept"


def reached(one: Lab, host: str, address: str) -> bool:
    argv = f"ping -c 1 -W 2 {address} >/dev/null 2>&1 && echo yes || echo no"
    return one.run(host, argv).strip() == "yes"


def test_two_guests_are_cut_off_from_each_other_and_from_nothing_else(fresh: Lab) -> None:
    fresh.cut("worker", "manager")
    assert not reached(fresh, "worker", "10.77.0.11")
    assert not reached(fresh, "manager", "10.77.0.12")
    assert reached(fresh, "worker", "10.77.0.10")
    assert reached(fresh, "manager", "10.77.0.10")
    assert fresh.status()["worker"].endswith("cut off from manager")
    with pytest.raises(LabError, match="manager and worker are apart already"):
        fresh.cut("nfs", "worker")
    fresh.mend("worker")
    assert reached(fresh, "worker", "10.77.0.11")


def test_a_guest_is_cut_off_from_everything_and_runs_on(fresh: Lab) -> None:
    fresh.run("worker", "nohup sh -c 'sleep 4; touch /run/ran-on' >/dev/null 2>&1 &")
    fresh.cut("worker")
    assert fresh.status()["worker"].endswith("cut off")
    assert not reached(fresh, "nfs", "10.77.0.12")
    with pytest.raises(LabError, match="worker is not reached"):
        fresh.run("worker", "true", timeout=30)
    fresh.exec(["sleep", "4"])
    fresh.mend("worker")
    fresh.guests.wait(GUESTS[2])
    assert fresh.run("worker", "ls /run/ran-on").strip() == "/run/ran-on"


def test_reset_gives_fresh_disks_and_a_new_swarm(fresh: Lab) -> None:
    node = "docker info --format '{{.Swarm.NodeID}}'"
    before = fresh.run("manager", f"touch /root/written; {node}")
    fresh.run("nfs", "touch /root/written")
    fresh.reset()
    assert fresh.run("nfs", "ls /root") == ""
    assert fresh.run("manager", "ls /root") == ""
    assert fresh.run("manager", node) != before
    fresh.wait_ready()


def test_down_leaves_nothing(fresh: Lab) -> None:
    assert len(processes(fresh)) > len(GUESTS)
    fresh.down()
    assert processes(fresh) == []
    assert not fresh.paths.run.exists()
    assert not fresh.paths.disks.exists()
    assert not fresh.paths.enter.exists()
    assert fresh.status()["lab"] == "down"
    fresh.down()
    with pytest.raises(LabError, match="the lab is down"):
        fresh.exec(["true"])
