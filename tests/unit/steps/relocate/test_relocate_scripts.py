"""The shell of a move run by a real ``sh``, with programs that play Docker and the kernel."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import threading

import pytest

from moorage.steps.holders import CLIENTS, HOLDERS, RESOLVE, holders, lets_in, resolved
from moorage.steps.relocate import scripts

EXPORTFS = """\
#!/bin/sh
case $1 in
  -ra) : >{table}
    for file in {folder}/*.exports; do
      grep -v '^#' "$file" | while read -r path clients; do
        for client in $clients; do echo "$path  $client" >>{table}; done
      done
    done
    {more} ;;
  -s) cat {table} ;;
esac
"""
STATE = (
    '- 0x01: {{ type: open, superblock: "fe:00:{other}", filename: "db/nexus.mv.db" }}\n'
    '- 0x02: {{ type: lock, superblock: "fe:00:{inode}", filename: "{name}", owner: "lock" }}\n'
)


class Kernel:
    """A folder in the place of /proc/fs/nfsd/clients, and an export to it."""

    def __init__(self, folder):
        self.folder = folder
        self.ended = None
        self.data = folder / "srv"
        self.clients = folder / "clients"
        self.exports = folder / "exports.d"
        self.programs = folder / "bin"
        for made in (self.data, self.clients, self.exports, self.programs):
            made.mkdir()
        (self.data / "lock").touch()
        self.file = self.exports / "m.exports"
        self.file.write_text(f"{self.data} 10.0.0.1(rw)\n")
        self.exportfs()

    def exportfs(self, more=":"):
        program = self.programs / "exportfs"
        table = self.folder / "table"
        table.write_text(f"{self.data}  10.0.0.1(rw)\n")
        program.write_text(EXPORTFS.format(table=table, folder=self.exports, more=more))
        program.chmod(0o755)

    def client(self, number, address, *, name="nexus/lock", inode=None):
        """A client with Nexus' lock; what is written to its ``ctl`` ends what it has open."""
        folder = self.clients / str(number)
        folder.mkdir()
        (folder / "info").write_text(f'clientid: 0x1\naddress: "{address}"\nname: "Linux"\n')
        number = inode or (self.data / "lock").stat().st_ino
        states = folder / "states"
        states.write_text(STATE.format(other=number + 1, inode=number, name=name))
        os.mkfifo(folder / "ctl")

        def end():
            if (folder / "ctl").read_text() == "expire\n":
                self.ended() if self.ended else states.write_text("")

        threading.Thread(target=end, daemon=True).start()
        return states

    def run(self, script):
        changed = dataclasses.replace(
            script, body=script.body.replace(CLIENTS, str(self.clients)),
            variables={**script.variables, "path": str(self.data), "seconds": 1},
        )  # fmt: skip
        return subprocess.run(
            ["sh", "-s"], input=changed.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{self.programs}:{os.environ['PATH']}"}, timeout=20,
        )  # fmt: skip

    def close(self, *fenced):
        return self.run(scripts.close(str(self.file), "# closed\n", "", fenced))


@pytest.fixture
def kernel(tmp_path):
    return Kernel(tmp_path)


def test_nobody_is_let_in_any_more(kernel):
    ran = kernel.close()

    assert ran.returncode == 0, ran.stderr
    assert kernel.file.read_text() == "# closed\n"
    assert (kernel.folder / "table").read_text() == ""
    assert [path.name for path in kernel.exports.iterdir()] == ["m.exports"]


def test_what_a_fenced_machine_has_open_is_ended(kernel):
    states = kernel.client(7, "127.0.0.1:915")

    ran = kernel.close("localhost", "127.0.0.1")

    assert ran.returncode == 0, ran.stderr
    assert states.read_text() == ""


def test_the_kernels_files_have_no_size_whatever_they_say(kernel):
    """As all that it makes up when it is read: the words of a process stand for its states."""
    states = kernel.client(7, "127.0.0.1:915")
    with subprocess.Popen(["sh", "-c", "read x", states.read_text()], stdin=subprocess.PIPE) as it:
        states.unlink()
        states.symlink_to(f"/proc/{it.pid}/cmdline")
        kernel.ended = it.kill
        assert states.stat().st_size == 0

        ran = kernel.close("127.0.0.1")

    assert ran.returncode == 0, ran.stderr


def test_who_was_not_fenced_and_has_it_open_stops_the_move(kernel):
    states = kernel.client(7, "10.0.0.1:915")

    ran = kernel.close("10.0.0.2")

    assert ran.returncode == 1
    assert "Nexus' data are still open on 10.0.0.1" in ran.stderr
    assert states.read_text()
    assert kernel.file.read_text() == "# closed\n"


def test_another_file_of_the_same_number_is_not_nexus_lock(kernel):
    kernel.client(7, "10.0.0.1:915", name="nexus/else")
    kernel.client(8, "10.0.0.2:915", inode=1)

    assert kernel.close().returncode == 0


def test_an_export_that_stays_live_by_another_file_stops_the_move(kernel):
    (kernel.exports / "other.exports").write_text(f"{kernel.data} 10.0.0.9(rw)\n")

    ran = kernel.close()

    assert ran.returncode == 1
    assert "is still exported: 10.0.0.9(rw)" in ran.stderr


@pytest.mark.parametrize(
    ("address", "bare"), [("10.0.0.1:915", "10.0.0.1"), ("[fe80::1]:915", "fe80::1")]
)
def test_the_probe_tells_who_has_the_data_open(kernel, address, bare):
    kernel.client(7, address)
    kernel.client(8, "10.0.0.7:915", name="nexus/else")
    script = dataclasses.replace(scripts.close("", "", "", ()), body=HOLDERS)

    assert holders(kernel.run(script).stdout) == {bare}


def test_names_are_looked_up():
    script = dataclasses.replace(
        scripts.start("x"),
        body=RESOLVE,
        variables={"names": ("localhost", "10.0.0.1", "no.such.invalid")},
    )
    ran = subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                         check=False)  # fmt: skip

    found = resolved(ran.stdout)
    assert found["localhost"] & {"127.0.0.1", "::1"}
    assert found["10.0.0.1"] == {"10.0.0.1"}
    assert "no.such.invalid" not in found


@pytest.mark.parametrize(
    ("client", "let_in"),
    [("10.0.0.1", True), ("10.0.0.0/24", True), ("10.0.0.0/255.255.255.0", True), ("*", True),
     ("one.example.com", True), ("10.0.0.2", False), ("10.0.1.0/24", False), ("@nodes", False)],
)  # fmt: skip
def test_whom_a_client_of_an_export_stands_for(client, let_in):
    assert lets_in(client, {"10.0.0.1", "one.example.com"}) == let_in


DOCKER = """\
#!/bin/sh
echo "$*" >>{log}
case "$*" in
  "node ls"*) printf 'up Ready\\ncut Down\\n' ;;
  "service ps"*) [ -e {ended} ] || cat {tasks}; {then} ;;
  "ps -q"*) [ ! -e {running} ] || echo c1 ;;
  stop*) rm -f {running} ;;
esac
"""


@pytest.fixture
def docker(tmp_path):
    """Run a script with a Docker whose tasks are those of a file."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "tasks").write_text("")

    def run(script, then=":"):
        text = DOCKER.format(then=then, **{name: tmp_path / name for name in
                             ("log", "ended", "tasks", "running")})  # fmt: skip
        (programs / "docker").write_text(text)
        (programs / "docker").chmod(0o755)
        script = dataclasses.replace(script, variables={**script.variables, "seconds": 2})
        return subprocess.run(
            ["sh", "-s"], input=script.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{programs}:{os.environ['PATH']}"}, timeout=20,
        )  # fmt: skip

    run.folder = tmp_path
    return run


def test_a_stop_waits_for_tasks_on_nodes_that_are_up(docker):
    (docker.folder / "tasks").write_text("up Running 3 minutes ago\ncut Running 3 minutes ago\n")

    ran = docker(scripts.stop("s"), then=f"touch {docker.folder}/ended")

    assert ran.returncode == 0, ran.stderr
    log = (docker.folder / "log").read_text()
    assert log.startswith("service scale --detach=true s=0\n")
    assert log.count("service ps") == 2


def test_notes_of_a_standstill_that_is_over_are_taken_away(docker):
    """Cut off after this, the move is carried on: they would say that another has stopped it."""
    (docker.folder / "tasks").write_text("up Shutdown 1 second ago\n")
    for name in ("stopped", "stopped.guard", "stopped.hold", "upgrade.json"):
        (docker.folder / name).touch()

    assert docker(scripts.stop("s", str(docker.folder))).returncode == 0

    assert not list(docker.folder.glob("stopped*"))
    assert (docker.folder / "upgrade.json").exists()


def test_a_task_on_a_node_that_the_managers_do_not_reach_is_not_waited_for(docker):
    (docker.folder / "tasks").write_text("cut Running 3 minutes ago\nup Shutdown 1 second ago\n")

    assert docker(scripts.stop("s")).returncode == 0


def test_a_task_that_does_not_end_is_told_with_its_node(docker):
    (docker.folder / "tasks").write_text("up Running 3 minutes ago\n")

    ran = docker(scripts.stop("s"))

    assert ran.returncode == 124
    assert "it still runs on up after 2 s" in ran.stderr


def test_a_node_is_left_without_a_container_of_the_service(docker):
    (docker.folder / "running").touch()

    ran = docker(scripts.leave("s", (), "/srv/nexus", 120))

    assert ran.returncode == 0, ran.stderr
    assert "stop -t 120 c1" in (docker.folder / "log").read_text()


def test_a_mount_that_is_gone_already_is_no_failure(docker):
    assert docker(scripts.leave("s", ("/no/such/mount",), "/srv/nexus", 120)).returncode == 0
