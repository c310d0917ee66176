"""A fresh stand-in for every test."""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import tarfile
from collections.abc import Iterator

import pytest
from standin_client import DOCKER, Client, find_port, group, hosted, make_nexus, proxy
from standin_lab import Lab

from lab.cache import Cache
from lab.images.python_layer import python_layer
from lab.nexus_standin.boot import boot
from lab.nexus_standin.nexus import Nexus
from lab.paths import PROJECT, Paths


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[tuple[Nexus, int]]:
    nexus = make_nexus(tmp_path_factory.mktemp("nexus-data"))
    port = nexus.open()
    boot(nexus.store, nexus.settings)
    nexus.begin()
    yield nexus, port
    nexus.stop()


@pytest.fixture
def nexus(running) -> Iterator[Nexus]:
    """A fresh Nexus: the state of the first boot, no Docker repositories."""
    nexus, _ = running
    before = copy.deepcopy(nexus.store.state)
    yield nexus
    with nexus.store.change() as draft:
        draft.clear()
        draft.update(before)
    nexus.plane.follow()


@pytest.fixture
def client(nexus, running) -> Client:
    return Client(running[1])


@pytest.fixture
def play(tmp_path):
    """Start a stand-in of some version on the same data as the last one; gives its client."""
    with contextlib.ExitStack() as ending:

        def start(version, edition="", **settings) -> Client:
            nexus = make_nexus(tmp_path, version=version, edition=edition, **settings)
            ending.callback(nexus.stop)
            port = nexus.open()
            boot(nexus.store, nexus.settings)
            nexus.begin()
            return Client(port)

        yield start


@pytest.fixture
def three(client):
    """Hosted, proxy and group, as a registry has them."""
    assert client.call("POST", f"{DOCKER}/hosted", hosted()).status == 201
    assert client.call("POST", f"{DOCKER}/proxy", proxy()).status == 201
    made = client.call("POST", f"{DOCKER}/group", group("docker-private", "docker-hub"))
    assert (made.status, made.content) == (201, b"")


@pytest.fixture
def free_port() -> int:
    return find_port()


@pytest.fixture(scope="session")
def registry_program(tmp_path_factory) -> str:
    """The docker-registry program: the machine's own, or that of the stand-in's image."""
    program = shutil.which(os.environ.get("MOORAGE_DOCKER_REGISTRY", "docker-registry"))
    if program is not None:
        return program
    cache = Cache(Paths.of(PROJECT).cache)
    with cache.locked(), tarfile.open(python_layer(cache)) as layer:
        content = layer.extractfile("./usr/bin/docker-registry")
        assert content is not None
        path = tmp_path_factory.mktemp("program") / "docker-registry"
        path.write_bytes(content.read())
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def lab(tmp_path, registry_program) -> Iterator[Lab]:
    lab = Lab(tmp_path, registry_program)
    yield lab
    lab.stop()
