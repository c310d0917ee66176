"""Sites that were written by hand: what is recognised, what is kept, what is named."""

from __future__ import annotations

import dataclasses

import pytest
from running_site import fields_of, found_of

from moorage.config.schema.people import Role
from moorage.errors import Refused
from moorage.steps.nexus.api import NexusObserved
from moorage.steps.nexus.people import role_body
from moorage.takeover.found import nexus_service
from moorage.takeover.ingress import names_of
from moorage.takeover.seen import Directory, Nfs, OnNode
from moorage.takeover.take import take


def service_with(found, labels=None, **fields):
    """The same site with a service that was written by hand."""
    kept = {key: value for key, value in found.fields.items()
            if labels is None or not key.startswith("label ")}  # fmt: skip
    told = {f"label {key}": value for key, value in (labels or {}).items()}
    services = {found.service: {**kept, **told, **fields}}
    return dataclasses.replace(found, swarm=dataclasses.replace(found.swarm, services=services))


@pytest.fixture
def found(varied, templates):
    site = varied(
        "lab", nexus__image={"distribution": "given", "tag": "1", "name": "someone/nexus"}
    )
    return found_of(site, templates)


@pytest.fixture
def made(found, templates, tmp_path):
    def make(labels=None, changes=None, **fields):
        by_hand = service_with(dataclasses.replace(found, **(changes or {})), labels, **fields)
        site, taken = take(by_hand, templates, tmp_path / "site.yml")
        return site, taken, by_hand

    return make


def v2(**more):
    """Routers of Traefik 2 and 3 as people write them."""
    return {
        "traefik.enable": "true",
        "traefik.docker.network": "proxy",
        "traefik.http.routers.ui.rule": "Host(`nexus.lab`)",
        "traefik.http.routers.ui.entrypoints": "websecure",
        "traefik.http.routers.ui.tls": "true",
        "traefik.http.routers.ui.tls.certresolver": "le",
        "traefik.http.routers.ui.service": "ui",
        "traefik.http.services.ui.loadbalancer.server.port": "8081",
        "traefik.http.routers.w.rule": "Host(`registry.lab`) && (Method(`PUT`) || Method(`POST`))",
        "traefik.http.routers.w.entrypoints": "websecure",
        "traefik.http.routers.w.tls": "true",
        "traefik.http.routers.w.service": "w",
        "traefik.http.services.w.loadbalancer.server.port": "8083",
        "traefik.http.routers.r.rule": "Host(`registry.lab`) && (Method(`GET`) || Method(`HEAD`))",
        "traefik.http.routers.r.entrypoints": "websecure",
        "traefik.http.routers.r.tls": "true",
        "traefik.http.routers.r.service": "r",
        "traefik.http.services.r.loadbalancer.server.port": "8082",
        **more,
    }


def test_routers_are_known_by_what_they_do(made):
    site, taken, _ = made(v2())

    assert site.ingress.routing == "split"
    assert site.ingress.entrypoints == ["websecure"]
    assert site.ingress.tls.resolver == "le"
    assert site.ingress.network == "proxy"
    assert site.ingress.labels == {}
    assert site.domains() == {"nexus": "nexus.lab", "registry": "registry.lab"}
    assert not [line for line in taken.left if "router" in line]


def test_labels_alone_differ_where_they_were_written_by_hand(made, templates):
    site, _, found = made(v2())
    wanted, running = fields_of(site, templates), found.fields

    different = {key for key in {**wanted, **running} if wanted.get(key) != running.get(key)}
    assert different
    assert {key for key in different if not key.startswith("label traefik.")} == set()


def test_a_redirect_keeps_its_router_and_gets_a_service_that_is_there(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.plain.rule": "Host(`nexus.lab`) || Host(`registry.lab`)",
                "traefik.http.routers.plain.entrypoints": "web",
                "traefik.http.routers.plain.middlewares": "to-https",
                "traefik.http.middlewares.to-https.redirectscheme.scheme": "https",
            }
        )
    )

    kept = site.ingress.labels
    assert kept["traefik.http.middlewares.to-https.redirectscheme.scheme"] == "https"
    assert kept["traefik.http.routers.plain.entrypoints"] == "web"
    assert kept["traefik.http.routers.plain.service"] == "registry-nexus"
    assert not any(key.startswith("traefik.http.routers.ui") for key in kept)


