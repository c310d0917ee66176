"""A site set up by hand after the post, taken over; its data moved from a node to the export."""

from __future__ import annotations

import json
import signal
import time

import pytest
from set_up_by_hand import BY_NFS, EXPORT, WATCHED, Hand

pytestmark = [pytest.mark.lab, pytest.mark.long]
_EXPORTS = "cat /etc/exports; ls -A /etc/exports.d 2>&1; :"


@pytest.fixture(scope="module")
def hand(lab):
    """What a person does with docker, exportfs and curl."""
    return Hand(lab)


@pytest.fixture(scope="module")
def importing(lab, fab, tmp_path_factory):
    """Run fab import into a folder of its own."""
    home = lab.paths.home

    def run(name, *words, **options):
        folder = tmp_path_factory.mktemp(name)
        ran = fab(
            "import", "--nfs", "root@10.77.0.10", "--manager", "root@10.77.0.11",
            "--stack", "registry", "--to", str(folder / "site.yml"),
            "--ssh-config", str(home / "ssh_config"), "--key", str(home / "id_lab"),
            "--known-hosts", str(home / "known_hosts"), "--ca", str(home / "ca.crt"),
            "--admin-password", f"file:{lab.paths.secrets}/admin_password", *words, **options,
        )  # fmt: skip
        return folder / "site.yml", ran

    return run


@pytest.fixture(scope="module")
def by_nfs(lab, hand):
    """The post's site: an export by /etc/exports, a volume of type nfs4, labels of one's own."""
    lab.run("nfs", EXPORT)
    hand.deploy(BY_NFS)
    hand.seed(hand.first_password())
    hand.push()
    yield
    hand.remove()
    lab.run("manager", "docker volume rm registry_data")


@pytest.fixture(scope="module")
def taken(lab, importing, by_nfs):
    before = lab.run("manager", WATCHED), lab.run("nfs", _EXPORTS)
    path, ran = importing("taken")
    assert ran.code == 0, ran.text
    return path, ran, before


def test_a_site_set_up_by_hand_is_written_down_and_left_alone(lab, hand, taken):
    path, ran, before = taken

    assert (lab.run("manager", WATCHED), lab.run("nfs", _EXPORTS)) == before
    text = path.read_text()
    for line in ("manage_export: false", "type: nfs4", "options: [nolock, soft, rw]",
                 "distribution: given", "routing: split", 'constraints: ["node.role == manager"]',
                 "members: [own, hub]", "api: via-ssh", "max-size:"):  # fmt: skip
        assert line in text, line
    assert hand.password not in text + ran.text
    assert "not managed: users ci" in ran.out
    assert "not managed: the export /srv/by-hand in /etc/exports" in ran.out


def test_its_plan_has_nothing_but_labels_by_moorages_names(fab, taken):
    path, ran, _ = taken

    planned = json.loads(fab("plan", "--json", inventory=path).out)

    changed = {step["step"]: step for step in planned["steps"] if step.get("changes")}
    fields = [difference["field"] for step in changed.values() for change in step["changes"]
              for difference in change["differences"]]  # fmt: skip
    assert set(changed) <= {"stack", "nodes"}, planned
    assert not [field for field in fields if field.startswith(("mount", "image", "environment"))]
    assert all(field.startswith("label traefik") for step, found in changed.items()
               if step == "stack" for change in found["changes"]
               for field in [one["field"] for one in change["differences"]]), fields  # fmt: skip
    assert "service registry_nexus" in ran.out


def test_an_inventory_that_is_there_is_not_written_over(lab, fab, taken):
    path, _, _ = taken
    before = path.read_text()

    ran = fab("import", "--nfs", "10.77.0.10", "--manager", "10.77.0.11", "--stack", "registry",
              "--to", str(path))  # fmt: skip

    assert ran.code == 3
    assert "--force" in ran.err
    assert path.read_text() == before


def test_a_host_whose_key_is_unknown_is_refused_with_its_fingerprint(lab, fab, taken, tmp_path):
    (tmp_path / "nobody").write_text("")
    lines = (lab.paths.home / "ssh_config").read_text().splitlines(keepends=True)
    config = tmp_path / "ssh_config"
    config.write_text("".join(line for line in lines if "UserKnownHostsFile" not in line))

    ran = fab("import", "--nfs", "root@10.77.0.10", "--manager", "root@10.77.0.11", "--stack",
              "registry", "--to", str(tmp_path / "new"), "--ssh-config", str(config),
              "--known-hosts", str(tmp_path / "nobody"),
              NEXUS_ADMIN_PASSWORD="x")  # fmt: skip

    assert ran.code == 3, ran.text
    assert "SHA256:" in ran.err
    assert "--known-hosts" in ran.err
    assert not (tmp_path / "new").exists()


def test_the_improvements_are_made_by_the_usual_command_and_images_still_pull(fab, hand, taken):
    path, _, _ = taken

    ran = fab("deploy", inventory=path)

    assert ran.code == 0, ran.text
    assert "stack: no changes" in fab("deploy", inventory=path).out
    hand.wait()
    assert "by-hand/tiny:1" in hand.pull()


@pytest.fixture(scope="module")
def local(lab, hand, importing, taken):
    """The same site with its data in a volume of the manager's own."""
    hand.remove()
    lab.run("manager", "docker volume rm registry_data")
    lab.run("nfs", "sed -i '/by-hand/d' /etc/exports; exportfs -ra")
    hand.deploy("{}")
    hand.seed(hand.first_password())
    hand.push()
    path, ran = importing("local", "--export", "/srv/nexus")
    assert ran.code == 0, ran.text
    return path, ran


