"""Everything that was read, made into one inventory; pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from moorage import documents
from moorage.config.render import Templates
from moorage.config.schema.nexus import HTTP_PORT
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.ingress import labels
from moorage.steps.stack.composed import stack_fields
from moorage.takeover import ingress
from moorage.takeover.exports import take_exports
from moorage.takeover.found import Found, front_of
from moorage.takeover.hosts import take_hosts
from moorage.takeover.ingress import Front
from moorage.takeover.nexus import take_nexus
from moorage.takeover.ports import published_ports
from moorage.takeover.repositories import take_repositories
from moorage.takeover.service import take_image, take_memory, take_stack
from moorage.takeover.storage import mounted, take_storage
from moorage.takeover.taken import Taken
from moorage.takeover.valid import valid


def take(found: Found, templates: Templates, path: Path) -> tuple[Site, Taken]:
    """The site as its inventory would have it, and what that inventory says.

    Raises:
        Refused: something that an inventory must say is not told anywhere.
    """
    taken = Taken()
    taken.put("schema", 1)
    take_hosts(taken, found.machines, found.ssh)
    service = found.service.removeprefix(f"{found.stack}_")
    taken.lay("stack", {"name": found.stack, "service": service})
    data = mounted(found.fields, found.nodes)
    nfs_host = next(machine for machine in found.machines if machine.role == "nfs")
    take_storage(taken, data, found.nfs, nfs_address=nfs_host.at.address, stack=found.stack,
                 export=found.export)  # fmt: skip
    own_file = f"/etc/exports.d/moorage-{found.stack}.exports"
    take_exports(taken, found.nfs, own_file=own_file, addresses=found.addresses)
    take_repositories(taken, found.nexus.repositories)
    front = front_of(found)
    _front(taken, found, front)
    for key, value in found.said.items():
        taken.put(key, value)
    _names(taken, front)
    take_nexus(taken, found.nexus, _address(taken))
    _uid(taken, found)
    take_memory(taken, found.fields)
    _service(taken, found, service, front, templates)
    _networks(taken, found, front)
    _image(taken, found, templates, path)
    _labels(taken, front, path)
    _volume_name(taken, path)
    for line in found.silent:
        taken.leave(line)
    for name in found.swarm.services:
        if name != found.service:
            taken.leave(f"the service {name} of the stack: left as it is")
    return valid(taken, path), taken


def _front(taken: Taken, found: Found, front: Front) -> None:
    if front.routing.routers:
        ingress.take_front(taken, front)
        if not found.secure:
            taken.put("ingress.tls", value=None)
        _pull_and_push(taken, found, front)
        return
    numbers = {port.target: port.port for port in published_ports(found.fields)}
    modes = {port.mode for port in published_ports(found.fields) if port.target in numbers}
    if HTTP_PORT not in numbers:
        raise Refused(
            f"{found.service} has no labels of Traefik and publishes no port {HTTP_PORT}: nothing "
            "leads to it", hint="put something in front of it first: docs/ingress.md",
        )  # fmt: skip
    hosted = [port for port in numbers if port in front.hosted]
    others = [port for port in numbers if port in front.others]
    push = (hosted or others or [0])[0]
    ingress.take_ports(taken, numbers, "host" if modes == {"host"} else "ingress",
                       (others or hosted or [0])[0], push)  # fmt: skip
    taken.put("ingress.tls", {} if found.secure else None)


def _pull_and_push(taken: Taken, found: Found, front: Front) -> None:
    """Which repositories the routers lead to, where that does not follow by itself."""
    by_port = {
        (body.get("docker") or {}).get("httpPort"): name
        for name, body in found.nexus.repositories.items()
        if body.get("format") == "docker"
    }
    push = [by_port[router.port] for router in front.registry if router.port in front.hosted]
    pull = [by_port[router.port] for router in front.registry if router.port in front.others]
    if not front.registry or taken.data["ingress"]["routing"] == "path":
        return
    kinds = {name: body["type"] for name, body in found.nexus.repositories.items()}
    groups = [name for port, name in by_port.items() if port and kinds[name] == "group"]
    reads = (pull or push)[0]
    if groups != [reads]:
        taken.put("registry.pull_from", reads)
    hosted = [name for port, name in by_port.items() if port and kinds[name] == "hosted"]
    if push and hosted != push[:1]:
        taken.put("registry.push_to", push[0])


def _names(taken: Taken, front: Front) -> None:
    """The public names, where the command line did not say them.

    Raises:
        Refused: nothing tells one.
    """
    pages, registry = ingress.names_of(front)
    for key, told, flag in (
        ("nexus.domain", pages, "--nexus-domain"),
        ("registry.domain", registry or pages, "--registry-domain"),
    ):
        part, _, last = key.partition(".")
        if last in taken.data.get(part, {}):
            continue
        if told is None:
            raise Refused(f"nothing tells {key}", hint=f"say it by {flag}")
        taken.put(key, told)


def _address(taken: Taken) -> str:
    front = taken.data["ingress"]
    secure = front.get("tls") is not None
    usual = 443 if secure else 80
    port = front.get("port", 443)
    scheme = "https" if secure else "http"
    return f"{scheme}://{taken.data['nexus']['domain']}{'' if port == usual else f':{port}'}"


def _uid(taken: Taken, found: Found) -> None:
    """Who owns the directory; else as whom the process runs, where that is a number."""
    there = found.nfs.directories.get(taken.data["storage"]["export"])
    users = [found.fields["user"], *(node.user for node in found.nodes.values())]
    number = next((int(user) for user in users if user.isdigit() and int(user)), 200)
    uid = there.uid if there and there.uid else number
    if uid != 200:  # noqa: PLR2004
        taken.put("nexus.uid", uid)


def _service(taken: Taken, found: Found, service: str, front: Front, templates: Templates) -> None:
    key, value = f"moorage.{found.stack}", service
    ours = f"node.labels.{key} == {value}"
    take_stack(taken, found.fields, service, ours, _status_test(templates))
    labelled = {node.id for node in found.swarm.nodes if node.labels.get(key) == value}
    runs = [node.id for node in found.nodes.values() if found.service in node.runs]
    names = [machine.name for machine in sorted(
        found.machines, key=lambda machine: machine.node not in runs)
        if machine.node in labelled]  # fmt: skip
    if ours in found.fields["constraints"] and names:
        taken.put("stack.placement", {"nodes": names, "failover": len(names) > 1})
    kept = [port.entry() for port in published_ports(found.fields)
            if front.routing.routers or port.target not in _own_ports(front)]  # fmt: skip
    if kept:
        taken.put("stack.further", {**taken.data["stack"].get("further", {}), "ports": kept})


def _own_ports(front: Front) -> set[int]:
    return {HTTP_PORT, *front.hosted, *front.others}


def _networks(taken: Taken, found: Found, front: Front) -> None:
    """Those that are neither Traefik's nor what Docker gives a service without any."""
    own = taken.data["ingress"].get("network") if front.routing.routers else None
    names = [name for name in found.fields["networks"] if name != own]
    if own is None and names == [f"{found.stack}_default"]:
        return
    further = taken.data["stack"].get("further", {})
    if names and "networks" not in further:
        taken.put("stack.further", {**further, "networks": names})


