"""``fab status --watch`` on a terminal, as an operator sees it, with hosts that are not there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
OTHER_SCREEN, FIRST_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


@pytest.fixture
def nowhere(inventory, tmp_path):
    """Hosts and names that refuse at once."""
    path = Path(inventory)
    text = path.read_text()
    for address in ("10.0.0.10", "10.0.0.11", "swarm2.internal", "10.0.0.13"):
        text = text.replace(f"address: {address}", "address: 127.0.0.1, port: 1")
    text = text.replace('version: "3.7"', 'version: "3.7", address: 127.0.0.1, port: 1')
    path.write_text(f"{text}api: via-ssh\n")
    return inventory


def begun(inventory, *words):
    fd, other = pty.openpty()
    process = subprocess.Popen(
        [str(BIN / "fab"), "--search-root", str(ROOT), "status", "--inventory", inventory, *words],
        stdin=other, stdout=other, stderr=other, start_new_session=True,
        env={**os.environ, "TERM": "xterm", "NEXUS_ADMIN_PASSWORD": "x"},
        # opening it makes it the controlling one, from which Ctrl-C comes
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
    )  # fmt: skip
    os.close(other)
    return process, fd


def read_until(fd, words, text=""):
    while words not in text:
        ready, _, _ = select.select([fd], [], [], 60)
        assert ready, text
        assert len(text) < 200_000, text[:5000]
        text += os.read(fd, 65536).decode(errors="replace")
    return text


def test_the_screen_is_drawn_anew_and_given_back_at_ctrl_c(nowhere):
    process, fd = begun(nowhere, "--watch", "--every", "1s")
    shown = read_until(fd, "Ctrl-C ends it")
    assert OTHER_SCREEN in shown
    assert "nas: no SSH connection" in shown
    again = read_until(fd, "Ctrl-C ends it", shown.partition("Ctrl-C ends it")[2])
    assert "is not healthy" in again
    assert FIRST_SCREEN not in shown + again

    os.write(fd, b"\x03")
    rest = read_until(fd, FIRST_SCREEN)
    while True:
        try:
            rest += os.read(fd, 65536).decode(errors="replace")
        except OSError:
            break
    assert process.wait(30) == 130
    os.close(fd)
    # the last look stays to be read
    assert "is not healthy" in rest.partition(FIRST_SCREEN)[2]
    assert "Traceback" not in rest


def test_without_watching_it_says_so_on_the_last_line_and_ends_with_four(nowhere):
    ran = subprocess.run(
        [str(BIN / "fab"), "--search-root", str(ROOT), "status", "--inventory", nowhere],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "NEXUS_ADMIN_PASSWORD": "x"},
    )  # fmt: skip
    assert ran.returncode == 4
    assert ran.stdout.splitlines()[-1].startswith("registry is not healthy: hosts: nas: no SSH")
    assert ran.stderr == ""
