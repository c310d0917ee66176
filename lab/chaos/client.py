"""The client of a chaos run: pushes images that no other has, and pulls what was acknowledged."""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import LabError
from .events import PULL, PUSH, Events
from .machines import Machines
from .schedule import NODES

REPOSITORY = "registry.lab/team/chaos"
_BYTES = (1_000, 400_000)
_SECONDS = 100
"""How long Docker itself is given for one push or pull; the connection gets a little more."""
_MORE_SECONDS = 60
_SAID = re.compile(r"digest: (sha256:[0-9a-f]{64})")
_ACKNOWLEDGED = "push-has-ended-with-0"
_ALL_SECONDS = 20
_ROUNDS = 3


@dataclass(frozen=True)
class Image:
    """An image that the registry has acknowledged.

    Attributes:
        tag: Its tag.
        digest: What Docker said its digest was.
        at: Seconds since the run began.
    """

    tag: str
    digest: str
    at: float


class Client:
    """Pushes and pulls on the nodes, by their own Docker.

    Args:
        machines: The guests.
        password: Of the registry's admin.
        chance: Draws sizes, hosts and what is pulled.
        events: Where it is told.
    """

    def __init__(
        self, machines: Machines, password: str, chance: random.Random, events: Events
    ) -> None:
        self._machines = machines
        self._password = password
        self._chance = chance
        self._events = events
        self._pushed = 0
        self.acknowledged: list[Image] = []

    def first(self) -> None:
        """Push an image while nothing is broken, so that one is there that must not be lost.

        Raises:
            LabError: None was acknowledged.
        """
        for _ in range(_ROUNDS):
            self.push()
            if self.acknowledged:
                return
        raise LabError("no image could be pushed before anything was broken")

    def once(self) -> None:
        """Push one image, and pull one of those that were acknowledged."""
        self.push()
        if self.acknowledged:
            self.pull(self._chance.choice(self.acknowledged))

    def push(self) -> None:
        """Push an image; acknowledged it is only where Docker ended well and told its digest."""
        self._pushed += 1
        tag = f"n{self._pushed}"
        host, size = self._chance.choice(NODES), self._chance.randint(*_BYTES)
        said = self._tried(host, push_script(tag, size, self._password))
        digest = acknowledged(said)
        self._events.add(PUSH, digest is not None, f"{tag} on {host}", said)
        if digest:
            image = Image(tag, digest, self._events.all()[-1].at)
            self.acknowledged.append(image)

    def pull(self, image: Image) -> None:
        """Pull an image by its digest."""
        host = self._chance.choice(NODES)
        said = self._tried(host, pull_script([image.digest], self._password))
        self._events.add(PULL, lost(said, [image.digest]) == [], f"{image.tag} on {host}", said)

    def lost(self) -> list[Image]:
        """Which acknowledged images are not to be had; what fails is tried again first.

        Raises:
            LabError: No node could be asked.
        """
        left = list(self.acknowledged)
        for number in range(_ROUNDS):
            if not left:
                break
            digests = [image.digest for image in left]
            host = NODES[number % len(NODES)]
            seconds = _ALL_SECONDS * len(left) + _MORE_SECONDS
            said = self._machines.run(
                host, pull_script(digests, self._password), check=False, timeout=seconds
            )
            self._events.note(f"pulled all of {len(left)} on {host}", said)
            missing = lost(said, digests)
            left = [image for image in left if image.digest in missing]
        return left

    def _tried(self, host: str, script: str) -> str:
        """What a script printed, or the lab's own complaint."""
        try:
            return self._machines.run(host, script, check=False, timeout=_SECONDS + _MORE_SECONDS)
        except LabError as failure:
            return str(failure).replace(self._password, "***")


def push_script(tag: str, size: int, password: str) -> str:
    """Script that makes an image with a layer of its own, pushes it and forgets it.

    Args:
        tag: Its tag.
        size: Bytes of random content.
        password: Of the registry's admin.
    """
    name = f"{REPOSITORY}:{tag}"
    return f"""exec 2>&1
{_login(password)}
place=$(mktemp -d /run/moorage-chaos-push.XXXXXX) || exit 1
trap 'rm -rf "$place"' EXIT
head -c {size} /dev/urandom >"$place/content" || exit 1
tar -C "$place" -c content | docker import - {name} >/dev/null || exit 1
timeout {_SECONDS} docker push {name} </dev/null && echo {_ACKNOWLEDGED}
docker image rm {name} >/dev/null
"""


def pull_script(digests: Sequence[str], password: str) -> str:
    """Script that pulls images by their digests and prints a line for each that is there."""
    words = " ".join(shlex.quote(digest) for digest in digests)
    return f"""exec 2>&1
{_login(password)}
for digest in {words}; do
  timeout {_SECONDS} docker pull -q {REPOSITORY}@$digest </dev/null && echo "there $digest"
  docker image rm {REPOSITORY}@$digest >/dev/null
done
"""


def acknowledged(said: str) -> str | None:
    """The digest of a push that Docker ended well, or None."""
    found = _SAID.search(said)
    return found[1] if found and _ACKNOWLEDGED in said.splitlines() else None


def lost(said: str, digests: Sequence[str]) -> list[str]:
    """Which digests were not pulled."""
    there = set(said.splitlines())
    return [digest for digest in digests if f"there {digest}" not in there]


def _login(password: str) -> str:
    return (f"printf %s {shlex.quote(password)} | timeout {_SECONDS} docker login -u admin "
            "--password-stdin registry.lab >/dev/null || exit 1")  # fmt: skip
