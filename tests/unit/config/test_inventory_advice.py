"""Advice: what is allowed but unwise, each with its field."""

import re

import pytest

from moorage.config.advice import advice
from moorage.config.inventory import load_site


def fields(site):
    return [entry.field for entry in advice(site)]


@pytest.mark.parametrize(
    "addition,field,word",
    [
        ("nexus: {memory: {heap: 4g, direct: 2g, limit: 6g}}", "nexus.memory.limit", "kill"),
        ("nexus: {environment: {DB_PASSWORD: x}}", "nexus.environment.DB_PASSWORD", "no secrets"),
        ("storage: {export_options: [rw, no_root_squash]}", "storage.export_options", "root"),
        ("storage: {export_options: [rw, async]}", "storage.export_options", "crash"),
        ("storage: {export_options: [rw, insecure]}", "storage.export_options", "any user"),
        ("storage: {clients: [10.0.0.1, 0.0.0.0/0]}", "storage.clients[1]", "everybody"),
        ('storage: {mode: "0755"}', "storage.mode", "others"),
        ("storage: {volume: {type: nfs4, server: nas}}", "storage.volume.type", "invalid argument"),
        ("storage: {volume: {options: [nfsvers=4.2, soft]}}", "storage.volume.options", "loses"),
        ("storage: {volume: {options: [nfsvers=4.2, nolock]}}", "storage.volume.options", "locks"),
        ("storage: {volume: {options: [hard]}}", "storage.volume.options", "nfsvers=4.2"),
        ("storage: {volume: {options: [vers=3]}}", "storage.volume.options", "NFS 4"),
        ("storage: {volume: {nocopy: false}}", "storage.volume.nocopy", "copies"),
        ("ingress: {routing: split}", "ingress.routing", "split-safe"),
        ("ingress: {network: null}", "ingress.network", "network"),
        ('ingress: {version: "1.7"}', "ingress.version", "Docker 29"),
        ("ingress: {tls: null}", "ingress.tls", "clear"),
        ("stack: {placement: null}", "stack.placement", "anywhere"),
        ("stack: {update: null}", "stack.update", "fails"),
        ("stack: {update: {failure_action: rollback}}", "stack.update.failure_action", "migrated"),
        ("stack: {stop_grace_period: null}", "stack.stop_grace_period", "10s"),
        ("stack: {stop_grace_period: 30s}", "stack.stop_grace_period", "30s"),
        ("stack: {healthcheck: null}", "stack.healthcheck", "hangs"),
        ("stack: {healthcheck: {interval: 5s}}", "stack.healthcheck.interval", "requests"),
    ],
)
def test_each_warning_and_only_it(site_of, least, addition, field, word):
    section, _, rest = addition.partition(": ")
    line = rest.removeprefix("{").removesuffix("}")
    before, _, after = least.partition(f"{section}:\n")
    after = re.sub(rf"(?m)\A((  .*\n)*?)  {line.partition(':')[0]}:.*\n", r"\1", after)
    text = f"{before}{section}:\n  {line}\n{after}"
    found = [entry for entry in advice(site_of(text)) if entry.field != "storage"]
    assert [entry.field for entry in found] == [field]
    assert word in found[0].message


def test_where_the_database_is_elsewhere_it_is_not_on_nfs(site_of, least):
    text = least.replace("nexus:\n", "nexus:\n  environment: {NEXUS_DATASTORE_NEXUS_JDBCURL: x}\n")
    assert fields(site_of(text)) == []


def test_a_server_by_address_may_be_nfs4(site_of, least):
    text = least.replace("/srv/nexus", "/srv/nexus\n  volume: {type: nfs4, server: 10.0.0.10}")
    assert fields(site_of(text)) == ["storage"]


def test_the_seed_gets_all_that_it_asks_for(root):
    found = fields(load_site("seed", root=root, environ={}))
    assert {"storage.volume.type", "storage.volume.nocopy", "ingress.routing"} <= set(found)
    assert found.count("storage.volume.options") == 3
