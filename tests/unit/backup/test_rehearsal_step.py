"""The step ``rehearsal`` carried out on hosts that are shells, with a stand-in beside."""

from __future__ import annotations

import json

import pytest

from moorage.errors import CommandFailed, Interrupted, Refused, Unreachable, VerificationFailed
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.backup import BackupStep, Beside, RehearsalStep
from moorage.steps.backup.content import read_content, unlike
from moorage.steps.backup.generations import Asset, Content

FIRST, SECOND = "2026-01-01T000000Z", "2026-01-02T000000Z"
COMPOSE = {
    "version": "3.8",
    "services": {"nexus": {
        "image": "moorage/nexus:2", "environment": {"TZ": "UTC"}, "networks": ["proxy"],
        "ports": [{"target": 8081, "published": 80}],
        "volumes": [{"type": "volume", "source": "data", "target": "/nexus-data"}],
        "healthcheck": {"test": ["CMD", "true"]},
        "deploy": {"labels": ["traefik.enable=true"],
                   "placement": {"constraints": ["node.labels.x == y"]}},
    }},
    "volumes": {"data": {"driver_opts": {"device": ":/srv/nexus"}}},
    "networks": {"proxy": {"external": True}},
}  # fmt: skip


@pytest.fixture
def beside(swarm, nexus_with_content):
    def await_it(_progress):
        assert "moorage/nexus:1" in (swarm.here / "deployed").read_text()
        if swarm.__dict__.get("late"):
            raise Unreachable("it does not come up")
        return nexus_with_content.web()

    return Beside(
        stack="played-verify", service="played-verify_nexus", compose=COMPOSE, service_key="nexus",
        volume=lambda folder: {"device": f":{folder}"}, home=swarm.wanted.home, pulled=False,
        login=None, export_file=str(swarm.root / "moorage-verify.exports"),
        export=lambda folder: (f"{folder} edge(rw)", ["edge"]),
        export_script=lambda file, text, path, clients: Script(
            f"export {path}", 'printf %s "$text" >"$file"', {"file": file, "text": text}
        ),
        await_it=await_it,
    )  # fmt: skip


@pytest.fixture
def ways(swarm, nexus_with_content):
    import dataclasses

    from moorage.values import Secret

    def log_in(web, _version):
        web.log_in("admin", Secret(nexus_with_content.password))
        return True

    return dataclasses.replace(swarm.ways(), log_in=log_in)


@pytest.fixture
def backed_up(swarm, ways, nexus_with_content):
    swarm.nexus = nexus_with_content
    step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(), ways, FIRST)
    run(swarm.work(step), dry_run=False)
    return swarm


def rehearse(swarm, ways, beside, name="", **options):
    step = RehearsalStep(swarm.fleet, swarm.wanted, swarm.keeping(), ways, beside,
                         generation=name, **options)  # fmt: skip
    return run(swarm.work(step), dry_run=False)


def nothing_left(swarm):
    return not (
        (swarm.here / "beside").exists() or (swarm.root / "nexus.verify").exists()
        or (swarm.root / "moorage-verify.exports").exists()
    )  # fmt: skip


def test_a_backup_that_is_as_it_says_is_proven_and_nothing_stays(backed_up, ways, beside, out):
    rehearse(backed_up, ways, beside)

    assert "is proven: " in out.getvalue()
    record = backed_up.record()
    assert record["proven"]["name"] == record["last"]["name"] == FIRST
    assert record["proven"]["at"].endswith("+00:00")
    assert nothing_left(backed_up)
    assert backed_up.replicas == "1"


def test_the_stack_beside_leads_nowhere(beside):
    made = beside.stack_file("/srv/nexus.verify", "moorage/nexus:1")

    service = made["services"]["nexus"]
    assert service["image"] == "moorage/nexus:1"
    assert service["networks"] == ["quiet"]
    assert made["networks"] == {"quiet": {"driver": "overlay", "internal": True}}
    assert "ports" not in service
    assert "labels" not in service["deploy"]
    assert service["deploy"]["placement"] == {"constraints": ["node.labels.x == y"]}
    assert service["environment"] == {"TZ": "UTC"}
    assert made["volumes"]["data"]["driver_opts"] == {"device": ":/srv/nexus.verify"}
    assert COMPOSE["services"]["nexus"]["ports"]


def test_a_repository_that_is_otherwise_is_a_failure_and_nothing_stays(
    backed_up, ways, beside, nexus_with_content
):
    with nexus_with_content.nexus.store.change() as draft:
        del draft["repositories"]["raw-private"]

    with pytest.raises(VerificationFailed, match="other content than it says") as caught:
        rehearse(backed_up, ways, beside)

    assert caught.value.evidence == ["repository raw-private: is not there, was raw hosted"]
    assert nothing_left(backed_up)
    assert backed_up.record()["proven"] is None


@pytest.mark.parametrize("how", ["late", "deploy", "ctrl-c"])
def test_leftovers_are_removed_however_it_ends(backed_up, ways, beside, how):
    swarm, failure = backed_up, {"late": Unreachable, "deploy": CommandFailed,
                                 "ctrl-c": Interrupted}[how]  # fmt: skip
    if how == "late":
        swarm.late = True
    else:

        def before(script):
            if script.summary == "deploy the stack played-verify":
                if how == "ctrl-c":
                    raise KeyboardInterrupt
                (swarm.programs / "docker").write_text(
                    (swarm.programs / "docker")
                    .read_text()
                    .replace('"stack deploy")', '"stack deploy") exit 1')
                )

        swarm.fleet.host("boss").before = before

    with pytest.raises(failure):
        rehearse(swarm, ways, beside)

    assert nothing_left(swarm)