def _state(lab):
    return lab.run(
        "manager",
        "docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}} "
        "{{(index .Spec.TaskTemplate.ContainerSpec.Mounts 0).Source}}' registry_nexus",
    ).split()


def test_data_on_a_node_are_named_and_never_left_behind_by_a_deployment(lab, fab, local):
    path, ran = local

    assert "update data of Nexus" in ran.out
    assert "the volume registry_data" in ran.out
    refused = fab("deploy", inventory=path)
    assert refused.code == 3, refused.text
    assert "fab data-move" in refused.err
    assert _state(lab) == ["1", "registry_data"]


def test_without_the_export_nothing_is_moved(fab, local):
    ran = fab("data-move", inventory=local[0])

    assert ran.code == 3, ran.text
    assert "fab nfs-setup" in ran.err


def test_ctrl_c_while_nexus_is_stopped_starts_it_as_it_was(lab, fab, hand, start, local):
    path, _ = local
    assert fab("nfs-setup", inventory=path).code == 0
    moving = start("data-move", inventory=path)
    moving.until("begin the second copy")

    moving.process.send_signal(signal.SIGINT)

    assert moving.ended() == 130, moving.text
    assert "Nexus was started again as it was" in moving.text, moving.text
    assert _state(lab) == ["1", "registry_data"]
    hand.wait()
    assert "by-hand/tiny:1" in hand.pull()
    assert lab.run("manager", "ls /var/lib/moorage/registry").split().count("guard") == 0
    assert "/srv/nexus" not in lab.run("manager", "cat /proc/mounts")


def test_a_move_cut_off_without_a_word_is_undone_by_the_manager(lab, hand, start, local):
    moving = start("data-move", inventory=local[0])
    moving.until("begin the second copy")
    moving.process.send_signal(signal.SIGKILL)
    moving.ended()

    for _ in range(150):
        if _state(lab)[0] == "1":
            break
        time.sleep(2)

    assert _state(lab) == ["1", "registry_data"]
    hand.wait()


def test_a_copy_that_differs_is_not_switched_to(lab, fab, hand, local):
    """Somebody's file that Nexus' user cannot read."""
    volume = "$(docker volume inspect -f '{{.Mountpoint}}' registry_data)"
    lab.run("manager", f"echo x >{volume}/root-only; chmod 600 {volume}/root-only")

    ran = fab("data-move", inventory=local[0])

    assert ran.code == 1, ran.text
    assert "root-only" in ran.err
    assert _state(lab) == ["1", "registry_data"]
    lab.run("manager", f"rm {volume}/root-only")
    hand.wait()


def test_the_data_are_moved_and_the_former_kept(lab, fab, hand, local):
    path, _ = local
    volume = "$(docker volume inspect -f '{{.Mountpoint}}' registry_data)"

    ran = fab("data-move", "--checksums", "all", inventory=path)

    assert ran.code == 0, ran.text
    assert "the same on both sides" in ran.out
    assert "kept in the volume registry_data on manager" in ran.out
    mounts = lab.run("manager", "cat /proc/mounts")
    assert ":/srv/nexus " in mounts
    assert "hard" in next(line for line in mounts.splitlines() if line.startswith(":/srv/nexus "))
    hand.wait()
    assert "by-hand/tiny:1" in hand.pull()
    names = "find blobs -type f | sort | xargs sha256sum"
    kept = lab.run("manager", f"cd {volume} && {names}").splitlines()
    moved = lab.run("nfs", f"cd /srv/nexus && {names}").splitlines()
    assert kept
    assert set(kept) <= set(moved)
    owners = lab.run("nfs", "find /srv/nexus ! -user 200 | head; stat -c %a /srv/nexus").split()
    assert owners == ["750"]
    assert lab.run("nfs", "ls /var/lib/moorage/registry").split().count("data-move") == 0


def test_a_second_time_there_is_nothing_to_move(fab, local):
    ran = fab("data-move", inventory=local[0])

    assert ran.code == 0, ran.text
    assert "data: no changes" in ran.out
    planned = fab("plan", "--step", "nfs,stack,nexus", inventory=local[0])
    assert "data of Nexus" not in planned.out
    assert "mount /nexus-data" not in planned.out


def test_what_was_done_is_in_the_journals(fab, local):
    told = fab("history", inventory=local[0]).out

    assert "data of Nexus" in told
    assert "interrupted" in told


def test_systemd_takes_the_timers_of_any_name(lab, inv, local, tmp_path):
    """In a guest, by systemd's own word; an inventory's name may have spaces and percents."""
    odd = tmp_path / "two words%"
    odd.mkdir()
    (odd / "site.yml").write_text(local[0].read_text())
    made = inv("systemd-units", "--user", "root", "--output", str(tmp_path / "units"),
               inventory=odd / "site.yml")  # fmt: skip
    assert made.code == 0, made.text
    units = sorted((tmp_path / "units").iterdir())
    script = "set -e; mkdir -p /root/units; cd /root/units\n"
    for unit in units:
        text = unit.read_text().replace("'", "'\\''")
        script += f"printf %s '{text}' >'{unit.name}'\n"

    lab.run("manager", script)
    said = lab.run("manager", "cd /root/units && systemd-analyze verify ./*.service ./*.timer 2>&1;"
                   "echo code $?; for unit in ./*.timer; do sed -n 's/^OnCalendar=//p' $unit |"
                   "xargs -d '\\n' systemd-analyze calendar || exit; done")  # fmt: skip

    assert r"moorage-two\x20words\x25-backup.timer" in [unit.name for unit in units]
    assert "code 0" in said, said
    assert not [line for line in said.splitlines() if "moorage" in line and "not" in line], said
