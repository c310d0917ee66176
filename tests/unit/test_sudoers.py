"""The sudoers file of a site: what sudo is really asked for, by role, and nothing else."""

from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
import subprocess

import pytest

from moorage.config.inventory import load_site
from moorage.errors import Refused
from moorage.quoting import after_ready, command_line
from moorage.sudoers import sudoers


@pytest.fixture
def site(root):
    found = load_site("lab", root=root, environ={})
    return found.model_copy(update={"ssh": found.ssh.model_copy(update={"user": "ops"})})


def having(site, **ssh):
    return site.model_copy(update={"ssh": site.ssh.model_copy(update=ssh)})


def allowed(text):
    """Command lines as sudo compares them, without the backslashes of the file."""
    found = re.findall(r"^\w+ ALL=\(root\) (?:NOPASSWD: )?(.*)$", text, re.MULTILINE)
    return [re.sub(r"\\(.)", r"\1", line) for line in found]


def asked(line):
    """What sudo is given to run by a line that goes over SSH."""
    words = shlex.split(line)
    return words[words.index("--") + 1 :]


def may(text, argv):
    line = " ".join([f"/usr/bin/{argv[0]}", *argv[1:]])
    return any(fnmatch.fnmatchcase(line, rule) for rule in allowed(text))


SCRIPT = command_line(["sh", "-s"], sudo=True)
SAVE = command_line(["docker", "save", "moorage/nexus:3.94.0-abc"], sudo=True)
LOAD = command_line(["docker", "load", "-q"], sudo=True)


@pytest.mark.parametrize(
    ("host", "lines"),
    [("nfs", [SCRIPT]), ("manager", [SCRIPT, SAVE, LOAD]), ("worker", [SCRIPT, LOAD])],
)
def test_a_role_is_allowed_what_is_run_there(site, host, lines):
    text = sudoers(site, host=host)

    for line in (SCRIPT, SAVE, LOAD):
        assert may(text, asked(line)) is (line in lines), line
    assert not may(text, ["cat", "/etc/shadow"])
    assert not may(text, ["sh", "-c", "id"])
    assert f"on: {host}" in text


def test_a_sudo_that_asks_is_asked_for_other_lines(site):
    text = sudoers(having(site, sudo_password="env:SUDO"), host="manager")

    for argv in (["sh", "-s"], ["docker", "load", "-q"], ["docker", "save", "moorage/nexus:1"]):
        assert may(text, after_ready(argv))
    assert "NOPASSWD" not in text


def test_images_from_a_registry_are_carried_by_nobody(site):
    image = site.nexus.image.model_copy(update={"distribution": "registry"})
    nexus = site.nexus.model_copy(update={"image": image})

    assert "docker" not in sudoers(site.model_copy(update={"nexus": nexus}))


def test_hosts_with_the_same_rules_have_one_text(site):
    nodes = {**site.hosts.nodes, "other": site.hosts.nodes["worker"]}
    hosts = site.hosts.model_copy(update={"nodes": nodes})

    assert "on: worker, other" in sudoers(site.model_copy(update={"hosts": hosts}))


def test_it_says_that_this_is_root(site):
    assert "This is root" in sudoers(site)


@pytest.mark.parametrize(
    ("ssh", "options", "words"),
    [
        ({"user": "root"}, {}, "no host needs sudo"),
        ({"sudo": False}, {}, "no host needs sudo"),
        ({"user": None}, {}, "does not say who logs in"),
        ({}, {"host": "wroker"}, "no host of the inventory"),
    ],
)
def test_what_cannot_be_said_is_refused(site, ssh, options, words):
    with pytest.raises(Refused, match=words) as caught:
        sudoers(having(site, **ssh), **options)

    assert caught.value.hint


def test_an_account_is_named_where_the_inventory_does_not(site):
    assert "deploy ALL=(root)" in sudoers(having(site, user=None), account="deploy")


@pytest.mark.skipif(not shutil.which("visudo"), reason="there is no visudo here; the lab has one")
@pytest.mark.parametrize("password", [None, "env:SUDO"])
def test_visudo_takes_it(site, tmp_path, password):
    file = tmp_path / "sudoers"
    file.write_text(sudoers(having(site, sudo_password=password)))

    assert subprocess.run(["visudo", "-c", "-f", file], check=False).returncode == 0


@pytest.mark.parametrize(
    "user",
    ["ALL", "%wheel", "#0", "+everybody", "a b", "ops,eve", "!ops", "ops\nALL", "", "-x",
     "DEV\\ops", "ops # x", "o=ps", 'o"ps', "ops(eve)"],
)  # fmt: skip
def test_who_is_no_single_account_in_sudoers_is_given_nothing(site, user):
    with pytest.raises(Refused, match="is no name of an account"):
        sudoers(having(site, user=user))
    with pytest.raises(Refused, match="is no name of an account"):
        sudoers(having(site, user=None), account=user)


@pytest.mark.parametrize("user", ["ops", "Ops_2", "svc-moorage", "j.doe", "ops@example.com", "m$"])
def test_an_account_of_one_name_is_taken(site, user):
    assert f"\n{user} ALL=(root) " in sudoers(having(site, user=user))
