"""The volume's options, and the name that changes with them."""

from moorage import documents
from moorage.config.yamlfile import read_yaml


def storage(**volume):
    return {"volume": volume}


def test_options_as_docker_shows_them(site):
    volume = documents.volume(site())
    assert volume.driver_opts == {
        "type": "nfs",
        "o": "addr=10.0.0.10,nfsvers=4.2,hard,rw",
        "device": ":/srv/nexus",
    }


def test_the_name_changes_with_every_option_and_with_nothing_else(site):
    names = [
        documents.volume(found).name
        for found in (
            site(),
            site(storage=storage(type="nfs4")),
            site(storage=storage(server="10.0.0.99")),
            site(storage=storage(options=["nfsvers=4.1", "hard", "rw"])),
            site(storage=storage(device=":/other")),
            site(storage={"export": "/srv/other"}),
        )
    ]
    assert len(set(names)) == len(names)
    assert all(name.startswith("registry-data-") for name in names)
    same = site(storage={"mode": "0700"}, nexus={"uid": 201})
    assert documents.volume(same).name == names[0]


def test_names_of_docker_and_of_the_operator(site):
    docker = documents.volume(site(storage=storage(name=None)))
    assert (docker.name, docker.actual_name) == (None, "registry_data")
    fixed = documents.volume(site(storage=storage(name="mine")))
    assert (fixed.name, fixed.actual_name) == ("mine", "mine")


def test_a_server_with_ipv6_stands_without_brackets(site):
    assert documents.volume(site(storage=storage(server="fd00::1"))).o.startswith("addr=fd00::1,")


def test_the_rendered_stack_has_exactly_these_options(site, render_all):
    found = site(storage=storage(options=["nfsvers=4.2", "rsize=1048576"]))
    rendered = read_yaml(render_all(found)[1]).data["volumes"]["data"]
    volume = documents.volume(found)
    assert rendered == {"name": volume.name, "driver_opts": volume.driver_opts}
