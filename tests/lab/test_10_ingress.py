"""Every routing with a real Docker and skopeo; the trap of the method split, and a slow upload.

Each routing gets a base image of its own that only the Docker Hub has, so that the hosted
repository cannot know its layer from before. Labels alone change, so Nexus goes on running.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import secrets
import shlex
import tarfile
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.images.archive import ImageConfig
from lab.images.hub import RegistryData

pytestmark = [pytest.mark.lab, pytest.mark.long]

DOCKER_HUB = "/var/lib/lab-hub"
HOSTED = "https://nexus.lab/repository/docker-private/v2"
ROUTING = "  network: proxy"
ACCEPT = ("--header", "Accept: application/vnd.docker.distribution.manifest.v2+json")
SLOW_SECONDS = 70
"""More than the 60 s after which Traefik cuts a request unless it is told otherwise."""


@pytest.fixture(scope="module")
def password(lab) -> str:
    return (lab.paths.secrets / "admin_password").read_text()


@pytest.fixture(scope="module")
def netrc(password, tmp_path_factory) -> Path:
    """Logins for curl, so that no password stands in its arguments."""
    path = tmp_path_factory.mktemp("curl") / "netrc"
    path.touch(mode=0o600)
    path.write_text("".join(f"machine {name}.lab login admin password {password}\n"
                            for name in ("nexus", "registry")))  # fmt: skip
    return path


@pytest.fixture
def curl(lab, netrc):
    """The answer's status, headers in small letters, and body."""

    def run(method, url, *options, timeout=60.0):
        argv = ["curl", "--silent", "--show-error", "--netrc-file", str(netrc), "--include",
                "--cacert", str(lab.paths.home / "ca.crt"), "--max-time", str(timeout),
                "--header", "Expect:", *(["--head"] if method == "HEAD" else ["-X", method]),
                *options, url]  # fmt: skip
        head, _, body = lab.exec(argv, timeout=timeout + 30).partition("\r\n\r\n")
        first, *lines = head.splitlines()
        pairs = (line.partition(": ") for line in lines)
        return int(first.split()[1]), {key.lower(): value for key, _, value in pairs}, body

    return run


@pytest.fixture
def skopeo(lab, password, tmp_path):
    login = base64.b64encode(f"admin:{password}".encode()).decode()
    auth = tmp_path / "auth.json"
    auth.touch(mode=0o600)
    auth.write_text(json.dumps({"auths": {"registry.lab": {"auth": login}}}))

    def run(command, *words):
        argv = ["env", f"SSL_CERT_FILE={lab.paths.home / 'ca.crt'}", "skopeo", command,
                "--authfile", str(auth), *words]  # fmt: skip
        return lab.exec(argv)

    return run


@pytest.fixture
def docker(lab, password):
    """A script on the worker, logged in at the names; what it and Docker said."""

    def run(script, *names, check=True):
        logins = "".join(
            f"printf %s {shlex.quote(password)} | docker login -u admin --password-stdin {name};"
            for name in names or ("registry.lab",)
        )
        outs = "".join(f"docker logout {name};" for name in names or ("registry.lab",))
        return lab.run("worker", f"exec 2>&1; set -e; trap '{outs}' EXIT; {logins} {script}",
                       check=check)  # fmt: skip

    return run


@pytest.fixture
def base(lab, tmp_path) -> str:
    """An image with a layer of its own that only the lab's Docker Hub has."""
    name = f"library/base-{secrets.token_hex(4)}"
    layer = tmp_path / "layer.tar"
    with tarfile.open(layer, "w") as tar:
        entry = tarfile.TarInfo("only-upstream")
        entry.size = 4096
        tar.addfile(entry, io.BytesIO(os.urandom(entry.size)))
    root = tmp_path / "hub"
    RegistryData(root).add(name, "1", layer, ImageConfig(cmd=["/only-upstream"]))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(root, ".")
    text = base64.encodebytes(packed.getvalue()).decode()
    lab.run("manager", f"base64 -d <<'END' | tar -xz -C {DOCKER_HUB}\n{text}END\n")
    return name


