"""Scenarios 7, 8, 10, 13, 18, 19 and 23: what is refused, and that nothing was touched by then."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from test_3_ways_in import _without_known_hosts
from test_7_plan_and_drift import asked
from witness import SPEC, TASKS, asked_for_nothing, commands, state, talkative

from lab.errors import LabError

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def written_down(lab):
    """Each command that a host is asked for is in its log."""
    talkative(lab)
    yield
    talkative(lab, on=False)


@pytest.mark.scenario(7, "Wrong host key")
def test_a_manager_with_another_key_stops_all_before_any_command(
    lab, fab, variant, site_up, written_down
):
    config = _without_known_hosts(variant)
    other = config.parent / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    wrong = other.with_suffix(".pub").read_text().split()[:2]
    right = (lab.paths.home / "known_hosts").read_text().split()[1:]
    known = config.parent / "known_hosts"
    known.write_text(f"10.77.0.10,10.77.0.12,nfs,worker {' '.join(right)}\n"
                     f"10.77.0.11,manager {' '.join(wrong)}\n")  # fmt: skip
    before = commands(lab)

    ran = fab("up", "--verbose", inventory=config)

    assert asked_for_nothing(lab, before)
    assert ran.code == 3, ran.text
    assert len(set(re.findall(r"SHA256:[\w+/]+", ran.err))) == 2
    assert f"{known}:2" in ran.err
    assert "insecure" not in fab("up", "--help").text
    known.write_text(f"10.77.0.10,10.77.0.12,nfs,worker {' '.join(right)}\n")
    before = commands(lab)
    unknown = fab("up", inventory=config)
    assert asked_for_nothing(lab, before)
    assert unknown.code == 3, unknown.text
    assert "fab doctor --trust-host-keys" in unknown.err


@pytest.mark.scenario(8, "sudo asks for a password")
def test_a_sudo_that_asks_is_told_of_all_hosts_at_once(lab, fab, variant, site_up):
    before = state(lab)
    config = variant(("user: root", "user: opspw"))

    ran = fab("up", inventory=config)
    wrong = fab("--prompt-for-sudo-password", "up", inventory=config, typed="not this\n")
    password = (lab.paths.secrets / "opspw_password").read_text().strip()
    right = fab("--prompt-for-sudo-password", "plan", inventory=config, typed=f"{password}\n")

    assert ran.code == 3, ran.text
    assert "a password is required" in ran.err
    assert re.search(r"\(on nfs, (manager, worker|worker, manager)\)", ran.err)
    assert "--prompt-for-sudo-password" in ran.err
    assert state(lab) == before
    assert wrong.code == 3, wrong.text
    assert "sudo did not take the password" in wrong.err
    assert "not this" not in wrong.text
    for host in ("nfs", "manager", "worker"):
        # sudo writes down how many attempts there were
        said = lab.run(host, "journalctl -q --no-pager -t sudo | grep 'incorrect password' "
                       "| tail -n 1; true")  # fmt: skip
        assert not re.search(r"[2-9] incorrect password", said), said
    assert right.code == 0, right.text
    assert password not in right.text


@pytest.mark.scenario(10, "Port 8082 already used by another repo")
def test_a_port_that_a_repository_made_by_hand_holds_stops_all_requests(lab, fab, site_up):
    group = asked(lab, "GET", "repositories/docker/group/docker-all")
    legacy = {
        "name": "legacy-docker", "online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True,
                    "writePolicy": "ALLOW"},
        "docker": {"v1Enabled": False, "forceBasicAuth": True, "httpPort": 8082},
    }  # fmt: skip
    asked(lab, "DELETE", "repositories/docker-all")
    asked(lab, "POST", "repositories/docker/hosted", legacy)
    before = asked(lab, "GET", "repositorySettings")
    try:
        ran = fab("up")
        after = asked(lab, "GET", "repositorySettings")
    finally:
        asked(lab, "DELETE", "repositories/legacy-docker")
        healed = fab("nexus-seed")

    assert ran.code == 3, ran.text
    assert "port 8082" in ran.err
    assert "is used by docker repository legacy-docker" in ran.err
    assert after == before
    assert "docker-all" not in {one["name"] for one in after}
    assert healed.code == 0, healed.text
    assert asked(lab, "GET", "repositories/docker/group/docker-all")["docker"] == group["docker"]


@pytest.mark.scenario(18, "Bad inventory value at line N")
def test_every_mistake_of_an_inventory_is_told_at_once_and_no_host_is_asked(
    lab, fab, variant, written_down
):
    config = variant(
        ("export: /srv/nexus", "export: /srv/nexus\n  clients: [10.0.0.0/33]\n  exprot: /x"),
        ("index: hub}", "index: hub, index: hub}"),
        ("accept_eula: true", "accept_eula: yes"),
        ("memory: {heap: null, direct: null, limit: 512m}", "memory: {limit: 017}"),
    )
    lines = config.read_text().splitlines()
    number = next(at for at, line in enumerate(lines, 1) if "10.0.0.0/33" in line)
    before = commands(lab)

    ran = fab("up", inventory=config)

    assert asked_for_nothing(lab, before)
    assert ran.code == 3, ran.text
    column = lines[number - 1].index("10.0.0.0/33") + 1
    assert f"{config}:{number}:{column}: storage.clients[0]: " in ran.err
    assert '"10.0.0.0/33" is not a CIDR' in ran.err
    assert lines[number - 1] in ran.err
    assert re.search(r"^\s+\^$", ran.err, re.MULTILINE)
    for words in ("exprot", "did you mean", "index", "accept_eula", "017"):
        assert words in ran.err, words


@pytest.mark.scenario(19, "Template with undefined variable")
def test_a_template_with_a_name_that_is_not_there_is_refused_with_its_line(
    lab, root, tmp_path, site_up
):
    project = tmp_path / "project"
    for name in ("moorage", "fabfile", "templates", "inventories"):
        shutil.copytree(root / name, project / name)
    shutil.copy(root / "fabric.yaml", project)
    (project / ".lab").symlink_to(root / ".lab")
    template = project / "templates/stack.yml.j2"
    right = template.read_text()
    before = lab.run("manager", f"{SPEC}; {TASKS}")

    def up():
        return subprocess.run(
            [sys.executable, "-P", project / "moorage/__main__.py", "--search-root", project, "up"],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path),
                 "PYTHONPATH": str(project), "MOORAGE_INVENTORY": "lab", "MOORAGE_YES": "1"},
            cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    template.write_text(right.replace("{{ stack.service | compose }}",
                                      "{{ stack.servise | compose }}", 1))  # fmt: skip
    number = next(at for at, line in enumerate(template.read_text().splitlines(), 1)
                  if "stack.servise" in line)  # fmt: skip
    undefined = up()
    label = "        - {{ label | compose }}"
    template.write_text(right.replace(label, f'        - "traefik.x=$HOME"\n{label}', 1))
    variable = up()

    assert undefined.returncode == 3, undefined.stderr
    assert (f"templates/stack.yml.j2:{number}: 'servise' is undefined on stack "
            "(did you mean service?)") in undefined.stderr  # fmt: skip
    assert variable.returncode == 3, variable.stderr
    assert "a single $ is taken for a variable" in variable.stderr
    assert lab.run("manager", f"{SPEC}; {TASKS}") == before


@pytest.mark.scenario(23, "Manager is not a manager")
def test_a_worker_in_a_managers_place_is_told_who_is_one(lab, fab, variant, site_up):
    with pytest.raises(LabError, match="not a swarm manager"):
        lab.run("worker", "docker node ls")
    config = variant(
        ("    manager: {address: 10.77.0.11}", "    swarm2: {address: 10.77.0.12}"),
        ("    worker: {address: 10.77.0.12}", "    swarm1: {address: 10.77.0.11}"),
        ("nodes: [worker, manager], failover: true", "nodes: [swarm1, swarm2], failover: true"),
    )
    before = lab.run("manager", f"{SPEC}; {TASKS}")

    ran = fab("deploy", inventory=config)

    assert ran.code == 3, ran.text
    assert "swarm2 is a worker; the manager is swarm1" in ran.err
    assert lab.run("manager", f"{SPEC}; {TASKS}") == before
