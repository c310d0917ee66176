"""The copy on the node, run by a real sh in a mount namespace; only the NFS mount is played."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from moorage.steps.data import scripts
from moorage.steps.data.desired import DataDesired, Move
from moorage.steps.data.move import state_of

OPTIONS = {"type": "nfs", "o": "addr=127.0.0.1,nfsvers=4.2,hard,rw", "device": ":/srv/nexus"}
MOUNT = """#!/bin/sh
case "$*" in
  "-i -t "*) echo "$*" >>{log}; for last; do :; done; exec /bin/mount --bind {export} "$last" ;;
  *) exec /bin/mount "$@" ;;
esac
"""


def namespaces():
    return os.geteuid() == 0 and all(map(shutil.which, ("rsync", "setpriv", "unshare"))) and not (
        subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], check=False,
                       capture_output=True).returncode)  # fmt: skip


pytestmark = pytest.mark.skipif(
    not namespaces(), reason="needs root, rsync and mount namespaces; the lab has them"
)


@pytest.fixture
def place():
    """A volume and an export below a folder that Nexus' user may pass."""
    folder = Path(tempfile.mkdtemp(prefix="moorage-data-"))
    folder.chmod(0o711)
    played = Played(folder)
    yield played
    played.run(scripts.end(played.wanted))
    shutil.rmtree(folder)


class Played:
    def __init__(self, folder):
        self.folder = folder
        self.volume, self.export = folder / "volume", folder / "export"
        for one in (self.volume, self.export):
            one.mkdir()
            os.chown(one, 200, 200)
        self.export.chmod(0o750)
        self.write("db/nexus.mv.db", "the database")
        for number in range(20):
            self.write(f"blobs/default/vol-{number}.bytes", f"blob {number}")
        bin_ = folder / "bin"
        bin_.mkdir()
        (bin_ / "mount").write_text(MOUNT.format(log=folder / "log", export=self.export))
        (bin_ / "mount").chmod(0o755)
        self.path = f"{bin_}:{os.environ['PATH']}"
        self.wanted = DataDesired(
            stack="registry", service="registry_nexus", volume="registry-data-1", options=OPTIONS,
            nocopy=True, export="/srv/nexus", nfs="nas", uid=200, mode="0750",
            home=str(folder / "home"), machines=("one",),
        )  # fmt: skip
        self.move = Move("one", "one", "the volume registry_data", str(self.volume),
                         "registry_data", 1, "", frozenset())  # fmt: skip

    def write(self, name, text, owner=200):
        path = self.volume / name
        made = [parent for parent in path.parents if not parent.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for one in (*made, path):
            os.chown(one, owner, owner)
        return path

    def run(self, script):
        return subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                              check=False, env={"PATH": self.path})  # fmt: skip

    def part(self, name):
        done = self.run(scripts.start(self.wanted, self.move, name))
        assert done.returncode == 0, done.stderr
        for _ in range(300):
            state = state_of(self.run(scripts.poll(self.wanted)).stdout)
            if state.ended is not None or state.lost:
                return state
            time.sleep(0.05)
        return pytest.fail("it does not end")