def _image(taken: Taken, found: Found, templates: Templates, path: Path) -> None:
    site = valid(taken, path, quietly=True)
    expected = documents.dockerfile_digest(documents.dockerfile(site, templates))
    mark = next((node.dockerfile for node in found.nodes.values() if node.dockerfile), "")
    take_image(taken, found.fields["image"], mark, expected)


def _labels(taken: Taken, front: Front, path: Path) -> None:
    site = valid(taken, path, quietly=True)
    said = dict(text.split("=", 1) for text in labels(site))
    further = (ingress.further_labels(taken, front, said) if front.routing.routers
               else dict(front.labels))  # fmt: skip
    if further:
        taken.put("ingress.labels", further)
    for key in further:
        if "basicauth.users" in key.lower() or "digestauth.users" in key.lower():
            taken.say("ingress.labels", f"{key.rpartition('.')[0]} has hashes of passwords.")


def _volume_name(taken: Taken, path: Path) -> None:
    """A name that says nothing but what Moorage would call the volume by itself is left to it."""
    volume = taken.data["storage"].get("volume", {})
    if volume.get("name"):
        with_auto = Taken({**taken.data, "storage": {
            **taken.data["storage"], "volume": {**volume, "name": "auto"}}})  # fmt: skip
        if documents.volume(valid(with_auto, path, quietly=True)).name == volume["name"]:
            del volume["name"]


def _status_test(templates: Templates) -> Any:
    """The health check that the template makes."""
    least = Site.model_validate({
        "schema": 1, "hosts": {"nfs": {"a": {"address": "a"}}, "managers": {"b": {"address": "b"}}},
        "nexus": {"version": "3.94.0", "domain": "a.b"}, "registry": {"domain": "b.b"},
        "storage": {"export": "/srv/a"}, "ingress": {"version": "3.7"},
    })  # fmt: skip
    compose = YAML(typ="safe", pure=True).load(documents.stack(least, templates, "a:b"))
    [fields] = stack_fields(compose, "registry").values()
    return fields["healthcheck"]
