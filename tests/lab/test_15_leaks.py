"""A canary in every secret, all commands loud and failing, and a search of everything on all hosts.

While they run, a sampler on each host reads the command lines and environments of all processes.
What needs no hosts is in ``tests/unit/cli/test_nothing_leaks.py``.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.canary import canary, forms, leaks

pytestmark = [pytest.mark.lab, pytest.mark.long]

HOSTS = ("nfs", "manager", "worker")
NAMES = ("admin", "ci", "hub", "image", "wrong", "sudo", "restic")
USERS = ("admin", "ci", "bot", "opspw")
_SAMPLER = """
cat >/run/canaries
: >/run/canaries-seen
systemd-run --quiet --unit canary-sampler sh -c 'while :; do
  grep -aF -f /run/canaries /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>/run/canaries-seen 2>&1
  sleep 0.05
done'
"""
_PLACES = (
    "/tmp /var/tmp /dev/shm /run /etc /root /home /var/lib/moorage /var/log /var/spool /usr/local"
)
_SEARCH = f"""
journalctl --no-pager >/run/canary-journal 2>&1
grep -raoF -f /run/canaries {_PLACES} --exclude=canaries 2>/dev/null
"""
_DOCKER = """
for kind in service node secret config; do
  docker $kind ls -q 2>/dev/null | xargs -r docker $kind inspect
done
docker volume ls -q | xargs -r docker volume inspect
docker ps -aq | xargs -r docker inspect
docker image ls -q | sort -u | xargs -r docker image inspect
docker service logs --raw registry_nexus 2>&1
"""


def _forms():
    found = [form for name in NAMES for form in forms(canary(name), USERS).values()]
    return "".join(f"{form}\n" for form in dict.fromkeys(found) if "\n" not in form)


class Searched:
    """All that was said, by what said it."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def said(self, what, ran):
        self.texts[f"{what}, stdout"] = ran.out
        self.texts[f"{what}, stderr"] = ran.err
        return ran

    def found(self):
        return leaks(self.texts, [canary(name) for name in NAMES], USERS)


@pytest.fixture(scope="module")
def planted(lab, fab, site_up, root, tmp_path_factory):
    """Admin, a robot and a proxy with canaries, and the samplers at work."""
    folder = tmp_path_factory.mktemp("leaks")
    # the stand-in writes no files of its own there
    lab.run("nfs", "mkdir -p /srv/nexus/log && echo it runs >/srv/nexus/log/nexus.log")
    kept = (lab.paths.secrets / "admin_password").read_text()
    for name in NAMES:
        file = folder / f"{name}.secret"
        file.write_text(canary(name) + "\n")
        file.chmod(0o600)
    for host in HOSTS:
        script = _SAMPLER.replace(
            "cat >/run/canaries", f"cat >/run/canaries <<'END-OF-FORMS'\n{_forms()}END-OF-FORMS"
        )
        lab.run(host, script)
        lab.run(host, "grep -aF -f /run/canaries /run/canaries >/dev/null")
    yield folder
    for host in HOSTS:
        lab.run(host, "systemctl stop canary-sampler; rm -f /run/canar*", check=False)
    text = (root / "inventories/lab/site.yml").read_text().replace("../../.lab", f"{root}/.lab")
    back = folder / "site.yml"
    former = f"  former_admin_password: file:{folder}/admin.secret\n"
    back.write_text(text.replace("  accept_eula", f"{former}  accept_eula"))
    (lab.paths.secrets / "admin_password").write_text(kept)
    assert fab("nexus-seed", "--prune", inventory=back).code == 0