def test_a_router_that_stays_keeps_the_service_that_it_names(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.inside.rule": "Host(`nexus.inside`)",
                "traefik.http.routers.inside.service": "ui",
            }
        )
    )

    assert site.ingress.labels["traefik.http.services.ui.loadbalancer.server.port"] == "8081"


def test_who_is_let_in_and_what_else_stands_before_a_router_is_kept(made):
    site, _, _ = made(
        v2(
            **{
                "traefik.http.routers.ui.middlewares": "lan,auth@file",
                "traefik.http.routers.w.middlewares": "limit",
                "traefik.http.middlewares.lan.ipallowlist.sourcerange": "10.0.0.0/8,192.168.0.0/16",
                "traefik.http.middlewares.limit.ratelimit.average": "5",
            }
        )
    )

    assert site.ingress.allow == ["10.0.0.0/8", "192.168.0.0/16"]
    assert site.ingress.middlewares == {"nexus": ["auth@file"], "write": ["limit"]}
    assert site.ingress.labels == {"traefik.http.middlewares.limit.ratelimit.average": "5"}


def test_hashes_of_passwords_in_labels_are_pointed_out(made):
    key = "traefik.http.middlewares.guard.basicauth.users"
    site, taken, _ = made(v2(**{"traefik.http.routers.ui.middlewares": "guard", key: "a:$apr1$x"}))

    assert site.ingress.labels[key] == "a:$apr1$x"
    assert any("hashes of passwords" in line for line in taken.comments["ingress.labels"])


@pytest.mark.parametrize(
    "changes,routing",
    [
        ({"traefik.http.routers.w.rule": "Host(`push.lab`)",
          "traefik.http.routers.r.rule": "Host(`registry.lab`)"}, "two-names"),
        ({"traefik.http.routers.own.rule": "Host(`registry.lab`) && PathPrefix(`/v2/team/`)",
          "traefik.http.routers.own.tls": "true", "traefik.http.routers.own.service": "w"},
         "namespaces"),
        ({"traefik.http.routers.b.rule":
          "Host(`registry.lab`) && PathRegexp(`^/v2/.*/blobs/uploads/`)",
          "traefik.http.routers.b.tls": "true", "traefik.http.routers.b.service": "w"},
         "split-safe"),
    ],
)  # fmt: skip
def test_the_routing_is_told_by_the_routers(made, changes, routing):
    site, _, _ = made(v2(**changes))
    assert site.ingress.routing == routing
    if routing == "two-names":
        assert site.push_domain == "push.lab"
    if routing == "namespaces":
        assert site.ingress.namespaces == ["team"]


POST = {
    "traefik.nexus.backend": "nexus",
    "traefik.nexus.frontend.rule": "Host:nexus.lab",
    "traefik.nexus.frontend.entryPoints": "https",
    "traefik.nexus.port": "8081",
    "traefik.up.backend": "up",
    "traefik.up.frontend.rule": "Host:registry.lab;Method:PUT,DELETE,POST,PATCH",
    "traefik.up.frontend.entryPoints": "https",
    "traefik.up.port": "8083",
    "traefik.down.backend": "down",
    "traefik.down.frontend.rule": "Host:registry.lab;Method:GET,HEAD",
    "traefik.down.frontend.entryPoints": "https",
    "traefik.down.port": "8082",
}


def test_segments_of_traefik_1_are_read(made):
    site, _, _ = made(POST, {"traefik": ""})

    assert site.ingress.version == "1.7"
    assert site.ingress.routing == "split"
    assert site.ingress.entrypoints == ["https"]
    assert site.ingress.exposed_by_default
    assert site.ingress.labels == {}


def test_without_a_traefik_that_tells_its_version_the_form_of_labels_does(made):
    assert made(v2(), {"traefik": ""})[0].ingress.version == "3.7"
    old = {key: value.replace(" || Method(`POST`)", "").replace(" || Method(`HEAD`)", "")
           for key, value in v2().items()}  # fmt: skip
    assert made(old, {"traefik": ""})[0].ingress.version == "2.11"


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
