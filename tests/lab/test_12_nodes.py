"""Machines with Docker as clients of the registry: what is put in, what it is good for, and out."""

from __future__ import annotations

import shlex

import pytest

from lab.errors import LabError

pytestmark = [pytest.mark.lab, pytest.mark.long]

PASSWORDS = {"READER_PASSWORD": "the reader's password", "CI_PASSWORD": "ci's own password"}
DECLARED = """accept_eula: true
  users:
    ci: {password: "env:CI_PASSWORD", roles: [docker-push]}
    reader: {password: "env:READER_PASSWORD", roles: [docker-pull]}"""
NODES = """api: via-ssh
nodes:
  hosts_file: 10.77.0.11
  login: reader
  mirror: http://10.77.0.11:5000"""

BARE = r"""
set -e
cp -a /etc/hosts /srv/hosts.before
cp -a /etc/docker /srv/docker.before
sed -i '/registry\.lab/d; /nexus\.lab/d' /etc/hosts
rm -r /etc/docker/certs.d
dpkg --remove nfs-kernel-server nfs-common
mkdir -p /srv/packages/p/DEBIAN
cd /srv/packages
cat >p/DEBIAN/control <<END
Package: nfs-common
Version: 1:99
Architecture: all
Maintainer: nobody <nobody@nowhere.invalid>
Description: stands for the NFS client
END
dpkg-deb -b p nfs-common.deb
{ cat p/DEBIAN/control; echo "Filename: ./nfs-common.deb"
  echo "Size: $(stat -c %s nfs-common.deb)"
  echo "SHA256: $(sha256sum <nfs-common.deb | cut -d ' ' -f 1)"; } >Packages
mkdir -p /srv/sources
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  [ ! -f "$file" ] || mv "$file" /srv/sources/
done
echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list.d/lab.list
"""
AS_BEFORE = """
cp -a /srv/hosts.before /etc/hosts
rm -rf /etc/docker/certs.d
cp -a /srv/docker.before/certs.d /etc/docker/
rm -f /root/.docker/config.json /usr/local/bin/docker-credential-box /root/box
"""
GONE = """
set -e
for file in /root/box /etc/docker/certs.d/registry.lab; do
  if [ -e "$file" ]; then echo "$file is still there" >&2; exit 1; fi
done
if grep registry.lab /etc/hosts /root/.docker/config.json >&2; then exit 1; fi
python3 - /etc/docker/daemon.json /srv/docker.before/daemon.json <<'END'
import json, sys
one, other = (json.load(open(path)) for path in sys.argv[1:])
assert one == other, one
END
"""
BOX = r"""
docker logout registry.lab
cat >/usr/local/bin/docker-credential-box <<'END'
#!/bin/sh
case $1 in
  store) cat >/root/box ;;
  get) cat /root/box ;;
  erase) rm -f /root/box ;;
esac
END
chmod 755 /usr/local/bin/docker-credential-box
echo '{"credsStore": "box"}' >/root/.docker/config.json
"""


@pytest.fixture(scope="module")
def declared(root, tmp_path_factory):
    """The lab's inventory with two robots, and with all that nodes can be given."""
    text = (root / "inventories/lab/site.yml").read_text().replace("../../.lab", str(root / ".lab"))
    text = text.replace("accept_eula: true", DECLARED).replace("api: via-ssh", NODES)
    path = tmp_path_factory.mktemp("declared") / "site.yml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def bare(lab, fab, declared, site_up):
    """A worker that knows nothing of the registry, whose packages come from its own disk."""
    ran = fab("nexus-seed", inventory=declared, **PASSWORDS)
    assert ran.code == 0, ran.text
    lab.run("worker", BARE)
    yield
    lab.run("worker", AS_BEFORE)


def _configuration(lab) -> str:
    return lab.run("worker", "cat /etc/docker/daemon.json; cat /etc/hosts; ls -R /etc/docker")