@pytest.fixture
def routed(fab, variant, site_up):
    """Deploys the lab's site with another routing."""

    def deploy(*lines, steps=("deploy",), also=()):
        inventory = variant(
            (ROUTING, "\n".join([ROUTING, *(f"  {line}" for line in lines)])), *also
        )
        ran = fab(*steps, inventory=inventory)
        assert ran.code == 0, ran.text
        return inventory

    return deploy


@pytest.fixture(scope="module", autouse=True)
def _as_it_was(fab, site_up):
    yield
    ran = fab("deploy", "nexus-seed")
    assert ran.code == 0, ran.text


def derive(pulled: str, pushed: str) -> str:
    """Pull, build upon it, push: the commonest workflow there is."""
    layer = shlex.quote(f"FROM {pulled}\nLABEL of=ours\n")
    return (f"docker pull -q {pulled}; printf %s {layer} | docker build -q -t {pushed} -;"
            f"docker push {pushed}")  # fmt: skip


def whole_in_hosted(curl, name, tag) -> None:
    """Every part of an image is in the hosted repository itself, past all routing."""
    status, _, body = curl("GET", f"{HOSTED}/{name}/manifests/{tag}", *ACCEPT)
    assert status == 200, body
    manifest = json.loads(body)
    for part in (manifest["config"], *manifest["layers"]):
        status, headers, _ = curl("HEAD", f"{HOSTED}/{name}/blobs/{part['digest']}")
        assert (status, int(headers["content-length"])) == (200, part["size"])


def test_split_loses_a_layer_that_only_the_proxy_has(routed, docker, curl, base):
    routed("routing: split")
    said = docker(derive(f"registry.lab/{base}:1", "registry.lab/team/trapped:1"), check=False)

    assert "Layer already exists" in said
    assert "digest: sha256:" not in said
    assert curl("GET", f"{HOSTED}/team/trapped/manifests/1")[0] == 404


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_split_safe_survives_it(routed, docker, curl, base):
    routed("routing: split-safe")
    said = docker(derive(f"registry.lab/{base}:1", "registry.lab/team/safe:1"))

    assert "digest: sha256:" in said
    whole_in_hosted(curl, "team/safe", "1")


def test_skopeo_inspects_and_copies(docker, skopeo, curl, site_up):
    docker(
        "docker tag lab/tiny:1 registry.lab/team/tiny:1; docker push -q registry.lab/team/tiny:1"
    )

    seen = json.loads(skopeo("inspect", "docker://registry.lab/team/tiny:1"))
    skopeo("copy", "docker://registry.lab/team/tiny:1", "docker://registry.lab/copied/tiny:2")
    copied = json.loads(skopeo("inspect", "docker://registry.lab/copied/tiny:2"))

    assert seen["RepoTags"] == ["1"]
    assert copied["Layers"] == seen["Layers"]
    whole_in_hosted(curl, "copied/tiny", "2")


def test_mount_tags_catalogue_and_delete(docker, curl, site_up):
    docker(
        "docker tag lab/tiny:1 registry.lab/team/tiny:1; docker push -q registry.lab/team/tiny:1"
    )
    registry = "https://registry.lab/v2"
    _, headers, body = curl("GET", f"{registry}/team/tiny/manifests/1", *ACCEPT)
    layer = json.loads(body)["layers"][0]["digest"]

    mount = f"{registry}/mounted/tiny/blobs/uploads/?mount={layer}&from=team/tiny"
    assert curl("POST", mount, "--data", "")[0] == 201
    assert curl("HEAD", f"{registry}/mounted/tiny/blobs/{layer}")[0] == 200
    assert json.loads(curl("GET", f"{registry}/team/tiny/tags/list")[2])["tags"] == ["1"]
    assert "team/tiny" in json.loads(curl("GET", f"{registry}/_catalog")[2])["repositories"]
    digest = headers["docker-content-digest"]
    assert curl("DELETE", f"{registry}/team/tiny/manifests/{digest}")[0] == 202
    assert curl("GET", f"{registry}/team/tiny/manifests/1", *ACCEPT)[0] == 404


