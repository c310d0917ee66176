"""Sites that were written by hand: what is recognised, what is kept, what is named."""

from __future__ import annotations

import dataclasses

import pytest
from running_site import fields_of

from moorage.config.schema.people import Role
from moorage.errors import Refused
from moorage.steps.nexus.api import NexusObserved
from moorage.steps.nexus.people import role_body
from moorage.takeover.found import nexus_service
from moorage.takeover.ingress import names_of
from moorage.takeover.seen import Directory, Nfs, OnNode


def test_what_nothing_leads_to_is_no_registry_yet(made):
    with pytest.raises(Refused, match="nothing leads to it"):
        made({})


def test_published_ports_are_a_proxy_of_ones_own(made):
    ports = ["443→8081/tcp host", "8082→8082/tcp host", "5443→8083/tcp host"]
    said = {"nexus.domain": "nexus.lab", "registry.domain": "registry.lab"}
    site, _, _ = made({}, {"said": said}, ports=ports)

    assert site.ingress.kind == "ports"
    assert site.ingress.published.model_dump() == {
        "mode": "host", "nexus": 443, "pull": None, "push": 5443}  # fmt: skip


def test_a_name_that_nothing_tells_is_asked_for(made):
    with pytest.raises(Refused, match=r"nexus\.domain") as caught:
        made({}, ports=["8081→8081/tcp host"])
    assert "--nexus-domain" in caught.value.hint


def test_a_variable_that_is_a_secret_by_its_name_is_not_written_down(made):
    site, taken, _ = made(**{"environment NEXUS_PASSWORD": "hunter2", "environment TZ": "UTC"})

    assert site.nexus.environment == {"TZ": "UTC"}
    assert "hunter2" not in str(taken.data) + str(taken.left) + str(taken.comments)
    assert any("NEXUS_PASSWORD" in line for line in taken.left)


def test_two_tasks_and_start_first_are_no_way_to_run_nexus(made, templates):
    site, _, _found = made(**{"replicas": 2, "update order": "start-first"})
    wanted = fields_of(site, templates)

    assert (wanted["replicas"], wanted["update order"]) == (1, "stop-first")


def test_a_value_that_no_inventory_takes_is_named_and_the_rest_is_kept(made):
    site, taken, _ = made(**{"mount /nexus-data o": "addr=10.77.0.10,bg,hard"})

    assert site.storage.volume.options == ["nfsvers=4.2", "hard", "rw"]
    assert any("storage.volume.options" in line and "mount.nfs" in line for line in taken.left)


def by_hand(path="/srv/hand", real=None, entries=("blobs",), text=None, uid=200):
    text = f"{path} *(rw,no_root_squash)" if text is None else text
    told = Directory(path, real or path, "directory", uid, uid, "0755", entries)
    return Nfs("nas", {"/etc/exports": text}, f"{path}  *(rw,no_root_squash,sync)", {path: told})


def mounted_from(path):
    return {"mount /nexus-data device": f":{path}"}


def test_an_export_of_somebody_elses_is_left_to_them(made):
    site, taken, _ = made(changes={"nfs": by_hand()}, **mounted_from("/srv/hand"))

    assert site.storage.export == "/srv/hand"
    assert site.storage.manage_export is False
    assert site.storage.volume.device is None
    assert any("no_root_squash" in line for line in taken.comments["storage.manage_export"])
    assert any("/srv/hand in /etc/exports" in line for line in taken.left)


def test_a_link_is_followed_and_the_volume_stays_as_it_is(made):
    nfs = by_hand(real="/mnt/disk/hand")
    site, _, _found = made(changes={"nfs": nfs}, **mounted_from("/srv/hand"))

    assert site.storage.export == "/mnt/disk/hand"
    assert site.storage.volume.device == ":/srv/hand"


def test_below_an_nfs_4_root_the_device_is_a_part_of_the_path(made):
    nfs = by_hand("/srv/nfs/hand", text="/srv/nfs *(ro,fsid=0)\n/srv/nfs/hand *(rw)")
    site, _, _ = made(changes={"nfs": nfs}, **mounted_from("/hand"))

    assert site.storage.export == "/srv/nfs/hand"
    assert site.storage.volume.device == ":/hand"


def test_an_export_that_the_host_does_not_have_is_refused(made):
    with pytest.raises(Refused, match="has no such directory"):
        made(changes={"nfs": by_hand()}, **mounted_from("/elsewhere"))


def test_files_of_others_in_the_export_are_adopted(made):
    nfs = by_hand(entries=("something",))
    assert made(changes={"nfs": nfs}, **mounted_from("/srv/hand"))[0].storage.adopt
    assert not made(changes={"nfs": by_hand()}, **mounted_from("/srv/hand"))[0].storage.adopt


