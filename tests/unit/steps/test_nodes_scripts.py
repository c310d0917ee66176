"""The shell of the step nodes, run for real on files of this machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from moorage.quoting import Script
from moorage.steps.nodes import scripts
from moorage.steps.nodes.observe import NAMES

CA = "the site's own\n"
DIGEST = hashlib.sha256(CA.encode()).hexdigest()


@pytest.fixture
def here(tmp_path):
    """Runs a script with some of its variables otherwise."""

    def run(script, check=True, path="", **variables):
        changed = type(script)(script.summary, script.body, {**script.variables, **variables})
        env = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
        return subprocess.run(["sh", "-s"], input=changed.text(), text=True, capture_output=True,
                              check=check, env=env)  # fmt: skip

    run.home = str(tmp_path / "state")
    return run


def put(here):
    path = Path(here.home) / "put"
    return path.read_text().splitlines() if path.exists() else []


def test_a_ca_comes_and_goes_with_its_folder(here, tmp_path):
    file = tmp_path / "certs.d/registry.lab/ca.crt"

    here(scripts.certificate(here.home, str(file), CA, DIGEST))
    here(scripts.certificate(here.home, str(file), CA, DIGEST))

    assert file.read_text() == CA
    assert file.stat().st_mode & 0o777 == 0o644
    assert put(here) == [f"ca {file} {DIGEST}"]
    here(scripts.remove_certificate(here.home, str(file), DIGEST))
    assert not file.parent.exists()
    assert put(here) == []


def test_somebody_elses_ca_is_kept_aside_and_comes_back(here, tmp_path):
    file = tmp_path / "registry.lab/ca.crt"
    file.parent.mkdir()
    file.write_text("theirs\n")

    for text in (CA, "newer\n"):
        digest = hashlib.sha256(text.encode()).hexdigest()
        here(scripts.certificate(here.home, str(file), text, digest))
    here(scripts.remove_certificate(here.home, str(file), digest))

    assert file.read_text() == "theirs\n"
    assert [entry.name for entry in file.parent.iterdir()] == ["ca.crt"]


def test_a_ca_that_was_changed_since_is_not_removed(here, tmp_path):
    file = tmp_path / "registry.lab/ca.crt"
    here(scripts.certificate(here.home, str(file), CA, DIGEST))
    file.write_text("theirs\n")

    assert here(scripts.remove_certificate(here.home, str(file), DIGEST), check=False).returncode
    assert file.read_text() == "theirs\n"


@pytest.mark.parametrize("text", ["127.0.0.1 localhost\n", "127.0.0.1 localhost", ""])
def test_the_hosts_file_gets_one_line_and_loses_it(here, tmp_path, text):
    file, mark = tmp_path / "hosts", " # moorage registry"
    file.write_text(text)
    file.chmod(0o640)
    line = f"10.0.0.1 registry.lab nexus.lab{mark}"

    for wanted in (f"10.0.0.9 old.lab{mark}", line):
        here(scripts.hosts_line(mark, wanted), file=str(file))

    lines = text.splitlines()
    assert file.read_text().splitlines() == [*lines, line]
    assert file.stat().st_mode & 0o777 == 0o640
    here(scripts.hosts_line(mark, ""), file=str(file))
    assert file.read_text().splitlines() == lines


DOCKER = """#!/bin/sh
# a Docker that has, after a reload, the mirrors of the file; or none that it refuses
case $0 in
  */systemctl) cp "$FILE" "$LIVE" 2>/dev/null || : ;;
  *) python3 -c 'import json, sys
found = json.load(open(sys.argv[1])) if len(open(sys.argv[1]).read()) else {}
print(json.dumps([one + "/" for one in found.get("registry-mirrors", [])
                  if "refused" not in one]))' "$LIVE" ;;
