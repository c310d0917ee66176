"""``inv new-site`` on a terminal: wrong answers are asked again, an early end leaves nothing."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from moorage.config.inventory import load_site

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent


ANSWERED = [
    "--nfs=nas", "--export=/srv/nexus", "--manager=swarm1", "--node=swarm2", "--network=proxy",
    "--registry-domain=registry.example.org", "--nexus-domain=nexus.example.org",
    "--nexus-version=3.94.0", "--admin-password=env:SECRET", "--traefik-version=3.7", "--tls=own",
]  # fmt: skip


@pytest.fixture
def copied(tmp_path):
    """The project beside itself, to run its real programs where they may write."""
    for name in ("moorage", "lab", "fabfile"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "inventories/example", tmp_path / "inventories/example")
    for name in ("tasks.py", "fabric.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


class Operator:
    """Somebody on a terminal, who reads the questions and types answers."""

    def __init__(self, root, *words):
        self.ours, theirs = pty.openpty()
        self.ran = subprocess.Popen(
            [str(BIN / "inv"), "--search-root", str(root), *words], stdin=theirs, stdout=theirs,
            stderr=theirs, cwd=root, env={**os.environ, "PYTHONPATH": str(root), "TERM": "dumb"},
            # whoever runs the tests may ignore it, and children take that over
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        os.close(theirs)
        self.read = ""

    def answers(self, question, answer):
        self.until(question)
        os.write(self.ours, f"{answer}\n".encode())

    def until(self, text):
        """Wait for a text, forget what came before it, and give that."""
        while text not in self.read:
            self.read += self.more() or pytest.fail(f"no {text!r} in {self.read!r}")
        before, _, self.read = self.read.partition(text)
        return before

    def more(self):
        """What comes next; nothing at the end, or when nothing comes."""
        if not select.select([self.ours], [], [], 60)[0]:
            return ""
        try:
            return os.read(self.ours, 65536).decode()
        except OSError:
            return ""

    def interrupt(self):
        """Press Ctrl-C, again where the first came between the question and the reading."""
        for _ in range(5):
            self.ran.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.ran.wait(5)
                return

    def end(self):
        while chunk := self.more():
            self.read += chunk
        os.close(self.ours)
        return self.ran.wait(30)


def test_on_a_terminal_a_wrong_answer_is_told_at_once_and_asked_for_again(copied):
    one = Operator(copied, "new-site", "prod", "--tls", "none")
    one.answers("nfs: ", "nas=ops@10.0.0.10")
    one.answers("export [/srv/nexus]: ", "/srv")
    one.until('"/srv" is never exported')
    one.answers("export [/srv/nexus]: ", "/srv/images")
    one.answers("manager: ", "")
    one.answers("manager: ", "swarm1=10.0.0.11")
    one.answers("node: ", "")
    one.answers("registry domain: ", "registry.example.org")
    one.answers("nexus domain [nexus.example.org]: ", "")
    for question in ("nexus version [3.94.0]: ", "admin password [env:NEXUS_ADMIN_PASSWORD]: ",
                     "traefik version [auto]: ", "network [proxy]: "):  # fmt: skip
        one.answers(question, "")
    assert "export: /srv/images" in one.until("write inventories/prod/site.yml?")
    assert not (copied / "inventories/prod").exists()
    one.answers("[y/N] ", "y")

    assert one.end() == 0, one.read
    site = load_site("prod", root=copied, environ={})
    assert site.storage.export == "/srv/images"
    assert site.hosts.nodes == {}
    assert site.ingress.tls is None
    assert "fab doctor --inventory prod" in one.read


def test_an_end_in_the_middle_leaves_nothing(copied):
    one = Operator(copied, "new-site", "prod")
    one.answers("nfs: ", "10.0.0.10")
    one.until("export [/srv/nexus]: ")
    os.write(one.ours, b"\x04")

    assert one.end() == 3
    assert "nothing was written" in one.read
    assert not (copied / "inventories/prod").exists()


def test_an_end_at_the_last_question_leaves_nothing(copied):
    one = Operator(copied, "new-site", "prod", *ANSWERED)
    one.until("write inventories/prod/site.yml? [y/N] ")
    os.write(one.ours, b"\x04")

    assert one.end() == 3
    assert "error: no answer came; nothing was written" in one.read
    assert "Traceback" not in one.read
    assert not (copied / "inventories/prod").exists()


def test_ctrl_c_leaves_nothing(copied):
    one = Operator(copied, "new-site", "prod")
    one.until("nfs: ")
    one.interrupt()

    assert one.end() == 130, one.read
    assert "interrupted: nothing was written" in one.read
    assert not (copied / "inventories/prod").exists()
