"""A stand-in with hosted, proxy and group, real registries behind it, and an upstream."""

from __future__ import annotations

import time

from registry_client import Registry
from standin_client import DOCKER, Client, find_port, group, hosted, make_nexus, proxy

from lab.nexus_standin.boot import boot
from lab.nexus_standin.docker.process import RegistryProcess, configuration


class Lab:
    """A stand-in with hosted, proxy and group, and the upstream of the proxy."""

    def __init__(self, tmp_path, program: str) -> None:
        content = configuration(tmp_path / "hub", "secret")
        file = tmp_path / "hub.yml"
        self.upstream = RegistryProcess("upstream", program, content, file)
        self.hub = Registry(Client(self.upstream.port()), user=None)
        self.nexus = make_nexus(tmp_path / "data", program)
        self.rest = Client(self.nexus.open())
        boot(self.nexus.store, self.nexus.settings)
        self.nexus.begin()
        with self.nexus.store.change() as draft:
            draft["eula_accepted"] = True
            draft["ssrf_protection"]["enabled"] = False
        self.hosted_body = hosted(httpPort=find_port(), pathEnabled=True)
        self.proxy_body = proxy(remote=f"http://127.0.0.1:{self.hub.client.port}")
        self.group_body = group("docker-private", "docker-hub", httpPort=find_port())
        self.rest_ok("POST", "hosted", self.hosted_body)
        self.rest_ok("POST", "proxy", self.proxy_body)
        self.rest_ok("POST", "group", self.group_body)
        self.hosted = Registry(Client(self.hosted_body["docker"]["httpPort"]))
        self.group = Registry(Client(self.group_body["docker"]["httpPort"]))
        self.proxy = Registry(self.rest, "/repository/docker-hub")

    def rest_ok(self, method, type_, body) -> None:
        one = f"/{body['name']}" if method == "PUT" else ""
        answer = self.rest.call(method, f"{DOCKER}/{type_}{one}", body)
        assert answer.status in {201, 204}, answer.text

    def stop(self) -> None:
        self.nexus.stop()
        self.upstream.stop()


def cached(lab: Lab, content: bytes) -> None:
    """Wait for a layer to be in the proxy's cache: the registry stores it behind the answer."""
    deadline = time.monotonic() + 10
    while lab.group.blob("any/name", content, "HEAD").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
