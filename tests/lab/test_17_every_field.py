"""Every single field that Moorage manages, changed by hand, is found, shown and mended."""

from __future__ import annotations

import json
import os
import shlex

import pytest
from fields_by_hand import (
    CLIENT,
    NOT_BY_UPDATE,
    NOT_IN_NEXUS,
    REPOSITORIES,
    SERVICE,
    VOLUME,
    WITH_THE_MOUNT,
)
from test_7_plan_and_drift import asked, body_of, planned

from moorage.config.inventory import load_site
from moorage.steps.nexus.fields import flat
from moorage.steps.nexus.repositories import wanted_body
from moorage.steps.stack.running import service_fields

pytestmark = [pytest.mark.lab, pytest.mark.long]

_MADE = "secret rm by-hand; docker config rm by-hand; docker network rm by-hand"


def _differences(plan):
    """What a plan shows, as (step, subject, field) with before and after."""
    return {
        (step["step"], change["subject"], found["field"]): (found["before"], found["after"])
        for step in plan["steps"]
        for change in step["changes"]
        for found in change["differences"]
    }


def _inspected(lab):
    """The service's fields as they are now."""
    (service,) = json.loads(lab.run("manager", "docker service inspect registry_nexus"))
    listed = lab.run("manager", "docker network ls --no-trunc --format '{{.ID}} {{.Name}}'")
    return service_fields(service, dict(line.split() for line in listed.splitlines()))


def _break_nexus(lab):
    for path, leaves in REPOSITORIES.items():
        body = body_of(lab, path)
        for leaf, value in leaves.items():
            *blocks, last = leaf.split(".")
            inner = body
            for block in blocks:
                inner = inner[block]
            inner[last] = value
        asked(lab, "PUT", f"repositories/docker/{path}", body)


def _break_service(lab, fields):
    lab.run("manager", "echo x | docker secret create by-hand - && echo x | docker config create "
            "by-hand - && docker network create -d overlay by-hand")  # fmt: skip
    own = [name.removeprefix("label ") for name in fields if name.startswith("label ")]
    words = ["docker service update -d -q", *SERVICE.values()]
    words += [f"--label-add {shlex.quote(label)}=by-hand" for label in own]
    lab.run("manager", " ".join([*words, "registry_nexus"]))


def _break_hosts(lab):
    name = lab.run("worker", "docker volume ls -q --filter "
                   "label=com.docker.stack.namespace=registry | head -n 1").strip()  # fmt: skip
    options = " ".join(f"-o {key}={value}" for key, value in VOLUME.items())
    lab.run("manager", "docker node update --label-rm moorage.registry manager && "
            f"docker volume rm {name}; docker volume create -d local {options} {name}")  # fmt: skip
    flipped = ",".join(CLIENT.values())
    # exportfs puts back what files say of other clients, but not by -u
    lab.run("nfs", "exportfs -o rw,no_subtree_check 10.77.0.99:/srv/nexus && "
            "exportfs -u 10.77.0.12:/srv/nexus && "
            f"exportfs -o {flipped} 10.77.0.12:/srv/nexus && exportfs -u 10.77.0.11:/srv/nexus && "
            "echo '# by hand' >>/etc/exports.d/moorage-registry.exports && "
            "chown 12:12 /srv/nexus && chmod 0777 /srv/nexus && "
            "systemctl disable -q nfs-server")  # fmt: skip


@pytest.fixture(scope="module")
def fields(lab, fab, site_up):
    """The service's fields before; Nexus is on the worker, the manager's volume is idle."""
    lab.run("manager", "docker node update --label-rm moorage.registry manager")
    lab.run("manager", "docker service update -q --force registry_nexus")
    assert fab("up").code == 0
    return _inspected(lab)


@pytest.fixture(scope="module")
def nexus(lab, fab, fields):
    """What is shown of Nexus, all its fields changed."""
    _break_nexus(lab)
    return _differences(planned(fab, "--step", "nexus", code=2))


@pytest.fixture(scope="module")
def hosts(lab, fab, fields, nexus):
    """What is shown of the hosts and the stack, all their fields changed."""
    _break_hosts(lab)
    _break_service(lab, fields)
    return _differences(planned(fab, "--step", "nfs,stack", code=2))


@pytest.fixture(scope="module")
def mended(lab, fab, hosts):
    """What is left after one run."""
    ran = fab("up")
    assert ran.code == 0, ran.text
    lab.run("manager", f"docker {_MADE}")
    return planned(fab, code=0)


@pytest.mark.parametrize("field", [*SERVICE, *sorted(WITH_THE_MOUNT)])
def test_a_field_of_the_service(hosts, field):
    assert ("stack", "service registry_nexus", field) in hosts


def test_each_label_of_the_service(hosts, fields):
    own = {name for name in fields if name.startswith("label ")}
    assert own
    for name in own:
        assert hosts["stack", "service registry_nexus", name][0] == "by-hand"


def test_no_field_of_the_service_is_left_out(fields):
    known = {*SERVICE, *WITH_THE_MOUNT, *NOT_BY_UPDATE}
    assert {name for name in fields if not name.startswith("label ")} <= known


@pytest.mark.parametrize("option", VOLUME)
def test_an_option_of_the_volume_on_a_node(hosts, option):
    (found,) = [key for key in hosts if key[1].startswith("volume ") and key[2] == option]
    assert hosts[found][0] == VOLUME[option]


@pytest.mark.parametrize("option", CLIENT)
def test_an_option_of_the_export(hosts, option):
    before, after = hosts["nfs", "export /srv/nexus", "10.77.0.12"]
    assert CLIENT[option] in before.split(",")
    assert option in after.split(",")


@pytest.mark.parametrize(
    ("subject", "field"),
    [
        ("export /srv/nexus", "10.77.0.11"),
        ("export /srv/nexus", "10.77.0.99"),
        ("directory /srv/nexus", "owner"),
        ("directory /srv/nexus", "mode"),
        ("service nfs-server", "at boot"),
    ],
)
def test_a_field_of_the_nfs_host(hosts, subject, field):
    assert ("nfs", subject, field) in hosts


def test_the_label_of_a_node(hosts):
    assert ("stack", "node manager", "label moorage.registry") in hosts


@pytest.mark.parametrize(
    ("path", "leaf"), [(path, leaf) for path, leaves in REPOSITORIES.items() for leaf in leaves]
)
def test_a_field_of_a_repository(nexus, path, leaf):
    name = path.partition("/")[2]
    before, _ = nexus["nexus", f"repository {name}", leaf]
    assert before == REPOSITORIES[path][leaf]


def test_no_field_of_a_repository_is_left_out(root):
    site = load_site("lab", root=root, environ=os.environ)
    for name, repository in site.registry.repositories.items():
        leaves = set(flat(wanted_body(name, repository, lambda _: None)))
        assert leaves - set(NOT_IN_NEXUS) == set(REPOSITORIES[f"{repository.type}/{name}"])


def test_one_run_mends_them_all(mended, fields, lab):
    assert (mended["changes"], mended["drift"]) == (0, False)
    now = _inspected(lab)
    assert now == fields
    assert lab.run("nfs", "stat -c '%u:%g %a' /srv/nexus").strip() == "200:200 750"
    assert "by hand" not in lab.run("nfs", "cat /etc/exports.d/moorage-registry.exports")
    kernel = lab.run("nfs", "exportfs -s")
    assert "10.77.0.99" not in kernel
    for path, leaves in REPOSITORIES.items():
        seen = flat(asked(lab, "GET", f"repositories/docker/{path}"))
        assert not [leaf for leaf, value in leaves.items() if seen.get(leaf) == value]
