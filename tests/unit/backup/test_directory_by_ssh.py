"""Generations on another host, by ssh: the same as on the host itself."""

from __future__ import annotations

import os

import pytest
from backup_scripts import FIRST, SECOND, THIRD, run, seen

from moorage.steps.backup.desired import Target
from moorage.steps.backup.directory import Directory
from moorage.transport.base import Section

SSH = """\
#!/bin/sh
# stands for ssh: the other host is this one, under another root
echo "$@" >>{log}
user=
while [ $# -gt 0 ]; do
  case $1 in -o|-p|-i) shift 2 ;; -l) user=$2@; shift 2 ;; --) shift ;; *) break ;; esac
done
[ "$user$1" = ops@vault ] || exit 255
shift
exec sh -c "$*"
"""


@pytest.fixture
def vault(tmp_path, home, folder, monkeypatch):
    """The same by SSH, as far as scripts and rsync see it."""
    programs = tmp_path / "ssh-bin"
    programs.mkdir()
    log = tmp_path / "ssh.log"
    (programs / "ssh").write_text(SSH.format(log=log))
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    target = Target("ssh", "ops@vault", str(folder), f"ops@vault:{folder}", key="/key", port=2222)
    kind = Directory(target, str(home), os.getuid(), 5)
    kind.log = log
    return kind


def test_by_ssh_it_is_the_same(vault, make, folder, export, tmp_path):
    assert run(vault.make()).returncode == 0
    make(FIRST, vault)
    (export / "blobs/default/c.bytes").write_text("c")
    assert run(vault.measure(FIRST, str(export))).stdout.strip() == "1"
    second = make(SECOND, vault)
    into = tmp_path / "back"

    assert (folder / FIRST / "data/blobs/default/a.bytes").stat().st_nlink == 2
    assert run(vault.fetch(second, str(into), without=["blobs"])).returncode == 0
    assert (into / "db/nexus.mv.db").exists()
    assert not (into / "blobs").exists()
    assert run(vault.prove(second, "now")).returncode == 0
    assert run(vault.copy(THIRD, SECOND, str(export), live=True)).returncode == 0
    assert seen(vault).partial == (THIRD,)
    assert run(vault.discard(THIRD)).returncode == 0
    assert run(vault.remove(seen(vault).generation(FIRST))).returncode == 0
    assert [(one.name, one.proven) for one in seen(vault).generations] == [(SECOND, "now")]
    assert "-i /key" in vault.log.read_text()
    assert "-p 2222" in vault.log.read_text()


def test_a_host_that_is_not_reached_is_named(vault, monkeypatch):
    from moorage.errors import Refused

    with pytest.raises(Refused, match="ops@vault is not reached by SSH: Host key verification"):
        vault.read(Section(255, "Host key verification failed."), "nas")
