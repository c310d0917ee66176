"""Each value of an inventory, changed in turn, is found in one of the three documents.

A new key must be put into CHANGES, with what it makes of the documents, or into NOT_RENDERED.
"""

import re

import pytest

from moorage.config.keys import ANY_NAME, all_keys
from moorage.config.yamlfile import read_yaml

# key: (new value, what is then found in the documents; "not " where it is then gone).
# Of a pair the one that is not there yet is taken, and the documents must differ.
CHANGES = {
    "hosts.nfs.<name>.address": ("nas.example.net", r"addr=nas\.example\.net,"),
    "hosts.nodes.<name>.address": ("10.9.9.2", r"10\.9\.9\.2\(rw"),
    "nexus.version": ("3.99.9", r"FROM \S+:3\.99\.9\n"),
    "nexus.domain": ("changed.example.net", r"Host\W+changed\.example\.net"),
    "nexus.image.name": ("changed/image", r'image: "?changed/image:'),
    "nexus.image.tag": ("changed-tag", r'image: "?\S+:changed-tag"?\n'),
    "nexus.image.base": ("mirror:5000/nexus", r"FROM mirror:5000/nexus:3\.\d"),
    "nexus.memory.heap": ("777m", "-Xms777m -Xmx777m"),
    "nexus.memory.direct": ("778m", "-XX:MaxDirectMemorySize=778m"),
    "nexus.memory.limit": ("9g", 'memory: "?9g'),
    "nexus.environment": ({"TZ": "Europe/Oslo"}, "TZ: Europe/Oslo"),
    "registry.domain": ("changed.example.net", r"Host\W+changed\.example\.net"),
    "registry.repositories.<name>.port": (8099, r"EXPOSE [ \d]*8099(.|\n)*port=8099"),
    "registry.repositories.<name>.https_port": (8443, r"EXPOSE [ \d]*8443"),
    "registry.pull_from": ("docker-private", r"read(\.\w+\.server)?\.port=8083"),
    "registry.push_to": ("other", r"write(\.\w+\.server)?\.port=8085"),
    "storage.export": ("/srv/changed", "\n/srv/changed 10|\n/srv/changed S"),
    "storage.clients": (["10.8.0.0/16", "fd00::1"], r" 10\.8\.0\.0/16\([^)]+\) fd00::1\("),
    "storage.export_options": (["ro", "sync"], r"\(ro,sync\)"),
    "storage.volume.type": (("nfs", "nfs4"), "type: {new}\n"),
    "storage.volume.server": ("10.7.7.7", r"addr=10\.7\.7\.7,"),
    "storage.volume.device": (":/changed", 'device: ":/changed"'),
    "storage.volume.options": (["nfsvers=4.1", "nconnect=4"], r"addr=\S+,nfsvers=4\.1,nconnect=4"),
    "storage.volume.nocopy": ((True, False), "(nocopy: true|- data:/nexus-data)\n"),
    "storage.volume.name": ("changed", "data:\n    name: changed\n"),
    "ingress.version": (("3.7", "1.7"), r"Host:nexus|Host\(`nexus"),
    "ingress.network": ("changed", "networks:\n      - changed\n(.|\n)*  changed:\n    external"),
    "ingress.entrypoints": (["a", "b"], r"entry[pP]oints=a,b"),
    "ingress.routing": (("split-safe", "split"), "Host"),
    "ingress.allow": (["10.9.0.0/16"], r"(sourcerange|sourceRange)=10\.9\.0\.0/16"),
    "ingress.middlewares": ({"nexus": ["auth@file"]}, r"middlewares=auth@file"),
    "ingress.exposed_by_default": ((True, False), "Host"),
    "ingress.tls": (None, "not certresolver|tls=true"),
    "ingress.tls.resolver": ("changed", "certresolver=changed"),
    "ingress.labels": ({"own.label": "with $ and `"}, r"own\.label=with \$\$ and `"),
    "stack.name": ("changed", "changed"),
    "stack.service": ("changed", "services:\n  changed:\n"),
    "stack.compose_version": ("3.9", 'version: "3.9"'),
    "stack.placement": (None, "not node.labels"),
    "stack.healthcheck": (None, "not healthcheck:"),
    "stack.healthcheck.interval": ("41s", "interval: 41s"),
    "stack.healthcheck.timeout": ("42s", "timeout: 42s"),
    "stack.healthcheck.retries": (43, "retries: 43"),
    "stack.healthcheck.start_period": ("44s", "start_period: 44s"),
    "stack.update": (None, "not update_config:"),
    "stack.update.failure_action": ("rollback", "failure_action: rollback"),
    "stack.update.monitor": ("45s", "monitor: 45s"),
    "stack.restart": (None, "not restart_policy:"),
    "stack.restart.condition": ("on-failure", "condition: on-failure"),
    "stack.restart.delay": ("46s", "delay: 46s"),
    "stack.stop_grace_period": ("47s", "stop_grace_period: 47s"),
    "stack.constraints": (["node.role == manager"], r"constraints:\n(.+\n)? +- .?node.role == "),
    "stack.further": ({"logging": {"driver": "journald"}}, r"    logging:\n      driver: journald"),
    "stack.nofile": (70000, "nofile:\n        soft: 70000\n        hard: 70000\n"),
}  # fmt: skip

