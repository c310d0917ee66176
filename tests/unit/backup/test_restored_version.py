"""Which version of Nexus runs on data that were restored: that which the inventory asks for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from played_swarm import held

from moorage import order_restore
from moorage.errors import CommandFailed, Refused
from moorage.steps.backup import Wish


@pytest.fixture
def steps(monkeypatch, root, tmp_path):
    """The steps of a restoration where this version runs, or this image is deployed."""
    from moorage.config.inventory import load_site
    from moorage.config.render import Templates
    from moorage.order import Assembly

    def made(version, image="", note=""):
        def deployed(_assembly):
            if not image:
                raise CommandFailed("no such service", command="x", exit_code_seen=1, output="")
            return image

        status = SimpleNamespace(version=version)
        monkeypatch.setattr(order_restore, "nexus_status", lambda _web: status)
        monkeypatch.setattr(order_restore, "deployed_image", deployed)
        host = SimpleNamespace(read=lambda _script: note)
        fleet = SimpleNamespace(host=lambda _name: host, web=lambda *_, **__: None)
        path = tmp_path / "lab" / "site.yml"
        path.parent.mkdir()
        text = (root / "inventories/lab/site.yml").read_text()
        path.write_text(f"{text}\nbackup: {{to: /srv/backup}}\n")
        site = load_site(str(path), root=root, environ={})
        assembly = Assembly(site, fleet, Templates(root), lambda _reference: None, "manager")
        monkeypatch.setattr(Assembly, "nexus_web", lambda _self: None)
        return order_restore.prepared(assembly, Wish("", "2026-01-01T000000Z"))

    return made


@pytest.mark.parametrize(
    ("version", "image"),
    [("3.94.0", "moorage/nexus:3.90.0-a"), (None, "moorage/nexus:3.94.0-a"), (None, "x:prod"),
     (None, "")],
)  # fmt: skip
def test_the_same_version_is_only_started_again(steps, version, image):
    ahead, makers = steps(version, image)

    assert list(makers) == ["restore"]
    assert not ahead.with_data


@pytest.mark.parametrize(
    ("version", "image"), [("3.95.0", ""), (None, "moorage/nexus:3.95.0-b"), ("3.90.0", "")]
)
def test_another_one_gives_way_before_it_sees_the_data(steps, version, image):
    ahead, makers = steps(version, image)

    assert list(makers) == ["image", "restore", "stack", "gate"]
    assert ahead.any_stack().version == ""
    assert makers["restore"]()._wish.leave_stopped


def test_half_an_upgrade_goes_back_by_itself(steps):
    note = '{"before": "3.94.0", "to": "3.95.0", "image": "x", "backup": "y"}'

    with pytest.raises(Refused, match="not over"):
        steps("3.95.0", note=note)


def test_a_later_one_is_not_started_by_a_backup_meanwhile(backup, swarm):
    """The restoration was killed before its version was deployed."""
    held(swarm)
    service = swarm.here / "service.json"
    swarm.replicas = "0"
    service.write_text(service.read_text().replace("moorage/nexus:1", "moorage/nexus:3.95.0-b"))

    with pytest.raises(Refused, match="kept stopped") as caught:
        backup("2026-01-01T000000Z")

    assert "fab restore" in caught.value.hint
    assert swarm.replicas == "0"
