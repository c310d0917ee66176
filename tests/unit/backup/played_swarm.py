"""A site of shells for backups: an NFS host, a manager and a node, with a docker that plays."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))

from played_site import ShellFleet, ShellHost

from moorage.errors import Unreachable
from moorage.gather import Gatherer
from moorage.lock import Identity, Lock
from moorage.planning import Work
from moorage.steps.backup import BackupDesired, Directory, Target, Ways
from moorage.steps.backup.generations import Rule
from moorage.steps.stack.standstill import Standstill
from moorage.transport.nexus_status import WRITABLE

HOME = "/var/lib/moorage/played"
DOCKER = """\
#!/bin/sh
here={here}
echo "$@" >>$here/asked
case "$1 $2" in
  "service inspect")
    [ -e $here/replicas ] || {{ echo "Error: no such service: x" >&2; exit 1; }}
    case "$*" in
      *--format*) cat $here/replicas ;;
      *) sed "s/REPLICAS/$(cat $here/replicas)/" $here/service.json ;;
    esac ;;
  "service scale") for last; do :; done; echo "${{last#*=}}" >$here/replicas ;;
  "service ps") [ "$(cat $here/replicas)" = 0 ] || echo "Running 1 minute ago" ;;
  "service ls") cat $here/beside 2>/dev/null ;;
  "stack deploy") cat >$here/deployed; echo x >$here/beside ;;
  "stack rm") rm -f $here/beside ;;
  "ps "*) case "$*" in *verify*) ;; *) [ "$(cat $here/replicas)" = 0 ] || echo c0ffee ;; esac ;;
  "inspect "*) echo sha256:abc ;;
  "image ls") echo moorage/nexus:1 ;;
  "volume inspect") exit 1 ;;
esac
exit 0
"""
# what the NFS host is asked and this machine has not
HOST_PROGRAMS = {
    "exportfs": "#!/bin/sh\n:\n",
    "dpkg-query": "#!/bin/sh\necho installed\n",
    "sync": "#!/bin/sh\n:\n",
}  # fmt: skip


class PlayedSwarm:
    """Hosts that are shells, and what a step about backups needs of them."""

    def __init__(self, tmp_path, monkeypatch, report, export):
        self.root = tmp_path
        self.export = export
        self.report = report
        self.here = tmp_path / "docker"
        self.here.mkdir()
        programs = tmp_path / "bin"
        programs.mkdir()
        for name, text in {"docker": DOCKER.format(here=self.here), **HOST_PROGRAMS}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        self.programs = programs
        self.replicas = "1"
        spec = {"Mode": {"Replicated": {"Replicas": "REPLICAS"}},
                "TaskTemplate": {"ContainerSpec": {"Image": "moorage/nexus:1"}}}  # fmt: skip
        text = json.dumps([{"Spec": spec}]).replace('"REPLICAS"', "REPLICAS")
        (self.here / "service.json").write_text(text)
        self.fleet = ShellFleet(*(ShellHost(name, self._folder(name))
                                  for name in ("nas", "boss", "edge")))  # fmt: skip
        self.wanted = BackupDesired(
            stack="played", service="played_nexus", nfs="nas", manager="boss", nodes=("edge",),
            home=HOME, export=str(export), uid=os.getuid(),
            target=Target("directory", "", str(tmp_path / "backups/played"),
                          str(tmp_path / "backups")),
            rule=Rule(last=2), floor=1024, snapshot=True, sample=5, inventory="abc",
            version="3.94.0", startup_seconds=10,
        )  # fmt: skip
        self.writable = True
        self.version = "3.94.0"
        self.starting = False
        self.waits = []
        self.logged_in = False
        self.nexus = None

    def _folder(self, name):
        folder = self.root / name
        folder.mkdir()
        return folder

    @property
    def replicas(self):
        path = self.here / "replicas"
        return path.read_text().strip() if path.exists() else "0"

    @replicas.setter
    def replicas(self, number):
        (self.here / "replicas").write_text(f"{number}\n")

    def home(self, host):
        return self.root / host / "moorage/played"

    def end_guards(self):
        """A guard looks for its note every few seconds for as long as that is there."""
        for name in ("stopped", "stopped.guard"):
            (self.home("boss") / name).unlink(missing_ok=True)

    def generations(self):
        folder = self.root / "backups/played"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def record(self):
        return json.loads((self.home("boss") / "backups.json").read_text())

    def _web(self):
        if self.nexus:
            return self.nexus.web()
        swarm = self

        class Web:
            def ask(self, method, path, **_):
                assert path == WRITABLE
                if swarm.starting:
                    raise Unreachable("nothing answers")
                up = swarm.writable and swarm.replicas != "0"
                headers = {"Server": f"Nexus/{swarm.version}-01 (OSS)"}
                return SimpleNamespace(status_code=200 if up else 503, headers=headers)

        return Web()

    def _await(self, progress):
        self.waits.append(self.replicas)
        self.starting = False
        return "3.94.0"

    def keeping(self):
        return Directory(self.wanted.target, HOME, os.getuid(), 5)

    def ways(self):
        still = Standstill("played_nexus", "boss", "nas", ("edge",), HOME, str(self.export))
        return Ways(still, self._web, self._await, lambda web, version: self.logged_in)

    def work(self, *steps, confirm=lambda _question: None):
        from moorage.choice import KNOWN_AFTER, NEEDS

        hosts = list(self.fleet.hosts)

        def lock(outcomes):
            touched = {"boss" for outcome in outcomes if outcome.unknown}
            for outcome in outcomes:
                for change in outcome.plan.changes if outcome.plan else ():
                    hosts_of = (getattr(action, "host", None) for action in change.actions)
                    touched |= {change.host, *filter(None, hosts_of)}
            return Lock(self.fleet, HOME, [host for host in hosts if host in touched], "played",
                        me=Identity("alice@laptop", 1, "here"))  # fmt: skip

        return Work(
            steps=steps, needs=NEEDS, known_after=KNOWN_AFTER,
            gatherer=Gatherer(self.fleet, HOME, hosts, self.report.progress_of),
            report=self.report, confirm=confirm, lock=lock, where=lambda host: host,
        )  # fmt: skip


def held(swarm, why="restore X"):
    """A restoration was killed before it let Nexus be started again."""
    swarm.home("boss").mkdir(parents=True, exist_ok=True)
    (swarm.home("boss") / "stopped").write_text(f"dead\nplayed_nexus\n1\n{why}\n")
    (swarm.home("boss") / "stopped.hold").touch()
