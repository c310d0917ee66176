"""How hosts are named, reached and trusted: -H, sudo, host keys, the direct way to the API."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("name", ["manager", "10.77.0.11"])
def test_h_takes_names_and_addresses_of_the_inventory(fab, site_up, name):
    ran = fab("-H", name, "deploy", "--dry-run")

    assert ran.code == 0, ran.text
    assert "stack: no changes" in ran.out


@pytest.mark.parametrize("name", ["mangaer", "192.0.2.1", "localhost"])
def test_h_with_any_other_name_stops_before_the_first_host(fab, lab, name):
    ran = fab("-H", name, "nfs-setup")

    assert ran.code == 3
    assert f"{name} is no host of the inventory lab" in ran.err
    assert "nfs, manager, worker" in ran.err


def test_h_with_a_host_of_another_role_is_refused(fab, lab):
    ran = fab("-H", "manager", "nfs-setup")

    assert ran.code == 3
    assert "use -H nfs" in ran.err


@pytest.mark.scenario(7, "Wrong host key")
def test_an_unknown_host_key_is_refused_with_its_fingerprint(fab, variant, tmp_path):
    empty = tmp_path / "known_hosts"
    empty.touch()
    config = _without_known_hosts(variant)

    ran = fab("nfs-setup", inventory=config)

    assert ran.code == 3
    assert re.search(r"host key of .* is unknown: ssh-ed25519 SHA256:", ran.err)
    assert "fab doctor --trust-host-keys" in ran.err


@pytest.mark.scenario(7, "Wrong host key")
def test_a_changed_host_key_is_refused_with_both_fingerprints(fab, variant, lab):
    config = _without_known_hosts(variant)
    other = config.parent / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    key = other.with_suffix(".pub").read_text().split()[:2]
    (config.parent / "known_hosts").write_text(f"10.77.0.10 {' '.join(key)}\n")

    ran = fab("nfs-setup", inventory=config)

    assert ran.code == 3
    assert len(re.findall(r"SHA256:", ran.err)) == 2
    assert f"{config.parent}/known_hosts:1" in ran.err


def _without_known_hosts(variant) -> Path:
    """An inventory whose only known_hosts file is an empty one beside it."""
    config: Path = variant(("known_hosts: [", "known_hosts: [known_hosts] #"),
                           ("ssh_config\n", "ssh_config_copy\n"))  # fmt: skip
    text = config.read_text()
    found = re.search(r"config: (\S+)_copy", text)
    assert found
    original = Path(found[1])
    copy = config.parent / "ssh_config"
    lines = original.read_text().splitlines()
    copy.write_text("\n".join(line for line in lines if "UserKnownHostsFile" not in line))
    config.write_text(text.replace(f"{original}_copy", str(copy)))
    (config.parent / "known_hosts").touch()
    return config


def test_an_account_with_passwordless_sudo_does_it_all(fab, variant, site_up):
    ran = fab("up", inventory=variant(("user: root", "user: ops")))

    assert ran.code == 0, ran.text
    assert ran.out.count("no changes") == 6


def test_a_sudo_that_asks_is_refused_before_anything(fab, variant, site_up):
    ran = fab("nfs-setup", inventory=variant(("user: root", "user: opspw")))

    assert ran.code == 3
    assert "--prompt-for-sudo-password" in ran.err


def test_a_sudo_password_by_reference_is_used_and_shown_nowhere(fab, variant, lab, site_up):
    reference = f"user: opspw\n  sudo_password: file:{lab.paths.secrets}/opspw_password"

    ran = fab("nfs-setup", inventory=variant(("user: root", reference)))

    assert ran.code == 0, ran.text
    assert "nfs: no changes" in ran.out
    assert (lab.paths.secrets / "opspw_password").read_text().strip() not in ran.text


@pytest.mark.scenario(8, "sudo asks for a password")
def test_a_sudo_password_typed_once_is_used(fab, variant, lab, site_up):
    password = (lab.paths.secrets / "opspw_password").read_text().strip()

    ran = fab(
        "--prompt-for-sudo-password",
        "nfs-setup",
        inventory=variant(("user: root", "user: opspw")),
        typed=f"{password}\n",
    )

    assert ran.code == 0, ran.text
    assert "nfs: no changes" in ran.out
    assert password not in ran.out


@pytest.mark.scenario(8, "sudo asks for a password")
def test_a_wrong_sudo_password_is_tried_once(fab, variant, lab, site_up):
    reference = "user: opspw\n  sudo_password: env:WRONG"

    ran = fab("nfs-setup", inventory=variant(("user: root", reference)), WRONG="not-this")

    assert ran.code == 3
    assert "sudo did not take the password" in ran.err
    assert "not-this" not in ran.text


def test_inside_the_network_the_api_is_reached_directly(lab, root, variant, site_up):
    config = variant(("api: via-ssh", "api: direct"), ("  config:", "  # config:"))
    program = Path(sys.executable).parent / "fab"
    argv = ["env", f"MOORAGE_INVENTORY={config}", f"PATH={os.environ['PATH']}",
            f"HOME={os.environ.get('HOME', '/root')}", str(program),
            "--search-root", str(root), "nexus-seed", "verify"]  # fmt: skip

    said = lab.exec(argv)

    assert "nexus: no changes" in said
    assert "pull of hello-world" in said


def test_a_certificate_of_an_unknown_ca_is_not_trusted(fab, variant, site_up):
    ran = fab("verify", inventory=variant(("  tls: {", "  tls: {} # {")))

    assert ran.code == 1
    assert "certificate" in ran.err
    assert "ingress.tls.ca" in ran.err
