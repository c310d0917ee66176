"""The site of three hosts, what there is to look at, and the proof that a side looked."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.converge.whole.answers import answers, put
from bench.errors import BenchError
from bench.hosts.stage import EXPORT, ROOT, Stage
from bench.nexus.server import Server
from bench.side import Side

WRITABLE = "/service/rest/v1/status/writable"
_LOG_SECONDS = 2
_OWN_IMAGE_LOOK = "image"
_SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: {nfs}}}}}
  managers: {{manager: {{address: {manager}}}}}
  nodes: {{worker: {{address: {worker}}}}}
ssh:
  user: root
  port: {port}
  key: {key}
  config: {ssh_config}
  known_hosts: [{known_hosts}]
nexus:
  version: 3.94.0
  domain: localhost
  image: {{base: "sonatype/nexus3:3.94.0-standin"}}
  memory: {{heap: null, direct: null, limit: 512m}}
registry:
  domain: registry.bench.example
  repositories:
    docker-private: {{type: hosted, port: 8083}}
    docker-all: {{type: group, port: 8082, members: [docker-private]}}
storage: {{export: {export}, clients: [10.0.0.0/8], volume: {{server: 10.77.0.10}}}}
ingress: {{version: "3.7", network: proxy, tls: null, port: {web}}}
stack:
  placement: {{nodes: [worker, manager], failover: true}}
  healthcheck: {{interval: 3s, timeout: 5s, start_period: 5m}}
  update: {{monitor: 5s}}
"""
# the volume's server and the lengths of time are those of the recordings


@dataclass(frozen=True)
class Look:
    """One look at a host's Docker.

    Args:
        name: what is looked at.
        shell: the command, as Moorage itself has it.
        says: what its output must have; empty for nothing.
    """

    name: str
    shell: str
    says: str = ""


@dataclass(frozen=True)
class Whole:
    """The site.

    Args:
        stage: its hosts, with the inventory of this site.
        server: what stands in for Nexus.
        looks: of a peer, by address.
        calls: command lines that each side must have given to ``docker``, with their address.
    """

    stage: Stage
    server: Server
    looks: Mapping[str, tuple[Look, ...]]
    calls: frozenset[str]

    @property
    def url(self) -> str:
        """Where Nexus tells whether it can be written to."""
        return self.server.url + WRITABLE

    def forget(self) -> None:
        """Count what is asked from here."""
        (self.stage.hosts.root / "srv/calls").write_text("")
        self.server.forget()

    def check(self, side: Side) -> None:
        """See that a side asked Docker and Nexus all that it should.

        Raises:
            BenchError: it left something out, or changed something.
        """
        done = set((self.stage.hosts.root / "srv/calls").read_text().splitlines())
        missing = sorted(self.calls - done)
        if missing:
            raise BenchError(f"{side.name} ended well, but never asked: {missing[0]}")
        if "exportfs -s" not in done or "exportfs -ra" in done:
            raise BenchError(f"{side.name} did not leave the exports as they were, or never looked")
        # the log of the stand-in is read by a thread
        deadline = time.monotonic() + _LOG_SECONDS
        while not any(request.path == WRITABLE for request in list(self.server.asked)):
            if time.monotonic() > deadline:
                raise BenchError(f"{side.name} ended well, but never asked Nexus")
            time.sleep(0.01)


def whole(stage: Stage, server: Server) -> Whole:
    """Give three hosts a Docker that is as the inventory asks."""
    nfs, manager, worker = stage.addresses
    inventory = stage.folder / "whole" / "site.yml"
    inventory.parent.mkdir()
    inventory.write_text(_SITE.format(
        nfs=nfs, manager=manager, worker=worker, port=stage.port, key=stage.login.key,
        ssh_config=stage.login.ssh_config, known_hosts=stage.login.known_hosts, export=EXPORT,
        web=server.port,
    ))  # fmt: skip
    told, looks = described(inventory)
    put(stage.hosts.root / "srv", {manager: told["manager"], worker: told["worker"]})
    where = {"manager": manager, "worker": worker}
    return Whole(
        replace(stage, inventory=inventory),
        server,
        {where[name]: found for name, found in looks.items()},
        frozenset(f"docker at {where[name]}: {command}" for name, found in told.items()
                  for command in found if asked_by_all(command)),
    )  # fmt: skip


def asked_by_all(command: str) -> bool:
    """Whether a peer gives it too: its one look at the image is the one that tells everything, and
    nothing is inspected where there is nothing.
    """
    empty = ("volume inspect ", "inspect --format")
    return "{{.Id}}|{{json" not in command and not command.startswith(empty)


def described(inventory: Path) -> tuple[dict[str, dict[str, str]], dict[str, tuple[Look, ...]]]:
    """The answers of Docker, and a peer's looks, for ``manager`` and ``worker``."""
    from moorage import documents
    from moorage.config.inventory import load_site
    from moorage.config.render import Templates
    from moorage.ingress import labels
    from moorage.steps.image.observe import probe
    from moorage.steps.stack.observe import manager_probe, node_probe

    site = load_site(str(inventory), root=ROOT, environ=os.environ)
    dockerfile = documents.dockerfile(site, Templates(ROOT))
    image = documents.image_reference(site, dockerfile)
    digest = documents.dockerfile_digest(dockerfile)
    volume, service = documents.volume(site).actual_name, f"{site.stack.name}_{site.stack.service}"
    asked = (site.stack.name, image, volume)
    says = {
        "swarm": '"LocalNodeState":"active"', "nodes": documents.placement_label(site)[0],
        "networks": f" {site.ingress.network} swarm", "services": image,
    }  # fmt: skip
    placed = {"volumes": volume, "containers": service}
    first = _looks(probe(image), {"image": digest})
    return answers(image, digest, labels(site)), {
        "manager": first + _looks(manager_probe(*asked, (service,)), says),
        "worker": first + _looks(node_probe(*asked), says | placed),
    }


def _looks(probe: Any, says: Mapping[str, str]) -> tuple[Look, ...]:
    """Parts of a probe of Moorage's, each as a command that stands alone."""
    values = {name: value if isinstance(value, str) else "\n".join(value)
              for name, value in probe.variables.items()}  # fmt: skip
    found = []
    for name, text in probe.parts.items():
        # what the stack asks of the image is in what the step image has asked already
        if name == _OWN_IMAGE_LOOK and name not in says:
            continue
        used = [f"{key}={shlex.quote(value)}\n" for key, value in values.items()
                if f"${key}" in text or f"${{{key}}}" in text]  # fmt: skip
        found.append(Look(name, "".join(used) + text, says.get(name, "")))
    return tuple(found)
