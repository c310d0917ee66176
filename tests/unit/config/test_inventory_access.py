"""What an inventory says of nodes, clients and its private CA: contradictions and advice."""

from __future__ import annotations

import pytest

from moorage.config.advice import advice

USERS = """  users:
    ci: {password: "env:CI", roles: [docker-push]}
    reader: {password: "env:READER", roles: [docker-pull]}
    gone: {password: "env:GONE", roles: [docker-pull], status: disabled}
    team: {password: "env:TEAM", roles: [readers]}
    other: {password: "env:OTHER", roles: [writers]}
  roles:
    readers: {pull: [docker-all]}
    writers: {push: [docker-private]}
"""


@pytest.fixture
def text(least):
    """The least inventory with some users, and more at its end."""

    def make(more, anonymous=False):
        users = USERS + (f"  anonymous: {str(anonymous).lower()}\n")
        return least.replace("registry:\n", f"{users}registry:\n", 1) + more

    return make


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("nodes: {hosts_file: registry}", '"registry" is not an IP address'),
        ("nodes: {login: redaer}", '"redaer" is none of nexus.users (did you mean reader?)'),
        ("nodes: {login: gone}", 'nodes.login: "gone" may not log in'),
        ("nodes: {mirror: docker-hbu}", "is not a repository here (did you mean docker-hub?)"),
        ("nodes: {mirror: docker-all}", 'nodes.mirror: "docker-all" is no proxy'),
        ("nodes: {mirror: docker-hub}", "this needs nexus.anonymous: true"),
        ('nodes: {mirror: "https://me:pw@x"}', "nodes.mirror: "),
        ('nodes: {package_proxy: "http://me:pw@x:3128"}', "nodes.package_proxy: "),
        ("nodes: {nfs_cleint: true}", "(did you mean nfs_client?)"),
        ("private_ca: {passphrase: env:CA}", "private_ca: say in ingress.tls.ca"),
        ("private_ca: {passphrase: hunter2}", "a secret's value does not belong in an inventory"),
        ("private_ca: {passphrase: env:CA, days: 826}", "private_ca.days: 826 is out of range"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_field(problems_of, text, more, problem):
    _, report = problems_of(text(f"{more}\n"))

    assert problem in report


def test_a_mirror_of_another_registry_is_refused(problems_of, text):
    more = text("nodes: {mirror: quay}\n", anonymous=True).replace(
        "registry:\n",
        "registry:\n  repositories: {quay: {type: proxy, remote: quay},"
        " own: {type: hosted, port: 8083}, all: {type: group, port: 8082, members: [own]}}\n",
        1,
    )

    assert "is no proxy of Docker Hub" in problems_of(more)[1]


@pytest.mark.parametrize(
    "more",
    ["nodes: {mirror: docker-hub}", "nodes: {mirror: 'http://10.0.0.3:5000'}",
     "nodes: {login: null, hosts_file: 'fd00::1'}"],
)  # fmt: skip
def test_what_works_is_taken(site_of, text, more):
    assert site_of(text(f"{more}\n", anonymous=True)).nodes


def test_a_private_ca_and_a_resolver_are_one_too_many(problems_of, least):
    tls = '  version: "3.7"\n  tls: {ca: ca.crt, resolver: le}\n'
    text = least.replace('  version: "3.7"\n', tls) + "private_ca: {passphrase: env:CA}\n"

    assert "one or other" in problems_of(text)[1]


def test_clients_are_hosts_with_docker_outside_the_swarm(site_of, least):
    text = least.replace("  managers:", "  clients:\n    ci: {address: 10.0.0.21}\n  managers:")
    site = site_of(text)

    assert site.named_hosts()["ci"][0] == "client"
    assert list(site.docker_hosts()) == ["swarm1", "ci"]
    assert site.export_clients() == ["10.0.0.11"]
    assert site.eligible_nodes() == ["swarm1"]


@pytest.mark.parametrize(
    ("login", "anonymous", "words"),
    [
        ("reader", False, None),
        ("team", False, None),
        ("ci", False, "docker-push"),
        ("other", False, "writers"),
        ("reader", True, "lets everybody pull"),
    ],
)
def test_a_login_that_may_more_than_pull_is_warned_of(site_of, text, login, anonymous, words):
    site = site_of(text(f"nodes: {{login: {login}}}\n", anonymous=anonymous))

    found = [entry.message for entry in advice(site) if entry.field == "nodes.login"]
    assert len(found) == (1 if words else 0)
    assert all(words in message for message in found)