def test_a_volume_made_by_hand_has_its_options_on_the_nodes(made):
    gone = {f"mount /nexus-data {key}": None for key in ("type", "o", "device")}
    options = {"type": "nfs4", "o": "addr=10.77.0.10,rw", "device": ":/srv/nexus"}
    nodes = {"id-worker": OnNode("id-worker", {"byhand": options})}
    site, taken, _ = made(changes={"nodes": nodes}, **gone,
                          **{"mount /nexus-data": "volume byhand"})  # fmt: skip

    assert site.storage.volume.name == "byhand"
    assert site.storage.volume.type == "nfs4"
    assert any("does not say" in line for line in taken.comments["storage.volume"])


@pytest.mark.parametrize("mount", ["volume registry_data", "bind /opt/nexus"])
def test_data_in_no_export_need_to_be_told_where_to(made, mount):
    gone = {f"mount /nexus-data {key}": None for key in ("type", "o", "device")}
    with pytest.raises(Refused, match="in no export") as caught:
        made(**gone, **{"mount /nexus-data": mount})
    assert "--export" in caught.value.hint

    site, taken, _ = made(changes={"export": "/srv/new"}, **gone, **{"mount /nexus-data": mount})

    assert site.storage.export == "/srv/new"
    assert any("fab data-move" in line for line in taken.left)
    assert site.storage.volume.name == "auto"


def test_a_proxys_login_is_named_and_stays_with_nexus(made, found):
    hub = dict(found.nexus.repositories["docker-hub"])
    hub["httpClient"] = {**hub["httpClient"],
                         "authentication": {"type": "username", "username": "bot"}}  # fmt: skip
    repositories = {**found.nexus.repositories, "docker-hub": hub}
    nexus = dataclasses.replace(found.nexus, repositories=repositories)
    site, taken, _ = made(changes={"nexus": nexus})

    assert site.registry.repositories["docker-hub"].login is None
    said = taken.comments["registry.repositories.docker-hub"]
    assert any("user: bot, password: env:DOCKER_HUB_PASSWORD" in line for line in said)


def test_what_no_inventory_says_of_nexus_is_named(made, found):
    nexus: NexusObserved = dataclasses.replace(
        found.nexus,
        repositories={**found.nexus.repositories,
                      "maven": {"name": "maven", "format": "maven2", "type": "hosted"}},
        cleanup_policies={"all": {"name": "all", "format": "*", "criteriaLastDownloaded": 9},
                          "old": {"name": "old", "format": "docker", "criteriaLastDownloaded": 9}},
        tasks=({"name": "gc", "type": "repository.docker.gc", "id": "1"},
               {"name": "weekly", "type": "blobstore.compact", "id": "2", "schedule": "cron",
                "cronExpression": "0 0 3 * * ?", "enabled": True,
                "properties": {"blobstoreName": "default"}}),
    )  # fmt: skip
    site, taken, _ = made(changes={"nexus": nexus})

    assert list(site.nexus.cleanup_policies) == ["old"]
    assert site.nexus.tasks["weekly"].schedule.cron == "0 0 3 * * ?"
    for words in ("format maven2: maven", "cleanup policy all", "task gc", "users ci"):
        assert any(words in line for line in taken.left), words


def test_rights_are_said_in_the_inventorys_words(made, found):
    role = Role(pull=["docker-all"], push=["docker-private"], delete=["docker-private"],
                privileges=["nx-search-read"], roles=["nx-anonymous"])  # fmt: skip
    body = {**role_body("team", role), "name": "team"}
    odd = {"id": "odd", "privileges": ["nx-repository-view-docker-docker-hub-edit"], "roles": []}
    nexus = dataclasses.replace(found.nexus, roles={"team": body, "odd": odd})
    site, _, _ = made(changes={"nexus": nexus})

    assert site.nexus.roles["team"] == role
    assert site.nexus.roles["odd"].privileges == odd["privileges"]


def test_the_service_that_is_nexus_is_found_or_asked_for():
    mounted = {"mount /nexus-data": "volume x", "image": "a"}
    other = {"image": "postgres"}

    assert nexus_service({"r_a": mounted, "r_b": other}, "r", None) == "r_a"
    assert nexus_service({"r_a": {"image": "x/nexus3:1"}, "r_b": other}, "r", None) == "r_a"
    assert nexus_service({"r_a": mounted, "r_b": mounted}, "r", "b") == "r_b"
    for services, name in (({"r_a": mounted, "r_b": mounted}, None), ({"r_a": other}, None),
                           ({"r_a": mounted}, "c")):  # fmt: skip
        with pytest.raises(Refused):
            nexus_service(services, "r", name)


def test_names_come_from_the_routers(found):
    from moorage.takeover.found import front_of

    assert names_of(front_of(found)) == ("nexus.lab", "registry.lab")
