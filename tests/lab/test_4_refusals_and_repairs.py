"""Things that are in the way, and runs that were cut off: said clearly, nothing lost."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.lab

_FILE = "/etc/exports.d/moorage-registry.exports"


def test_an_export_changed_by_hand_is_put_right(lab, fab, site_up):
    lab.run("nfs", "exportfs -o rw,no_root_squash 10.77.0.99:/srv/nexus")

    ran = fab("nfs-setup")

    assert ran.code == 0, ran.text
    assert "10.77.0.99: " in ran.out
    assert "10.77.0.99" not in lab.run("nfs", "exportfs -v")


@pytest.mark.scenario(32, "Foreign exports file broken")
def test_a_mistake_in_a_foreign_export_file_is_told_but_does_not_stop_ours(lab, fab, site_up):
    lab.run(
        "nfs",
        f"echo '/srv/other 10.0.0.0/8(rw,nonsense)' >/etc/exports.d/other.exports; rm {_FILE}",
    )
    try:
        ran = fab("nfs-setup")

        assert ran.code == 0, ran.text
        assert "other.exports" in ran.out
        assert "/srv/nexus" in lab.run("nfs", "exportfs -s")
        assert "nonsense" in lab.run("nfs", "cat /etc/exports.d/other.exports")
    finally:
        lab.run("nfs", "rm -f /etc/exports.d/other.exports; exportfs -ra")


@pytest.mark.scenario(32, "Foreign exports file broken")
def test_an_export_that_exportfs_does_not_take_leaves_the_former_one(lab, fab, variant, site_up):
    before = lab.run("nfs", f"cat {_FILE}; exportfs -s")
    options = "export: /srv/nexus\n  export_options: [rw, sync, no_subtree_check, nonsense]"

    ran = fab("nfs-setup", inventory=variant(("export: /srv/nexus", options)))

    assert ran.code == 1
    assert "the former file is back" in ran.err
    assert "nonsense" in ran.err
    assert lab.run("nfs", f"cat {_FILE}; exportfs -s") == before
    assert lab.run("nfs", "ls -A /etc/exports.d").split() == ["moorage-registry.exports"]


@pytest.mark.scenario(25, "Export path is a symlink / not empty / wrong owner")
def test_a_symbolic_link_and_foreign_files_are_refused(lab, fab, variant):
    lab.run(
        "nfs", "mkdir -p /srv/real /srv/full; ln -sfn /srv/real /srv/link; echo x >/srv/full/letter"
    )

    link = fab("nfs-setup", inventory=variant(("export: /srv/nexus", "export: /srv/link")))
    full = fab("nfs-setup", inventory=variant(("export: /srv/nexus", "export: /srv/full")))

    assert (link.code, full.code) == (3, 3)
    assert "set storage.export to the real path: /srv/real" in link.err
    assert "letter" in full.err
    assert "storage.adopt: true" in full.err
    assert "/srv/link" not in lab.run("nfs", "exportfs -s")


def test_labels_changed_by_hand_are_put_right(lab, fab, site_up):
    rule = "traefik.http.routers.registry-nexus.rule"
    lab.run(
        "manager",
        f"docker service update -d -q --label-add '{rule}=Host(`wrong.lab`)' registry_nexus",
    )

    ran = fab("deploy")

    assert ran.code == 0, ran.text
    assert f"label {rule}: Host(`wrong.lab`) → Host(`nexus.lab`)" in ran.out
    assert "stack: no changes" in fab("deploy").out


def test_a_service_without_its_image_fails_with_the_tasks_own_words(lab, fab, variant, site_up):
    """A command that ends at once: told from a slow start, with the end of its log."""
    config = variant(
        (
            "startup_timeout: 5m",
            "environment: {NEXUS_STANDIN_PORT: nonsense}\n  startup_timeout: 5m",
        )
    )

    ran = fab("deploy", inventory=config)
    healed = fab("deploy")

    assert ran.code == 5, ran.text
    assert "registry_nexus does not run" in ran.err
    assert "log: " in ran.err
    assert healed.code == 0, healed.text


@pytest.mark.scenario(10, "Port 8082 already used by another repo")
def test_a_port_that_another_repository_has_stops_before_anything_is_sent(fab, variant, site_up):
    config = variant(
        ("docker-private: {type: hosted, port: 8083}", "docker-mine: {type: hosted, port: 8083}"),
        ("members: [docker-private, docker-hub]", "members: [docker-mine, docker-hub]"),
    )

    ran = fab("nexus-seed", inventory=config)

    assert ran.code == 3
    assert "8083" in ran.err
    assert "docker-private" in ran.err


@pytest.mark.scenario(13, "Admin password changed by hand")
def test_a_password_changed_by_hand_is_not_guessed_at(fab, variant, site_up, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("another")
    secret.chmod(0o600)
    config = variant(("file:", f"file:{secret} # "))

    ran = fab("nexus-seed", inventory=config)

    assert ran.code == 3
    assert "takes no password known for admin" in ran.err
    assert "no admin.password on the export" in ran.err
    assert "another" not in ran.text.replace("another one", "")


def test_a_host_that_is_off_is_named_within_its_timeout(lab, fab, site_up):
    lab.kill("nfs")
    try:
        ran = fab("nfs-setup")
    finally:
        lab.boot("nfs")
        lab.wait_ready()

    assert ran.code == 4
    assert "nfs" in ran.err
    assert "10.77.0.10:22" in ran.err
    assert fab("nfs-setup").code == 0


def test_no_network_of_that_name_is_told_before_the_deployment(fab, variant, lab):
    ran = fab("deploy", inventory=variant(("network: proxy", "network: nowhere")))

    assert ran.code == 3
    assert "docker network create" in ran.err