@pytest.fixture
def site(planted, root, lab):
    """The lab's inventory with references to canaries, and some text replaced."""

    def make(*replacements):
        lab_folder = str(root / ".lab")
        first = f"file:{lab_folder}/secrets/admin_password"
        text = (root / "inventories/lab/site.yml").read_text()
        text = text.replace("../../.lab", lab_folder).replace(
            f"admin_password: {first}",
            f"admin_password: file:{planted}/admin.secret\n  former_admin_password: {first}\n"
            f"  users: {{ci: {{password: 'command:cat {planted}/ci.secret', "
            "roles: [docker-push]}}",
        ).replace("index: hub}", "index: hub, login: {type: username, user: bot, "
                  "password: 'env:HUB'}}").replace("api: via-ssh", "api: via-ssh\nbackup: "
                  "{to: 'restic:/srv/restic', floor: 1k, password: 'env:RESTIC'}")  # fmt: skip
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        path = planted / "site.yml"
        path.write_text(text)
        return path

    return make


def _loud(program, searched, inventory, *words, **options):
    ran = program(*words, inventory=inventory, HUB=canary("hub"), RESTIC=canary("restic"),
                  MOORAGE_DEBUG="1", MOORAGE_VERBOSE="1", **options)  # fmt: skip
    return searched.said(" ".join(words), ran)


def _nothing_anywhere(lab, searched):
    for host in HOSTS:
        searched.texts[f"processes of {host}"] = lab.run(host, "cat /run/canaries-seen")
        searched.texts[f"files of {host}"] = lab.run(host, _SEARCH, check=False)
        searched.texts[f"Docker of {host}"] = "" if host == "nfs" else lab.run(
            host, _DOCKER, check=False)  # fmt: skip
    assert searched.found() == []


def _import(lab, planted):
    home = lab.paths.home
    return (
        "import", "--nfs", "root@10.77.0.10", "--manager", "root@10.77.0.11", "--stack", "registry",
        "--to", str(planted / "imported.yml"), "--ssh-config", str(home / "ssh_config"),
        "--key", str(home / "id_lab"), "--known-hosts", str(home / "known_hosts"),
        "--ca", str(home / "ca.crt"), "--admin-password", f"file:{planted}/admin.secret",
    )  # fmt: skip


def test_commands_that_work_leak_nothing(lab, fab, inv, site, planted):
    searched, inventory = Searched(), site()
    for words in (
        ("nexus-seed",), ("up",), ("plan", "--json"), ("doctor",), ("verify",), ("history",),
        ("lock-status",), ("unlock",), ("status",), ("status", "--json"), ("logs", "--lines", "50"),
        ("logs", "--nexus"), ("shell", "--host", "manager", "--command", "true"), ("clean",),
        ("gc", "--dry-run"), ("backup", "--verify"), ("backup-verify",), ("restore",),
        ("relocate", "--to", "manager", "--dry-run"), ("rollback", "--dry-run"),
        ("upgrade", "--to", "3.95.0", "--dry-run"), ("certificate-renew", "--dry-run"),
        ("nodes-setup", "--undo", "--dry-run"), ("destroy", "--dry-run"),
        _import(lab, planted),
    ):  # fmt: skip
        ran = _loud(fab, searched, inventory, *words)
        # what a busy lab does not tell in time makes a status that is not well; and some of these
        # have nothing to do at this site, and say so
        assert ran.code in ((0, 3) if "--dry-run" in words else (0,)) or words[0] == "status", (
            words, ran.text)  # fmt: skip
    assert _loud(inv, searched, inventory, "render").code == 0

    _nothing_anywhere(lab, searched)


def _strange(planted, ssh_config):
    """The lab's way to its guests, without the keys that they are known by."""
    file = planted / "ssh_config"
    lines = Path(ssh_config).read_text().splitlines()
    file.write_text("\n".join(line for line in lines if "UserKnownHostsFile" not in line) + "\n")
    return file


