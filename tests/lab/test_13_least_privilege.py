"""The whole job by an account with the sudoers file of ``inv sudoers``, one host behind another."""

from __future__ import annotations

import pytest

from lab.errors import LabError

pytestmark = [pytest.mark.lab, pytest.mark.long]

HOSTS = ("nfs", "manager", "worker")
ACCOUNT = """
set -e
id deploy 2>/dev/null || useradd --create-home --shell /bin/sh --password '*' deploy
install -d -m 700 -o deploy /home/deploy/.ssh
install -m 600 -o deploy /root/.ssh/authorized_keys /home/deploy/.ssh/authorized_keys
cat >/root/sudoers <<'END'
%s
END
visudo -c -f /root/sudoers >&2
install -m 0440 /root/sudoers /etc/sudoers.d/moorage
"""
_IMAGES = "docker image rm -f $(docker images -q moorage/nexus)"
NOTHING = {
    "nfs": "rm -f /etc/exports.d/*; exportfs -ra",
    "manager": f"docker stack rm registry; sleep 5; {_IMAGES}",
    "worker": f"sleep 5; docker volume prune -f; {_IMAGES}; rm -r /etc/docker/certs.d/registry.lab",
}  # fmt: skip


@pytest.fixture(scope="module")
def deploy(lab, inv, tmp_path_factory, root):
    """An inventory whose account may do what ``inv sudoers`` says, and hosts with nothing done."""
    folder = tmp_path_factory.mktemp("lab")
    text = (root / "inventories/lab/site.yml").read_text()
    text = text.replace("../../.lab", str(root / ".lab")).replace("user: root", "user: deploy")
    text = text.replace("{address: 10.77.0.12}", "{address: 10.77.0.12, jump: manager}")
    (folder / "site.yml").write_text(text)
    for host in HOSTS:
        file = inv("sudoers", "--host", host, inventory=folder / "site.yml")
        assert file.code == 0, file.text
        lab.run(host, ACCOUNT % file.out)
    for host, script in NOTHING.items():
        lab.run(host, script, check=False)
    return folder / "site.yml"


def test_the_whole_job_is_done_by_that_account(fab, deploy):
    ran = fab("up", inventory=deploy)

    assert ran.code == 0, ran.text
    assert "verify: done" in ran.out
    assert "on worker: + create CA" in ran.out
    assert "create image" in ran.out


def test_a_second_time_there_is_nothing_to_do(fab, deploy):
    ran = fab("plan", "--check", inventory=deploy)

    assert ran.code == 0, ran.text


def test_the_worker_was_reached_through_the_manager_alone(lab, fab, deploy):
    came = lab.run("worker", "journalctl -q -u ssh --no-pager | grep 'for deploy from'")

    assert came
    assert all("from 10.77.0.11 " in line for line in came.splitlines())


def test_sudo_lets_it_do_nothing_else(lab, deploy):
    for host in HOSTS:
        assert lab.run(host, "echo id -u | sudo -n -- sh -s", user="deploy").strip() == "0"
        for line in ("cat /etc/shadow", "sh -c id", "docker ps", "-i"):
            with pytest.raises(LabError, match=r"password is required|not allowed"):
                lab.run(host, f"sudo -n {line}", user="deploy")


def test_the_look_before_a_change_is_without_a_failure(fab, deploy):
    ran = fab("doctor", inventory=deploy)

    assert ran.code == 0, ran.text
    assert "0 failures" in ran.out