# What is read by steps and transports, not written into a document.
NOT_RENDERED = {
    "schema", "api",
    *(f"hosts.{role}.<name>.{key}" for role in ("nfs", "managers", "nodes", "clients")
      for key in ("hostname", "user", "port", "key", "sudo", "jump")),
    *(f"ssh.{key}" for key in ("user", "port", "key", "config", "known_hosts", "sudo",
                               "sudo_password", "connect_timeout", "command_timeout")),
    "nexus.image.distribution", "nexus.image.login", "nexus.image.login.user",
    "nexus.image.login.password", "nexus.uid", "nexus.admin_password", "nexus.accept_eula",
    "nexus.anonymous", "nexus.allowed_remotes", "nexus.startup_timeout", "nexus.seed_timeout",
    "nexus.former_admin_password", "nexus.base_url",
    *(key.dotted for key in all_keys() if key.dotted.startswith(
        ("nodes", "private_ca", "backup", "nexus.blob_stores", "nexus.cleanup_policies",
         "nexus.tasks", "nexus.roles", "nexus.users"))),
    *(key.dotted for key in all_keys() if key.dotted.startswith("registry.repositories.<name>.")
      and not key.dotted.endswith("port")),
    "storage.mode", "storage.adopt", "storage.manage_export", "storage.floor",
    "ingress.kind", "ingress.tls.ca", "ingress.port", "ingress.address",
    # for a proxy of one's own, instead of Traefik: tests/unit/ingress
    *(f"ingress.published.{key}" for key in ("mode", "nexus", "pull", "push")),
    # with a routing of their own: tests/unit/ingress
    "ingress.namespaces", "registry.push_domain",
    # handed to Traefik, not to the stack
    "ingress.tls.certificate", "ingress.tls.key", "ingress.tls.service", "ingress.tls.directory",
    # in the export file where Nexus may run there
    "hosts.managers.<name>.address",
    "hosts.clients.<name>.address", "stack.placement.nodes", "stack.placement.failover",
    "stack.converge_timeout",
    "stack.update.order",  # there is one value only
}  # fmt: skip

# The seed's Traefik 1 has TLS at its entry points, and no middlewares.
NOT_ON_TRAEFIK_1 = {"ingress.tls", "ingress.tls.resolver", "ingress.middlewares"}


def groups():
    """Keys that only hold other keys, and are never null."""
    parents = {".".join(key.steps[:-1]) for key in all_keys()}
    parents |= {parent.removesuffix(f".{ANY_NAME}") for parent in parents}
    return {key.dotted for key in all_keys() if key.dotted in parents} - CHANGES.keys()


def test_every_key_is_accounted_for():
    keys = {key.dotted for key in all_keys()} - groups()
    assert keys == (CHANGES.keys() | NOT_RENDERED) - groups()
    assert not CHANGES.keys() & NOT_RENDERED


def put(data, dotted, value):
    """Set a value in plain data, for the first name where the key is below one."""
    *above, last = dotted.split(".")
    for step in above:
        key = next(iter(data)) if step == ANY_NAME else step
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
    key = next(iter(data)) if last == ANY_NAME else last
    if isinstance(value, tuple):
        first, second = value
        value = first if data.get(key) == second else second
    data[key] = value
    return value


CASES = [("example", key) for key in CHANGES] + [
    ("seed", key) for key in CHANGES if key not in NOT_ON_TRAEFIK_1
]


@pytest.mark.parametrize("inventory,key", CASES)
def test_changed_it_shows(inventory, key, data_of, site_from_data, render_all):
    data = data_of(inventory)
    data["registry"]["repositories"]["other"] = {"type": "hosted", "port": 8085}
    data["registry"]["push_to"] = "docker-private"
    data["registry"].setdefault("pull_from", "docker-all")
    # the CA's own contradictions with ingress.tls are told elsewhere
    data.pop("private_ca", None)
    data["hosts"].setdefault("nodes", {"worker": {"address": "10.1.1.1"}})
    before = "".join(render_all(site_from_data(data)))
    value, pattern = CHANGES[key]
    current = put(data, key, value)
    after = "".join(render_all(site_from_data(data)))
    pattern = pattern.replace("{new}", str(current))
    if pattern.startswith("not "):
        assert not re.search(pattern.removeprefix("not "), after)
        assert inventory == "seed" or re.search(pattern.removeprefix("not "), before)
    else:
        assert re.search(pattern, after), after
        assert isinstance(value, tuple) or not re.search(pattern, before), before
        assert before != after


def test_every_document_is_plain_yaml_or_text_for_each_flavour(site, render_all):
    for version in ("1.7", "2.11", "3.1", "3.7"):
        stack = render_all(site(ingress={"version": version}))[1]
        assert read_yaml(stack).mistakes == []