def _failures(root, planted):
    """Ten ways to fail, each as replacements, words, and the exit code."""
    admin = f"admin_password: file:{planted}/admin.secret"
    image = "base: sonatype/nexus3:3.94.0-standin"
    ssh_config = f"{root}/.lab/ssh_config"
    pushed = "name: 127.0.0.1:5009/x\n    distribution: registry"
    login = "login: {user: ci, password: 'file:image.secret'}"
    return {
        "a password that Nexus does not take": (
            [(admin, f"admin_password: file:{planted}/wrong.secret")], ("nexus-seed",), 3),
        "an export that is refused": (
            [("export: /srv/nexus", "export: /srv/nexus\n  export_options: [rw, nonsense]")],
            ("nfs-setup",), 1),
        "a base image that is not there": ([("3.94.0-standin", "0.0.0-none")], ("up",), 1),
        "a registry that takes no login": (
            [(image, f"{pushed}\n    {login}\n    {image}")], ("build-image",), 1),
        "a setting that Nexus refuses": (
            [("docker-private: {type: hosted, port: 8083}",
              "docker-private: {type: hosted, port: 8083, cleanup: [none-such]}")],
            ("nexus-seed",), None),
        "a name that leads nowhere": ([("domain: nexus.lab", "domain: other.lab")], ("nexus-seed",),
                                      None),
        "sudo that does not take the password": (
            [("user: root", "user: opspw\n  sudo_password: 'file:sudo.secret'")],
            ("nfs-setup",), 3),
        "a host key that is not known": (
            [(f"{root}/.lab/known_hosts", "/dev/null"),
             (ssh_config, str(_strange(planted, ssh_config)))],
            ("plan",), 3),
        "a command that fails": (
            [(f"command:cat {planted}/ci.secret",
              f'command:sh -c "cat {planted}/ci.secret; exit 4"')], ("nexus-seed",), 3),
        "a certificate that is not trusted": (
            [(f"{root}/.lab/ca.crt", f"{root}/.lab/no-such.crt")], ("verify",), None),
    }  # fmt: skip


def test_commands_that_fail_leak_nothing(lab, fab, start, site, planted, root):
    searched = Searched()
    for what, (replacements, words, code) in _failures(root, planted).items():
        ran = _loud(fab, searched, site(*replacements), "--debug", *words)
        assert ran.code != 0, (what, ran.text)
        assert code in (None, ran.code), (what, ran.text)

    for number in (signal.SIGINT, signal.SIGKILL):
        lab.run("nfs", "chmod 0700 /srv/nexus")
        run = start(
            "up", inventory=site(), HUB=canary("hub"), RESTIC=canary("restic"), MOORAGE_VERBOSE="1"
        )
        run.until("own /srv/nexus")
        os.kill(run.process.pid, number)
        run.ended()
        searched.texts[f"up, ended by {number}"] = run.text
        assert fab("unlock", "--force", inventory=site()).code in (0, 3)
        lab.run("nfs", "rm -rf /var/lib/moorage/registry/lock; chmod 0750 /srv/nexus")

    _nothing_anywhere(lab, searched)


def test_a_rotation_leaks_neither_the_old_nor_the_new_one(lab, fab, site, planted):
    searched = Searched()
    text = site().read_text().replace(f"'command:cat {planted}/ci.secret'", "'file:ci.secret'")
    (planted / "site.yml").write_text(text)
    for words in (("rotate", "ci", "--to", "file:image.secret"), ("rotate", "admin", "--dry-run")):
        ran = _loud(fab, searched, planted / "site.yml", *words)
        assert ran.code == 0, ran.text
    assert (planted / "ci.secret").read_text().strip() == canary("image")
    (planted / "ci.secret").write_text(canary("ci") + "\n")
    assert _loud(fab, searched, site(), "nexus-seed").code == 0

    _nothing_anywhere(lab, searched)


def test_the_search_finds_what_is_planted(lab, planted):
    """Or it would find nothing anywhere."""
    lab.run("worker", f"cat >/tmp/planted <<'END'\n{canary('ci')}\nEND\n"
            "sh -c 'sleep 3; :' \"$(cat /tmp/planted)\" & sleep 1")  # fmt: skip
    try:
        files = lab.run("worker", _SEARCH, check=False)
        processes = lab.run("worker", "cat /run/canaries-seen")
    finally:
        lab.run("worker", "rm -f /tmp/planted; sleep 3; : >/run/canaries-seen")
    assert canary("ci") in files
    assert canary("ci") in processes
