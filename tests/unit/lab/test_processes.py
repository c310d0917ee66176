"""Programs that the lab runs and leaves running: their output, their end, their pid files."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lab import dial, parallel, process
from lab.daemon import Daemon
from lab.errors import LabError
from lab.identity import password
from lab.process import run

DIAL = Path(dial.__file__)


def test_a_failure_names_command_code_and_last_words():
    with pytest.raises(LabError, match=r"exit code 7: sh -c 'echo no disk >&2; exit 7'\n  no disk"):
        run(["sh", "-c", "echo no disk >&2; exit 7"])


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(LabError, match="program not found: no-such-program"):
        run(["no-such-program"])


def test_a_program_out_of_time_is_ended_with_its_children(tmp_path):
    pid_file = tmp_path / "pid"
    with pytest.raises(LabError, match="not done after"):
        run(["sh", "-c", f"sleep 60 & echo $! > {pid_file}; wait"], timeout=0.3)
    time.sleep(0.1)
    assert not alive(int(pid_file.read_text()))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_giving_up_ends_what_other_threads_run():
    begun = threading.Event()

    def work() -> None:
        begun.set()
        run(["sleep", "60"])

    with contextlib.suppress(KeyboardInterrupt), parallel.threads() as pool:
        future = pool.submit(work)
        begun.wait()
        time.sleep(0.2)
        raise KeyboardInterrupt
    assert isinstance(future.exception(), LabError)
    assert run(["echo", "again"]).stdout == b"again\n"


def test_nothing_new_starts_while_giving_up():
    with process.stopped(), pytest.raises(LabError, match="given up: true"):
        run(["true"])
    assert run(["true"]).returncode == 0


def test_a_daemon_is_known_by_its_pid_file_and_ends_with_its_children(tmp_path):
    daemon = Daemon(tmp_path / "pid", str(tmp_path))
    pid = daemon.start(["sh", "-c", "setsid sleep 60 & sleep 60; :", tmp_path], tmp_path / "log")
    assert daemon.pid() == pid
    assert Daemon(tmp_path / "pid", str(tmp_path)).pid() == pid
    time.sleep(0.2)
    children = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    daemon.kill()
    assert daemon.pid() is None
    assert not any(alive(one) for one in [pid, *children])
    daemon.kill()


def test_a_pid_that_now_belongs_to_another_program_is_left_alone(tmp_path):
    other = subprocess.Popen(["sleep", "60"])
    (tmp_path / "pid").write_text(f"{other.pid}\n")
    daemon = Daemon(tmp_path / "pid", str(tmp_path))
    assert daemon.pid() is None
    daemon.kill()
    assert other.poll() is None
    other.send_signal(signal.SIGKILL)
    other.wait()


def test_a_password_is_made_once_for_its_owner_alone(tmp_path):
    first = password(tmp_path, "admin_password")
    assert password(tmp_path, "admin_password") == first
    assert len(first) >= 20
    assert (tmp_path / "admin_password").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def dialled(port: int, seconds: str = "3") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", DIAL, "127.0.0.1", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LAB_DIAL_SECONDS": seconds},
    )


def test_dial_passes_an_end_of_input_on_and_still_receives(server):
    client = dialled(server.getsockname()[1])
    link, _ = server.accept()

    def reply() -> None:
        received = b""
        while block := link.recv(1 << 16):
            received += block
        link.sendall(received[::-1])
        link.close()

    thread = threading.Thread(target=reply)
    thread.start()
    data = os.urandom(3 << 20)
    out, _ = client.communicate(data, timeout=20)
    thread.join()
    assert out == data[::-1]
    assert client.returncode == 0


def test_dial_ends_when_the_far_side_does_though_input_is_open(server):
    client = dialled(server.getsockname()[1])
    link, _ = server.accept()
    link.close()
    assert client.wait(timeout=10) == 0
    client.communicate()


def test_dial_says_what_it_could_not_reach(server):
    port = server.getsockname()[1]
    server.close()
    client = dialled(port, "0")
    _, err = client.communicate(timeout=10)
    assert client.returncode == 1
    assert f"127.0.0.1:{port}: " in err.decode()


def test_dial_waits_for_a_port_that_opens_late():
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))
        client = dialled(late.getsockname()[1], "20")
        time.sleep(0.5)
        late.listen()
        link, _ = late.accept()
        link.sendall(b"hello")
        link.close()
        assert client.communicate(timeout=10)[0] == b"hello"
