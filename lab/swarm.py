"""Makes a Swarm of the manager and the worker, and puts Traefik in front of it.

The docker command takes about a second of a guest's one slow processor, so nothing here calls
it in a tight loop: the engine is asked by its socket, Traefik from outside.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .identity import Authority
from .ingress import deploy_script
from .namespace import Namespace
from .parallel import threads, wait
from .progress import step
from .ssh import Ssh
from .topology import MANAGER, WORKER

NETWORK = "proxy"
_ADVERTISED = {"ListenAddr": "0.0.0.0:2377", "AdvertiseAddr": MANAGER.address}
_OVERLAY = {"Name": NETWORK, "Driver": "overlay", "Attachable": True, "CheckDuplicate": True}

# systemd holds the socket from early on: the first request waits until the engine takes it.
_ENGINE_ANSWERS = """set -e
ask() {
    curl --silent --show-error --fail-with-body --max-time 60 --unix-socket /run/docker.sock \\
        --header 'Content-Type: application/json' --request "$1" ${3:+--data} ${3:+"$3"} \\
        "http://docker/$2"
}
until [ -S /run/docker.sock ]; do sleep 0.2; done
ask GET _ping > /dev/null
"""
_INIT = f"""{_ENGINE_ANSWERS}
ask POST swarm/init '{json.dumps(_ADVERTISED)}' > /dev/null
ask GET swarm
"""
_MAKE_NETWORK = f"""{_ENGINE_ANSWERS}
ask POST networks/create '{json.dumps(_OVERLAY)}' > /dev/null
"""
_NODES_READY = """
for _ in $(seq 60); do
    [ "$(docker node ls --format '{{.Status}}' | grep -c Ready)" = 2 ] && exit 0
    sleep 1
done
docker node ls >&2
exit 1
"""
_SECONDS = 120.0
_PROBE = Path(__file__).with_name("probe.py")


class Swarm:
    """The Swarm of the lab's guests.

    Args:
        ssh: Way into the guests.
        namespace: Where the guests' network is.
        authority_file: Certificate that Traefik's is checked against.
    """

    def __init__(self, ssh: Ssh, namespace: Namespace, authority_file: Path) -> None:
        self._ssh = ssh
        self._namespace = namespace
        self._authority_file = authority_file

    def make(self, authority: Authority) -> None:
        """Initialise the Swarm, join the worker, make the network, deploy Traefik.

        Traefik takes half a minute more until it answers: see `wait`.

        Args:
            authority: Whose certificate Traefik is to show.
        """
        with threads() as pool:
            engine = pool.submit(self._on, WORKER.name, _ENGINE_ANSWERS)
            with step("Swarm made"):
                token = json.loads(self._on(MANAGER.name, _INIT))["JoinTokens"]["Worker"]
                wait(engine)
                joined = pool.submit(self._on, WORKER.name, _join_script(token))
            with step("worker joined, Traefik deployed"):
                self._on(MANAGER.name, _MAKE_NETWORK + deploy_script(authority))
                wait(joined)

    def wait(self) -> None:
        """Wait until Traefik answers and both nodes are ready.

        Raises:
            LabError: They are not after two minutes; the message has the nodes.
        """
        where: list[str | Path] = ["nexus.lab", "443", self._authority_file, f"{_SECONDS}"]
        probe = [sys.executable, "-I", "-S", _PROBE, *where]
        self._namespace.run(probe, timeout=_SECONDS + 10)
        self._on(MANAGER.name, _NODES_READY)

    def _on(self, host: str, script: str) -> str:
        return self._ssh.run(host, script, timeout=_SECONDS).stdout.decode()


def _join_script(token: str) -> str:
    """Script for the worker that makes it a node of the Swarm."""
    remote = {"RemoteAddrs": [f"{MANAGER.address}:2377"], "JoinToken": token}
    wanted = {**remote, "ListenAddr": "0.0.0.0:2377", "AdvertiseAddr": WORKER.address}
    return f"{_ENGINE_ANSWERS}\nask POST swarm/join '{json.dumps(wanted)}' > /dev/null\n"