def test_what_a_dead_run_left_is_removed_by_any_backup(backed_up, ways, beside, out):
    (backed_up.here / "beside").write_text("x\n")
    (backed_up.root / "nexus.verify").mkdir()
    (backed_up.root / "moorage-verify.exports").write_text("x")

    rehearse(backed_up, ways, beside, wanted_at_all=False)

    assert "left by a run that has died" in out.getvalue()
    assert nothing_left(backed_up)
    assert backed_up.record()["proven"] is None


def test_an_image_that_is_nowhere_any_more_is_refused(backed_up, ways, beside):
    (backed_up.programs / "docker").write_text(
        (backed_up.programs / "docker").read_text().replace("echo moorage/nexus:1", "echo other:1")
    )

    with pytest.raises(Refused, match="the image moorage/nexus:1"):
        rehearse(backed_up, ways, beside)


def test_no_backup_is_told_as_that(swarm, ways, beside):
    with pytest.raises(Refused, match="there is no backup"):
        rehearse(swarm, ways, beside)


def test_the_manifest_has_what_nexus_says(backed_up):
    path = backed_up.root / f"backups/played/{FIRST}/manifest.json"
    content = json.loads(path.read_text())["content"]

    assert content["repositories"]["raw-private"] == "raw hosted"
    assert content["assets"] == []


class Server:
    """Answers by path."""

    def __init__(self, answers):
        self.answers = answers

    def call(self, method, path, *, params=None, ok=(200,), headers=None):
        from types import SimpleNamespace

        from moorage.errors import RequestRefused

        key = path + (f"?{params['repository']}" if params else "")
        key += f"&{params['continuationToken']}" if params and "continuationToken" in params else ""
        if key not in self.answers:
            raise RequestRefused("no", request=key, status=404)
        found = self.answers[key]
        return SimpleNamespace(json=lambda: found, content=found)


REPOSITORIES = [{"name": "a", "format": "docker", "type": "hosted"},
                {"name": "all", "format": "docker", "type": "group"}]  # fmt: skip


def asset(name, text, **more):
    import hashlib

    return {"downloadUrl": f"http://x:8081/repository/a/{name}",
            "checksum": {"sha256": hashlib.sha256(text.encode()).hexdigest()}, **more}  # fmt: skip


def test_files_are_taken_from_all_pages_and_no_group():
    web = Server({
        "/service/rest/v1/repositories": REPOSITORIES,
        "/service/rest/v1/assets?a": {"items": [asset("1", "one")], "continuationToken": "t"},
        "/service/rest/v1/assets?a&t": {"items": [
            asset("2", "two"), {"downloadUrl": "http://x/no-checksum"},
            asset("3", "large", fileSize=10**12),
        ]},
    })  # fmt: skip

    content = read_content(web, 10, lambda _: None)

    assert sorted(one.path for one in content.assets) == ["/repository/a/1", "/repository/a/2"]
    assert content.repositories == {"a": "docker hosted", "all": "docker group"}


def test_a_file_that_is_lost_or_changed_is_named():
    pages = {"/service/rest/v1/assets?a": {"items": [asset("1", "one"), asset("2", "two"),
                                                     asset("3", "three")]},
             "/service/rest/v1/repositories": REPOSITORIES}  # fmt: skip
    content = read_content(Server(pages), 10, lambda _: None)
    web = Server({**pages, "/repository/a/1": b"one", "/repository/a/2": b"TWO"})

    lines = unlike(web, content, lambda _: None)

    assert len(lines) == 2
    assert any(line.startswith("/repository/a/2: has sha256") for line in lines)
    assert "/repository/a/3: HTTP 404" in lines


def test_a_tag_that_leads_elsewhere_is_no_loss():
    """A client pushes it again between the look and the copy, or after Nexus is back."""
    named = ["v2/x/manifests/latest", "v2/x/manifests/gone", "v2/x/manifests/sha256:ab",
             "v2/x/blobs/sha256:cd"]  # fmt: skip
    of_earlier = Content({"a": "docker hosted", "all": "docker group"}, tuple(
        Asset("a", f"/repository/a/{name}", "0" * 64) for name in named))  # fmt: skip
    web = Server({
        "/service/rest/v1/repositories": REPOSITORIES,
        **{f"/repository/a/{name}": b"new" for name in named if "gone" not in name},
    })  # fmt: skip

    lines = unlike(web, of_earlier, lambda _: None)

    assert sorted(line.partition(": ")[0] for line in lines) == [
        f"/repository/a/{name}" for name in sorted(named) if not name.endswith("latest")
    ]


def test_what_changes_while_nexus_is_used_is_not_told_of():
    """A proxy fetches its tags and lists anew from its remote."""
    both = [asset("v2/x/manifests/latest", "m"), asset("v2/x/manifests/sha256:ab", "m"),
            asset("list.json", "l")]  # fmt: skip
    web = Server({
        "/service/rest/v1/repositories":
            [*REPOSITORIES, {"name": "hub", "format": "docker", "type": "proxy"}],
        "/service/rest/v1/assets?a": {"items": both},
        "/service/rest/v1/assets?hub": {"items": both},
    })  # fmt: skip

    content = read_content(web, 10, lambda _: None)

    assert sorted((one.repository, one.path.rpartition("/")[2]) for one in content.assets) == [
        ("a", "list.json"), ("a", "sha256:ab"), ("hub", "sha256:ab")
    ]  # fmt: skip