def test_a_bare_machine_becomes_a_client_and_nothing_stops_meanwhile(lab, fab, declared, bare):
    running = "docker inspect -f '{{.State.StartedAt}}' $(docker ps -q -f name=registry_nexus)"
    before = lab.run("worker", running)

    ran = fab("nodes-setup", inventory=declared, **PASSWORDS)

    assert ran.code == 0, ran.text
    for change in ("create NFS client package", "create CA /etc/docker/certs.d/registry.lab/ca.crt",
                   "create line in /etc/hosts", "create mirror in /etc/docker/daemon.json",
                   "create login at registry.lab"):  # fmt: skip
        assert f"on worker: + {change}" in ran.out
    assert "Docker keeps reader's password in ~/.docker/config.json" in ran.out
    assert not any(password in ran.text for password in PASSWORDS.values())
    assert lab.run("worker", running) == before
    assert '"dns"' in lab.run("worker", "cat /etc/docker/daemon.json")
    assert lab.run("worker", "stat -c %a /root/.docker/config.json").strip() == "600"


def test_a_second_run_asks_each_machine_once_and_changes_nothing(fab, declared, bare):
    ran = fab("nodes-setup", "--verbose", inventory=declared, **PASSWORDS)

    assert ran.code == 0, ran.text
    assert "nodes: no changes" in ran.out
    assert "logins: no changes" in ran.out
    for host in ("manager", "worker"):
        assert sum(line.startswith(f"{host}$ ") for line in ran.out.splitlines()) == 1


def test_it_pulls_without_a_login_of_its_own_and_may_not_push(lab, bare):
    pulled = lab.run("worker", "docker pull registry.lab/hello-world")
    assert "hello-world:latest" in pulled

    with pytest.raises(LabError, match=r"denied|unauthorized"):
        lab.run("worker", "docker tag lab/tiny:1 registry.lab/people/mine:1;"
                          "docker push registry.lab/people/mine:1 2>&1")  # fmt: skip


def test_docker_hubs_images_come_by_the_mirror(lab, bare):
    lab.run("worker", "docker image rm -f hello-world registry.lab/hello-world")

    assert "hello-world:latest" in lab.run("worker", "docker pull hello-world")


def test_what_was_changed_by_hand_is_changed_back(lab, fab, declared, bare):
    lab.run("worker", "echo other >/etc/docker/certs.d/registry.lab/ca.crt;"
                      "docker logout registry.lab")  # fmt: skip

    ran = fab("nodes-setup", inventory=declared, **PASSWORDS)

    assert ran.code == 0, ran.text
    assert ran.out.count("on worker: ~ ") == 1
    assert "create login at registry.lab" in ran.out
    assert "nodes: no changes" in fab("nodes-setup", inventory=declared, **PASSWORDS).out


def test_a_credential_helper_is_used_where_there_is_one(lab, fab, declared, bare):
    lab.run("worker", BOX)

    ran = fab("-H", "worker", "nodes-setup", inventory=declared, **PASSWORDS)
    again = fab("-H", "worker", "nodes-setup", inventory=declared, **PASSWORDS)

    assert ran.code == 0, ran.text
    assert "create login at registry.lab" in ran.out
    assert "config.json" not in again.out
    assert "logins: no changes" in again.out
    assert '"auth"' not in lab.run("worker", "cat /root/.docker/config.json")
    assert "hello-world" in lab.run("worker", "docker pull registry.lab/hello-world")


def test_a_configuration_that_docker_does_not_take_is_put_back(lab, fab, declared, variant, bare):
    before = _configuration(lab)
    bad = variant(("accept_eula: true", DECLARED),
                  ("api: via-ssh", NODES.replace(":5000", ":5000/with/a/path")))  # fmt: skip

    ran = fab("nodes-setup", inventory=bad, **PASSWORDS)

    assert ran.code == 3, ran.text
    assert "takes no mirror with a path" in ran.err
    assert _configuration(lab) == before


