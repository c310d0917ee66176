"""An inventory's site as it would run: what its hosts and Nexus tell."""

from __future__ import annotations

import dataclasses

from ruamel.yaml import YAML

from moorage import documents
from moorage.ingress.model import network
from moorage.steps.nexus.api import NexusObserved, version_of
from moorage.steps.nexus.people import role_body
from moorage.steps.nexus.repositories import wanted_body
from moorage.steps.stack.composed import stack_fields
from moorage.takeover.addresses import SshAddress
from moorage.takeover.found import Found
from moorage.takeover.hosts import Machine
from moorage.takeover.seen import Directory, Nfs, OnNode, Swarm, SwarmNode
from moorage.values import Secret


def fields_of(site, templates, image=None):
    """What Swarm runs for a site."""
    if site.ingress.version == "auto":
        site = site.with_traefik("3.7")
    image = image or documents.image_reference(site, documents.dockerfile(site, templates))
    compose = YAML(typ="safe", pure=True).load(documents.stack(site, templates, image))
    return stack_fields(compose, site.stack.name)[f"{site.stack.name}_{site.stack.service}"]


def machines_of(site):
    found = []
    for name, (role, host) in site.named_hosts().items():
        if role == "client":
            continue
        kind = {"manager": "managers", "node": "nodes", "nfs": "nfs"}[role]
        user, port = host.user or site.ssh.user, host.port or site.ssh.port
        at = SshAddress(host.address, user, port)
        node = "" if role == "nfs" else f"id-{name}"
        found.append(Machine(name, kind, at, site.swarm_hostname(name) if node else "", node))
    return found


def nexus_of(site, **changes):
    """What the REST API tells; secrets are never told."""
    repositories = {}
    for name, repository in site.docker_repositories().items():
        body = wanted_body(name, repository, Secret)
        repositories[name] = {**_told(body), "format": "docker", "type": repository.type,
                              "url": f"https://{site.nexus.domain}/repository/{name}"}  # fmt: skip
    address = "https" if site.ingress.tls else "http"
    address = f"{address}://{site.with_port(site.nexus.domain)}"
    seen = NexusObserved(
        version=version_of(site.nexus.version), login="configured", edition="PRO",
        anonymous={"enabled": site.nexus.anonymous, "userId": "anonymous"},
        realms=("NexusAuthenticatingRealm", "DockerToken"), repositories=repositories,
        capabilities=({"type": "baseurl", "enabled": True, "id": "1",
                       "properties": {"url": address}},) if site.nexus.base_url else (),
        blob_stores={"default": {"name": "default", "type": "File", "path": "default"},
                     "images": {"name": "images", "type": "File", "path": "images"},
                     "cold": {"name": "cold", "type": "S3"}},
        cleanup_policies={}, tasks=(),
        users={"admin": {"userId": "admin", "roles": ["nx-admin"], "status": "active"},
               "ci": {"userId": "ci", "roles": ["docker-push"], "status": "active"}},
        roles={name: {**role_body(name, role), "name": name, "source": "default"}
               for name, role in site.nexus.roles.items()},
    )  # fmt: skip
    return dataclasses.replace(seen, **changes)


def _told(value):
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items() if not isinstance(item, Secret)}
    return value


def found_of(site, templates, **changes):
    """Everything that the hosts of a running site would tell."""
    key, value = documents.placement_label(site)
    eligible = site.eligible_nodes() if site.stack.placement else []
    swarm_machines = [machine for machine in machines_of(site) if machine.node]
    text = documents.dockerfile(site, templates)
    name = f"{site.stack.name}_{site.stack.service}"
    volume = documents.volume(site)
    mark = documents.dockerfile_digest(text) if site.nexus.image.distribution != "given" else ""
    nodes = {
        machine.node: OnNode(machine.node, {volume.actual_name: volume.driver_opts},
                             frozenset({name}) if machine.name in eligible[:1] else frozenset(),
                             mark if machine.name in (eligible or [machine.name])[:1] else "")
        for machine in swarm_machines
    }  # fmt: skip
    swarm = Swarm(
        me=next(iter(nodes.values())),
        nodes=tuple(SwarmNode(one.node, one.hostname, one.at.address, one.role == "managers",
                              {key: value} if one.name in eligible else {})
                    for one in swarm_machines),
        networks=frozenset({network(site) or "ingress"}),
        services={name: fields_of(site, templates)},
    )  # fmt: skip
    path, owner = site.storage.export, site.nexus.uid
    entries = ("blobs", "db") if not site.storage.adopt else ("other",)
    nfs = Nfs(
        hostname=site.nfs_name,
        files={documents.exports_path(site): documents.exports(site, templates)},
        exported="",
        directories={path: Directory(path, path, "directory", owner, owner,
                                     site.storage.mode.zfill(4), entries)},
    )  # fmt: skip
    given = {
        "stack": site.stack.name, "machines": machines_of(site), "swarm": swarm, "nodes": nodes,
        "nfs": nfs, "service": name, "nexus": nexus_of(site),
        "secure": site.ingress.tls is not None,
        "traefik": site.ingress.version if site.ingress.version not in ("auto", "") else "",
        "said": {"nexus.domain": site.nexus.domain, "registry.domain": site.registry.domain}
        if site.ingress.kind == "ports" else {},
    }  # fmt: skip
    return Found(**{**given, **changes})


def service_with(found, labels=None, **fields):
    """The same site with a service that was written by hand."""
    kept = {key: value for key, value in found.fields.items()
            if labels is None or not key.startswith("label ")}  # fmt: skip
    told = {f"label {key}": value for key, value in (labels or {}).items()}
    services = {found.service: {**kept, **told, **fields}}
    return dataclasses.replace(found, swarm=dataclasses.replace(found.swarm, services=services))
