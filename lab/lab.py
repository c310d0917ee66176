"""The lab as one object: up, down, reset, and what tests do to its guests."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import topology
from .artefacts import Artefacts, make_artefacts
from .cache import Cache, remove_tree
from .guests import Guests
from .identity import password
from .namespace import Namespace
from .nexus_image import image_name, load_image
from .parallel import threads, wait
from .partition import Partition
from .paths import PROJECT, Paths
from .process import run as run_here
from .progress import say, step
from .requirements import check_host
from .ssh import Ssh, write_client_files
from .state import State
from .swarm import Swarm


class Lab:
    """Three guests on a network of their own, for one project directory.

    Args:
        project: Root of the project; its `.lab` directory holds what users of the lab need.
    """

    def __init__(self, project: Path = PROJECT) -> None:
        self.paths = Paths.of(project)
        self.namespace = Namespace(self.paths)
        self.ssh = Ssh(self.paths)
        self._cache = Cache(self.paths.cache)
        self.guests = Guests(self.paths, self.namespace, self.ssh, self._cache)
        self.swarm = Swarm(self.ssh, self.namespace, self.paths.home / "ca.crt")
        self.partition = Partition(self.namespace)
        self._state = State(self.paths.run / "state.json")

    def up(self, nexus_image: Path | None = None) -> None:
        """Bring the lab up; one that is up already is left as it is.

        Args:
            nexus_image: Image archive for the manager to load in place of the stand-in.

        Raises:
            HostLacksError: This machine lacks something; nothing was begun.
            LabError: A step failed; the lab is down again unless it was up before.
        """
        check_host(self.paths)
        if nexus_image:
            image_name(nexus_image)
        with self._locked():
            if self._is_ready():
                outdated = ", from an older build; ./run lab reset renews it"
                say(f"lab          is up{'' if self._state.is_current() else outdated}")
                self.swarm.wait()
            else:
                self._start(self._artefacts(), ready=True)
            if nexus_image:
                load_image(nexus_image, self.guests, self.ssh, self.paths)

    def reset(self) -> None:
        """Give all guests fresh disks and make the Swarm again; starts a lab that is down.

        Traefik is deployed and takes half a minute more: wait for it with `wait_ready`.
        """
        check_host(self.paths)
        with self._locked():
            self._start(self._artefacts(), ready=False)

    def down(self) -> None:
        """End every process of the lab and give back its network, mounts and disks."""
        with self._locked(), step("lab is down"):
            self._destroy()

    def kill(self, host: str) -> None:
        """Switch a guest off as a power cut does; its disks stay as they are."""
        self.guests.kill(topology.guest(host))

    def boot(self, host: str) -> None:
        """Switch a guest on again and wait until it takes ssh; one that runs is left alone."""
        guest = topology.guest(host)
        self.namespace.enter_words()
        if self.guests.daemon(guest).pid() is None:
            self.guests.start(guest, self._state.bases(guest))
        self.guests.wait(guest)

    def cut(self, host: str, other: str | None = None) -> None:
        """Cut a guest off from everything, this machine included, or from one other guest."""
        guest = topology.guest(host)
        self.partition.cut(guest, topology.guest(other) if other else None)
        if other is None:
            self.ssh.forget(host)

    def mend(self, host: str) -> None:
        """Connect a guest to everything again."""
        self.partition.mend(topology.guest(host))

    def forget(self, host: str) -> None:
        """Give up the open connections to a guest, which may be dead without telling."""
        self.ssh.forget(topology.guest(host).name)

    def wait_ready(self) -> None:
        """Wait until all guests take ssh, both nodes are ready and Traefik answers."""
        for guest in topology.GUESTS:
            self.guests.wait(guest)
        self.swarm.wait()

    def run(
        self,
        host: str,
        script: str,
        *,
        user: str = "root",
        check: bool = True,
        timeout: float = 300.0,
    ) -> str:
        """Run a shell script in a guest and give back what it wrote to standard output.

        Args:
            host: Name of the guest.
            script: Text for `sh`.
            user: Account there: root, ops (sudo without password) or opspw (with one).
            check: Raise when the script's exit code is not 0.
            timeout: Seconds for all of it.

        Raises:
            LabError: The guest is not reached, or the script failed; with its error output.
        """
        topology.guest(host)
        done = self.ssh.run(host, script, user=user, check=check, timeout=timeout)
        return done.stdout.decode(errors="replace")

    def exec(self, argv: Sequence[str], *, timeout: float = 300.0) -> str:
        """Run a program of this machine inside the lab's namespaces; gives back its output."""
        words = [*self.namespace.enter_words(), *argv]
        return run_here(words, timeout=timeout).stdout.decode(errors="replace")

    def status(self) -> dict[str, str]:
        """State of the lab's namespaces and of each guest, in a few words."""
        holder = self.namespace.first_process()
        found = {"lab": "down" if holder is None else ("up" if self._is_ready() else "not ready")}
        off = self.partition.off() if holder is not None else set()
        apart = self.partition.apart() if holder is not None else set()
        for guest in topology.GUESTS:
            pid = self.guests.daemon(guest).pid()
            state = "off" if pid is None else f"runs, pid {pid}"
            if pid is not None and not self.ssh.answers(guest.name, 0.5):
                state += ", does not answer"
            if guest.name in off:
                state += ", cut off"
            elif guest.name in apart:
                (other,) = apart - {guest.name}
                state += f", cut off from {other}"
            found[guest.name] = f"{guest.address} {state}"
        return found

    def _start(self, artefacts: Artefacts, *, ready: bool) -> None:
        try:
            self.paths.make()
            self._state.forget()
            self.guests.kill_all()
            if self.namespace.first_process() is None:
                self._prepare(artefacts)
            for guest in topology.GUESTS:
                self.partition.mend(guest)
            with step("three guests booted"):
                self.guests.boot_all(artefacts)
            with threads() as pool:
                password_set = pool.submit(self._set_password)
                self.swarm.make(artefacts.authority)
                wait(password_set)
            if ready:
                with step("nodes ready, Traefik answers on https://nexus.lab"):
                    self.swarm.wait()
            self._state.record(artefacts)
        except BaseException:
            self._destroy()
            raise

    def _prepare(self, artefacts: Artefacts) -> None:
        self.namespace.create()
        self.paths.enter.write_text(self.namespace.script())
        self.paths.enter.chmod(0o755)
        write_client_files(self.paths, artefacts.keys)
        certificate = artefacts.authority.certificate.read_bytes()
        (self.paths.home / "ca.crt").write_bytes(certificate)
        password(self.paths.secrets, "admin_password")

    def _set_password(self) -> None:
        secret = password(self.paths.secrets, "opspw_password")
        for guest in topology.GUESTS:
            script = f"chpasswd <<'END'\nopspw:{secret}\nEND\n"
            self.ssh.run(guest.name, script, timeout=30.0)

    def _destroy(self) -> None:
        for guest in topology.GUESTS:
            self.guests.kill(guest)
        self.namespace.destroy()
        self.paths.enter.unlink(missing_ok=True)
        for path in (self.paths.disks, self.paths.run, self.paths.pin):
            remove_tree(path)

    def _is_ready(self) -> bool:
        return self._state.recorded() and self.namespace.first_process() is not None

    def _artefacts(self) -> Artefacts:
        return make_artefacts(self._cache, self.paths.pin)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change this lab."""
        self.paths.home.mkdir(mode=0o700, exist_ok=True)
        with (self.paths.home / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("lab          waiting for another process that works on this lab")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
