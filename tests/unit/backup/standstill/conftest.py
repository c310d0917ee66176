"""A docker that plays Swarm, and a service that is stopped for a while."""

from __future__ import annotations

import os
import time

import pytest

from moorage.steps.stack import standstill_scripts
from moorage.steps.stack.standstill import Standstill

DOCKER = """\
#!/bin/sh
here={here}
case "$1 $2" in
  "service inspect") cat $here/replicas ;;
  "service scale")
    [ ! -e $here/broken ] || exit 1
    for last; do :; done; echo "${{last#*=}}" >$here/replicas; echo "$last" >>$here/scaled ;;
  "service ps") [ "$(cat $here/replicas)" = 0 ] || echo "Running 1 minute ago" ;;
  "ps "*) cat $here/containers 2>/dev/null ;;
esac
"""


@pytest.fixture
def swarm(tmp_path, home, monkeypatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER.format(here=tmp_path))
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (tmp_path / "replicas").write_text("1\n")
    (home / "lock").mkdir()
    (home / "lock/id").write_text("ours")
    (home / "lock/beat").touch()

    class Swarm:
        def replicas(self):
            return (tmp_path / "replicas").read_text().strip()

        def until(self, replicas):
            for _ in range(200):
                if self.replicas() == replicas:
                    return
                time.sleep(0.1)
            pytest.fail(f"it has {self.replicas()} tasks still")

    return Swarm()


@pytest.fixture
def still(home, tmp_path):
    return Standstill(
        "registry_nexus", "boss", "nas", ("edge",), str(home), str(tmp_path / "nexus")
    )


@pytest.fixture
def guards(home):
    """Ends every guard that a test started."""
    yield
    for name in ("stopped", "stopped.guard", "stopped.hold"):
        (home / name).unlink(missing_ok=True)


@pytest.fixture
def quick(monkeypatch):
    """A guard that looks often."""
    text = standstill_scripts.STOP.replace("while sleep 5;", "while sleep 0.1;")
    monkeypatch.setattr(standstill_scripts, "STOP", text)