def test_a_layer_may_take_longer_than_traefik_gives_a_request_by_default(curl, tmp_path, site_up):
    content = os.urandom(SLOW_SECONDS * 10_000)
    file = tmp_path / "layer"
    file.write_bytes(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"

    _, headers, _ = curl("POST", "https://registry.lab/v2/team/slow/blobs/uploads/", "--data", "")
    place = headers["location"]
    status, headers, _ = curl("PATCH", place, "--limit-rate", "10000", "--data-binary", f"@{file}",
                              "--header", "Content-Type: application/octet-stream",
                              timeout=SLOW_SECONDS * 3)  # fmt: skip
    assert place.startswith("https://registry.lab/v2/")
    assert status == 202
    place = headers["location"]
    join = "&" if "?" in place else "?"
    assert curl("PUT", f"{place}{join}digest={digest}", "--data", "")[0] == 201
    assert curl("HEAD", f"{HOSTED}/team/slow/blobs/{digest}")[0] == 200


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_namespaces_are_hosted_and_the_rest_takes_no_push(routed, fab, docker, curl, base):
    """With the version of Traefik asked of the one that runs."""
    inventory = routed("routing: namespaces", "namespaces: [team]",
                       also=(('version: "3.7"', "version: auto"),))  # fmt: skip
    said = docker(derive(f"registry.lab/{base}:1", "registry.lab/team/named:1"))
    assert "digest: sha256:" in said
    whole_in_hosted(curl, "team/named", "1")
    assert "Downloaded newer image" in docker(
        "docker image rm registry.lab/team/named:1; docker pull registry.lab/team/named:1"
    )

    tag = "docker tag lab/tiny:1 registry.lab/others/tiny:1"
    refused = docker(f"{tag}; docker push registry.lab/others/tiny:1", check=False)
    assert "404" in refused or "not found" in refused
    assert curl("GET", f"{HOSTED}/others/tiny/manifests/1")[0] == 404
    proven = fab("verify", inventory=inventory)
    assert proven.code == 0, proven.text


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_two_names_have_a_repository_each(lab, routed, docker, curl, base):
    name = "domain: registry.lab"
    routed("routing: two-names", also=((name, f"{name}\n  push_domain: push.lab"),))
    certificates = "/etc/docker/certs.d"
    lab.run("worker", f"grep -q push.lab /etc/hosts || echo 10.77.0.11 push.lab >> /etc/hosts;"
                      f"cp -r {certificates}/registry.lab {certificates}/push.lab")  # fmt: skip

    said = docker(
        derive(f"registry.lab/{base}:1", "push.lab/team/two:1"), "registry.lab", "push.lab"
    )
    assert "digest: sha256:" in said
    whole_in_hosted(curl, "team/two", "1")
    assert "Downloaded newer image" in docker(
        "docker image rm push.lab/team/two:1; docker pull registry.lab/team/two:1"
    )


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_by_path_the_name_says_the_repository(routed, fab, docker, curl, base):
    inventory = routed("routing: path", steps=("deploy", "nexus-seed"))
    pulled = f"registry.lab/docker-all/{base}:1"
    said = docker(derive(pulled, "registry.lab/docker-private/team/path:1"))

    assert "digest: sha256:" in said
    whole_in_hosted(curl, "team/path", "1")
    assert "Downloaded newer image" in docker(
        "docker image rm registry.lab/docker-private/team/path:1;"
        "docker pull registry.lab/docker-all/team/path:1"
    )
    with pytest.raises(LabError, match=r"not found|404|405|denied|unsupported"):
        docker("docker tag lab/tiny:1 registry.lab/docker-all/team/t:1;"
               "docker push registry.lab/docker-all/team/t:1")  # fmt: skip
    proven = fab("verify", inventory=inventory)
    assert proven.code == 0, proven.text
