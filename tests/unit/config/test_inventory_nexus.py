"""What an inventory says of Nexus: mistakes in plain words, contradictions before any host."""

import pytest

from moorage.config.schema.floors import repository_needs
from moorage.config.schema.proxy import READY_MADE
from moorage.config.schema.registry import Proxy

MISTAKES = [
    ("own: {type: proxy, remote: registry-1.docker.io}",
     ('remote: "registry-1.docker.io" is neither an address, https://…, nor one of the registries '
      "known by name")),
    ("own: {type: proxy, remote: dockerhub}", "(did you mean docker-hub?)"),
    ('own: {type: proxy, remote: "ftp://x"}', 'remote: "ftp://x" is not the address of a registry'),
    ('own: {type: proxy, remote: "https://me:pw@x"}',
     "remote: a user and password do not belong into an address"),
    ("own: {type: proxy, remote: quay, index: custom}",
     "own.index_url: an index of its own needs index: custom and index_url"),
    ('own: {type: proxy, remote: quay, index_url: "https://x"}',
     "own.index_url: an index of its own needs index: custom and index_url"),
    ('own: {type: proxy, remote: "http://x", http: {use_trust_store: true}}',
     "own.http.use_trust_store: the trust store is for https:// only"),
    ("own: {type: proxy, remote: quay, http: {retries: 11}}",
     "own.http.retries: 11 is out of range: at most 10"),
    ("own: {type: proxy, remote: quay, http: {retrys: 1}}", "(did you mean retries?)"),
    ("own: {type: proxy, remote: quay, login: {user: me}}",
     'own.login: the key "type" is missing: username, ntlm, bearer or none'),
    ("own: {type: proxy, remote: quay, login: {type: basic, user: me}}",
     'own.login.type: "basic" is none of "username", "ntlm", "bearer", "none"'),
    ("own: {type: proxy, remote: quay, login: {type: username, user: me, password: hunter2}}",
     "own.login.password: a secret's value does not belong in an inventory"),
    ("own: {type: proxy, remote: quay, login: {type: username, user: me}}",
     "own.login.password: this key is missing"),
    ("own: {type: hosted, redeploy_latest: true}",
     "own.redeploy_latest: this is for write_policy: allow_once"),
    ("own: {type: hosted}, all: {type: group, members: [own, own]}",
     'all.members[1]: "own" is a member already'),
    ("own: {type: hosted}, all: {type: group, members: [own], writable_member: onw}",
     'all.writable_member: "onw" is no member (did you mean own?)'),
    ("own: {type: hosted, port: 5, https_port: 5}",
     "own.https_port: 5 is already the port of own"),
    ("own: {type: hosted}, all: {type: group, members: [onw]}",
     'all.members[0]: "onw" is not a repository here (did you mean own?)'),
    ("a: {type: group, members: [b]}, b: {type: group, members: [a]}",
     'a.members[0]: "b" makes a circle of groups'),
]  # fmt: skip

NEXUS = [
    ("blob_stores: {x: {type: file}}", "nexus.blob_stores.x.path: this key is missing"),
    ("blob_stores: {x: {path: y}}",
     'nexus.blob_stores.x: the key "type" is missing: file or s3'),
    ("blob_stores: {x: {type: s3, bucket: b, access_key_id: ID}}",
     "nexus.blob_stores.x.access_key_id: an access key is access_key_id and secret_access_key"),
    ("blob_stores: {x: {type: file, path: y, quota: {type: free, limit: 1g}}}",
     'nexus.blob_stores.x.quota.type: "free" is not "remaining" or "used"'),
    ("blob_stores: {x: {type: file, path: y}, z: {type: file, path: y}}",
     'nexus.blob_stores.z.path: "y" is the path of x already'),
    ("cleanup_policies: {x: {notes: all}}",
     "nexus.cleanup_policies.x: a policy without a criterion takes everything away"),
    ("cleanup_policies: {x: {last_downloaded: 0}}", "0 is out of range: at least 1"),
    ("cleanup_policies: {x: {last_downloaded: 1, sort_by: date}}",
     "nexus.cleanup_policies.x.sort_by: this goes with retain"),
    ("tasks: {x: {type: compact}}",
     'x.type: "compact" is none of "docker-gc", "docker-uploads", "compact-blob-store"'),
    ("tasks: {x: {type: docker-uploads, age: 90m}}", 'age: "90m" is not whole hours such as 24h'),
    ("tasks: {x: {type: docker-uploads, schedule: daily}}",
     'schedule: "daily" is not manual, nor a map such as {daily: "03:00"}'),
    ('tasks: {x: {type: docker-uploads, schedule: {daily: "3:00"}}}',
     'schedule.daily: "3:00" is not a time of day such as "03:00"'),
    ('tasks: {x: {type: docker-uploads, schedule: {daily: "03:00", hourly: 1}}}',
     "schedule: one schedule is enough, there are hourly and daily"),
    ('tasks: {x: {type: docker-uploads, schedule: {cron: "0 3 * * *"}}}',
     'schedule.cron: "0 3 * * *" has not the 6 or 7 words of a cron expression'),
    ('tasks: {x: {type: docker-uploads, schedule: {cron: "0 0 3 * * *"}}}',
     "needs ? for one of day of month and day of week"),
    ('tasks: {x: {type: docker-uploads, schedule: {monthly: {day: 32, at: "03:00"}}}}',
     "schedule.monthly.day: a day of the month is a number from 1 to 31, or last"),
    ("tasks: {x: {type: docker-gc, repository: docker-privat}}",
     'repository: "docker-privat" is not a repository here (did you mean docker-private?)'),
    ("tasks: {x: {type: docker-gc, repository: docker-all}}",
     'repository: "docker-all" is a group, which keeps nothing itself'),
    ("roles: {x: {pull: docker-al}}",
     'nexus.roles.x.pull[0]: "docker-al" is not a repository here (did you mean docker-all?)'),
    ("roles: {x: {push: docker-all}}",
     'nexus.roles.x.push[0]: "docker-all" is not hosted: only there can be pushed to'),
    ("roles: {x: {roles: y}, y: {roles: x}}", "would be a part of itself"),
    ("users: {admin: {password: env:X, roles: a}}",
     "nexus.users.admin: admin's password is nexus.admin_password's"),
    ("users: {anonymous: {password: env:X, roles: a}}", "this user is Nexus' own"),
    ("users: {ci: {password: hunter2, roles: a}}",
     "nexus.users.ci.password: a secret's value does not belong in an inventory"),
    ("users: {ci: {password: env:X, roles: []}}", "nexus.users.ci.roles: at least 1 is needed"),
    ("users: {ci: {password: env:X, roles: a, email: x}}",
     'nexus.users.ci.email: "x" is not an address for mail'),
    ("base_url: nexus.example.com", "nexus.base_url: "),
    ("seed_timeout: 30", "nexus.seed_timeout: a text is needed here"),
]  # fmt: skip