def contents(folder):
    return {str(path.relative_to(folder)): path.read_text()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def test_a_volume_is_copied_as_nexus_own_user_and_found_the_same(place):
    assert place.part("first").ended == 0
    place.write("db/nexus.mv.db", "the database, later")
    (place.volume / "blobs/default/vol-3.bytes").unlink()
    place.write("new/deep/file", "new")

    assert place.part("second").ended == 0
    state = place.part("compare")

    assert state.ended == 0, state.err
    assert contents(place.export) == contents(place.volume)
    assert {path.stat().st_uid for path in place.export.rglob("*")} == {200}
    assert oct(place.export.stat().st_mode & 0o7777) == "0o750"
    counts = dict(line.split(" ", 1) for line in state.out)
    assert counts["from"] == counts["to"]
    assert counts["from"].split()[0] == str(len(contents(place.volume)))
    assert counts["checked"] == str(len(contents(place.volume)))


def test_the_export_is_mounted_with_the_volumes_own_options_and_let_go(place):
    assert place.part("first").ended == 0

    asked = (place.folder / "log").read_text()
    assert asked.startswith("-i -t nfs -o addr=127.0.0.1,nfsvers=4.2,hard,rw :/srv/nexus ")
    assert str(place.folder) not in Path("/proc/mounts").read_text()


def test_a_change_that_size_and_time_do_not_show_is_copied_all_the_same(place):
    file = place.volume / "db/nexus.mv.db"
    before = file.stat()
    assert place.part("first").ended == 0
    file.write_text("THE DATABASE")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert place.part("second").ended == 0
    assert place.part("compare").ended == 0
    assert (place.export / "db/nexus.mv.db").read_text() == "THE DATABASE"


@pytest.mark.parametrize("spoil", ["content", "missing", "more", "blob"])
def test_whatever_is_not_the_same_is_found(place, spoil):
    assert place.part("first").ended == 0
    assert place.part("second").ended == 0
    file = place.export / ("blobs/default/vol-7.bytes" if spoil == "blob" else "db/nexus.mv.db")
    times = file.stat()
    if spoil in {"content", "blob"}:
        file.write_text(file.read_text().swapcase())
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif spoil == "missing":
        file.unlink()
    else:
        (place.export / "more").write_text("more")

    state = place.part("compare")

    assert state.ended == scripts.DIFFERS
    assert state.err


def test_a_file_that_nexus_cannot_read_stops_the_copy(place):
    place.write("secret", "root's", owner=0).chmod(0o600)

    state = place.part("first")

    assert state.ended == 23
    assert any("secret" in line for line in state.err)


def test_the_source_cannot_be_written_to(place):
    inner = scripts.start(place.wanted, place.move, "first").variables["inner"]
    assert "remount,bind,ro" in inner


def test_a_copy_is_ended_whole_and_another_is_not_begun_beside_it(place):
    slow = place.folder / "bin" / "rsync"
    slow.write_text("#!/bin/sh\nexec sleep 300\n")
    slow.chmod(0o755)
    assert place.run(scripts.start(place.wanted, place.move, "first")).returncode == 0

    second = place.run(scripts.start(place.wanted, place.move, "first"))
    assert second.returncode == scripts.BUSY
    assert state_of(place.run(scripts.poll(place.wanted)).stdout).ended is None
    assert place.run(scripts.end(place.wanted)).returncode == 0

    state = state_of(place.run(scripts.poll(place.wanted)).stdout)
    assert state.lost or state.ended
    listed = subprocess.run(["pgrep", "-f", str(place.folder)], capture_output=True, check=False)
    assert listed.stdout == b""


DOCKER = """#!/bin/sh
echo "$*" >>{log}
case "$*" in
  "service ps"*) [ -s {log}.scaled ] || echo "Running 3 minutes ago" ;;
  "service scale"*) echo yes >{log}.scaled ;;
esac
"""


@pytest.mark.parametrize("sign", ["gone", "another's"])
def test_stopping_leaves_a_guard_that_starts_nexus_where_its_run_has_died(place, monkeypatch, sign):
    """Another run that has the lock now copies for hours: what was stopped runs meanwhile."""
    log = place.folder / "docker.log"
    docker = place.folder / "bin" / "docker"
    docker.write_text(DOCKER.format(log=log))
    docker.chmod(0o755)
    home = place.folder / "home"
    home.mkdir()
    monkeypatch.setattr(scripts, "_GUARD", scripts._GUARD.replace("sleep 10", "sleep 0.2"))
    monkeypatch.setattr(scripts, "STALE_SECONDS", 3600)
    (home / "lock").mkdir()
    (home / "lock/beat").touch()
    (home / "lock/id").write_text("ours")

    assert place.run(scripts.stop(place.wanted, 1)).returncode == 0
    assert "service scale --detach=true registry_nexus=0" in log.read_text()
    time.sleep(1)
    assert "registry_nexus=1" not in log.read_text()

    if sign == "gone":
        shutil.rmtree(home / "lock")
    else:
        (home / "lock/id").write_text("theirs")
    for _ in range(100):
        if "registry_nexus=1" in log.read_text():
            break
        time.sleep(0.1)
    assert "service scale --detach=true registry_nexus=1" in log.read_text()
    assert not (home / "guard").exists()


def test_who_starts_nexus_takes_the_guard_away(place):
    docker = place.folder / "bin" / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    home = place.folder / "home"
    home.mkdir()
    for script in (scripts.start_again(place.wanted, 1), scripts.switch(place.wanted, 1)):
        (home / "guard").write_text("x")
        assert place.run(script).returncode == 0
        assert not (home / "guard").exists()


def test_what_the_guard_has_started_is_not_switched(place):
    """What was pushed to the former place since then is not in the copy."""
    docker = place.folder / "bin" / "docker"
    docker.write_text(f"#!/bin/sh\necho $* >>{place.folder}/asked\n")
    docker.chmod(0o755)
    (place.folder / "home").mkdir()

    done = place.run(scripts.switch(place.wanted, 1))

    assert done.returncode == 1
    assert "registry_nexus was started as it was meanwhile" in done.stderr
    assert not (place.folder / "asked").exists()


def test_an_export_with_other_files_is_not_claimed(place):
    def claim(mark):
        wanted = scripts.claim(place.wanted, mark)
        wanted.variables["target"] = str(place.export)
        return place.run(wanted).returncode

    assert claim("the volume a on one") == 0
    (place.export / "half").write_text("")
    assert claim("the volume a on one") == 0
    assert claim("the volume b on one") == 1