esac
"""


def test_names_that_resolve_are_told_and_ipv6_is_not_asked_for_by_itself(here, tmp_path):
    getent = tmp_path / "bin/getent"
    getent.parent.mkdir()
    # as glibc's: the family that is asked for, then what it is called
    getent.write_text(f'#!/bin/sh\necho "$1" >>{tmp_path}/asked\n[ "$3" = here.lab ]\n')
    getent.chmod(0o755)
    names = ("gone.lab", "here.lab")

    done = here(Script("resolve", NAMES, {"names": names}), path=str(getent.parent))

    assert done.stdout == "here.lab\n"
    assert (tmp_path / "asked").read_text() == "ahosts\n" * 2


@pytest.fixture
def docker(here, tmp_path, monkeypatch):
    """Docker's configuration on this machine, with a Docker that reads it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("docker", "systemctl"):
        (folder / name).write_text(DOCKER)
        (folder / name).chmod(0o755)
    (folder / "dockerd").write_text("#!/bin/sh\n")
    (folder / "sleep").write_text("#!/bin/sh\n")
    for name in ("dockerd", "sleep"):
        (folder / name).chmod(0o755)
    file, live = tmp_path / "daemon.json", tmp_path / "live"
    live.write_text("")
    monkeypatch.setenv("FILE", str(file))
    monkeypatch.setenv("LIVE", str(live))

    def write(before, loaded, after, mirror, gone=(), check=True):
        texts = scripts.Configuration(*(json.dumps(one) if one else "" for one in
                                        (before, loaded, after)))  # fmt: skip
        script = scripts.daemon_json(here.home, texts, mirror, list(gone))
        return here(script, check=check, path=str(folder), file=str(file))

    write.file, write.folder = file, folder
    return write


OURS = {"registry-mirrors": ["https://mirror.lab"]}


def test_a_mirror_comes_and_goes_with_the_file_that_was_made_for_it(docker, here):
    docker({}, OURS, OURS, "https://mirror.lab")

    assert json.loads(docker.file.read_text()) == OURS
    assert put(here) == ["mirror https://mirror.lab"]
    docker(OURS, {"registry-mirrors": []}, {}, "", ["https://mirror.lab"])
    assert not docker.file.exists()
    assert put(here) == []


def test_a_file_that_changed_meanwhile_is_left_alone(docker):
    docker.file.write_text('{"dns": []}')

    ran = docker({}, OURS, OURS, "https://mirror.lab", check=False)

    assert ran.returncode
    assert "has changed" in ran.stderr
    assert docker.file.read_text() == '{"dns": []}'


def test_what_docker_does_not_take_is_undone_with_mode_and_all(docker, here):
    docker.file.write_text('{"dns": []}')
    docker.file.chmod(0o600)
    refused = {"dns": [], "registry-mirrors": ["https://refused.lab"]}

    ran = docker({"dns": []}, refused, refused, "https://refused.lab", check=False)

    assert ran.returncode == 1
    assert "the former" in ran.stderr
    assert json.loads(docker.file.read_text()) == {"dns": []}
    assert docker.file.stat().st_mode & 0o777 == 0o600
    assert put(here) == []
    assert sorted(path.name for path in docker.file.parent.glob("daemon.json*")) == ["daemon.json"]


def test_a_dockerd_that_can_judges_the_file_before_it_is_in_place(docker):
    (docker.folder / "dockerd").write_text(
        '#!/bin/sh\n[ "$1" != --help ] || { echo "  --validate"; exit; }\n'
        "echo 'unable to configure' >&2; exit 1\n"
    )

    ran = docker({}, OURS, OURS, "https://mirror.lab", check=False)

    assert ran.returncode == 1
    assert "unable to configure" in ran.stderr
    assert not docker.file.exists()


@pytest.mark.parametrize(
    ("distribution", "manager"), [("debian ", "apt-get"), ("rocky rhel centos fedora", "dnf")]
)
def test_a_package_comes_by_the_sites_proxy(distribution, manager):
    script = scripts.install_client(
        "/home", distribution, ("nfs4", "nfsv4"), "http://10.0.0.3:3128", prove=True
    )

    assert manager in script.body
    assert script.variables["proxy"] == "http://10.0.0.3:3128"
    assert 'export http_proxy="$proxy"' in script.body