@pytest.mark.parametrize(("repositories", "said"), MISTAKES)
def test_mistakes_in_repositories(problems_of, least, repositories, said):
    text = least.replace(
        "  domain: registry.example.com\n",
        f"  domain: registry.example.com\n  repositories: {{{repositories}}}\n",
    )
    found, report = problems_of(text)

    assert [problem for problem in found if said in problem], found
    assert "hunter2" not in report


@pytest.mark.parametrize(("key", "said"), NEXUS)
def test_mistakes_in_what_is_said_of_nexus(problems_of, least, key, said):
    found, _ = problems_of(least.replace("nexus:\n", f"nexus:\n  {key}\n"))

    assert [problem for problem in found if said in problem], found


TOO_OLD = [
    ("3.83.2", "own: {type: hosted, port: 5, path_routing: true}", "own.path_routing", "3.84.0"),
    ("3.40.1", "own: {type: hosted, port: 5, subdomain: x}", "own.subdomain", "3.41.0"),
    ("3.80.0", "p: {type: proxy, remote: quay, login: {type: bearer, token: env:X}}",
     "p.login.token", "3.81.0"),
    ("3.68.0", ("p: {type: proxy, remote: quay, login: {type: username, user: u, "
                "password: env:X, preemptive: true}}"), "p.login.preemptive", "3.68.1"),
    ("3.89.0", "p: {type: proxy, remote: quay, preserve_encoded_characters: true}",
     "p.preserve_encoded_characters", "3.90.0"),
    ("3.93.2", "p: {type: proxy, remote: quay, firewall: audit}", "p.firewall", "3.94.0"),
    ("3.93.2", 'p: {type: proxy, remote: quay, ecr: {region: eu, registry_id: "123456789012"}}',
     "p.ecr", "3.94.0"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "repository", "field", "since"), TOO_OLD)
def test_what_the_version_is_too_old_for(problems_of, least, version, repository, field, since):
    whole = (
        f"{{{repository}, h: {{type: hosted, port: 6}}, g: {{type: group, port: 7, members: h}}}}"
    )
    text = least.replace("version: 3.94.0", f"version: {version}").replace(
        "  domain: registry.example.com\n",
        f"  domain: registry.example.com\n  push_to: h\n  repositories: {whole}\n",
    )
    found, _ = problems_of(text)

    said = f"{field}: Nexus has this since {since}, and nexus.version is {version}"
    assert [problem for problem in found if said in problem], found


@pytest.mark.parametrize(
    ("version", "key", "refused"),
    [("3.73.0", "tasks: {x: {type: docker-uploads}}", True),
     ("3.74.0", "tasks: {x: {type: docker-uploads}}", False),
     ("3.16.2", "tasks: {x: {type: docker-uploads}}", False),
     ("3.81.0", 'base_url: "https://x"', True), ("3.82.0", 'base_url: "https://x"', False),
     ("3.81.0", "base_url: auto", False)],
)  # fmt: skip
def test_what_of_nexus_itself_the_version_is_too_old_for(
    problems_of, site_of, least, version, key, refused
):
    text = least.replace("3.94.0", version).replace("nexus:\n", f"nexus:\n  {key}\n")
    if refused:
        assert "Nexus has this since" in problems_of(text)[0][0]
    else:
        assert site_of(text).nexus.version == version


@pytest.mark.parametrize("name", READY_MADE)
def test_registries_by_name_are_addresses(name):
    proxy = Proxy(type="proxy", remote=name)

    assert proxy.remote_address.startswith("https://")
    assert list(repository_needs(proxy)) == []


def test_three_lines_make_the_three_repositories(site_of):
    repositories = site_of().registry.repositories

    assert list(repositories) == ["docker-private", "docker-hub", "docker-all"]
    assert repositories["docker-hub"].remote_address == "https://registry-1.docker.io"
    assert repositories["docker-hub"].index_type == "hub"