def test_all_that_was_put_in_comes_out_and_nothing_else(lab, fab, declared, bare):
    ran = fab("nodes-setup", "--undo", inventory=declared, **PASSWORDS)
    again = fab("nodes-setup", "--undo", inventory=declared, **PASSWORDS)

    assert ran.code == 0, ran.text
    assert "remove line in /etc/hosts" in ran.out
    assert "the NFS client stays" in ran.out
    assert "no changes" in again.out
    lab.run("worker", GONE)
    assert lab.run("manager", "ls /etc/docker/certs.d/registry.lab").strip() == "ca.crt"
    assert "10.77.0.11:5000" not in lab.run("worker", "docker info 2>/dev/null")


def test_a_machine_outside_the_swarm_needs_no_nfs(lab, fab, variant, bare):
    outside = variant(("  nodes:\n    worker", "  clients:\n    worker"),
                      ("[worker, manager], failover: true", "[manager]"))  # fmt: skip

    ran = fab("-H", "worker", "nodes-setup", inventory=outside)
    undone = fab("nodes-setup", "--undo", inventory=outside)

    assert ran.code == 0, ran.text
    assert "create CA" in ran.out
    assert "create NFS" not in ran.out
    assert "on manager" not in ran.out
    assert undone.code == 0, undone.text


def test_a_robot_that_may_push_pushes_to_the_hosted_repository_alone(lab, fab, declared, site_up):
    assert fab("nexus-seed", inventory=declared, **PASSWORDS).code == 0
    password = PASSWORDS["CI_PASSWORD"]
    said = lab.run(
        "manager",
        f"set -e; printf %s {shlex.quote(password)} |"
        "docker login -u ci --password-stdin registry.lab 2>&1;"
        "docker pull -q registry.lab/hello-world;"
        "docker tag registry.lab/hello-world registry.lab/people/tiny:2;"
        "docker push registry.lab/people/tiny:2;"
        "docker logout registry.lab",
    )
    knock = (
        "import base64, sys, urllib.request as u\n"
        "login = base64.b64encode(('ci:' + sys.argv[2]).encode()).decode()\n"
        "r = u.Request(f'http://127.0.0.1:{sys.argv[1]}/v2/people/tiny/blobs/uploads/',"
        " method='POST', headers={'Authorization': 'Basic ' + login})\n"
        "try: print(u.urlopen(r).status)\n"
        "except u.HTTPError as e: print(e.code)"
    )
    codes = [lab.run("worker", "docker exec $(docker ps -q -f name=registry_nexus) python3 -c "
                               f"{shlex.quote(knock)} {port} {shlex.quote(password)}").strip()
             for port in (8083, 8082)]  # fmt: skip

    assert "digest: sha256:" in said
    assert codes[0] == "202"
    assert codes[1] in {"403", "405"}


@pytest.mark.parametrize("anonymous", [True, False])
def test_a_client_without_a_name_does_what_the_inventory_says_and_no_more(
    lab, fab, variant, site_up, anonymous
):
    said = variant(
        ("accept_eula: true", f"accept_eula: true\n  anonymous: {str(anonymous).lower()}")
    )
    assert fab("nexus-seed", inventory=said).code == 0
    pull = (
        "docker logout registry.lab; docker image rm -f registry.lab/hello-world;"
        "docker pull registry.lab/hello-world 2>&1"
    )

    if anonymous:
        assert "hello-world:latest" in lab.run("manager", pull)
    else:
        with pytest.raises(LabError, match=r"denied|unauthorized|no basic auth"):
            lab.run("manager", pull)
    with pytest.raises(LabError, match=r"denied|unauthorized|no basic auth"):
        lab.run("manager", "docker tag traefik:v3.7 registry.lab/people/nobody:1;"
                           "docker push registry.lab/people/nobody:1 2>&1")  # fmt: skip
