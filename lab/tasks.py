"""The lab as Invoke tasks: inv lab.up, lab.down, lab.ssh and the rest.

Each body hands on to the command line's own functions; the lab itself knows nothing of Invoke.
"""

from __future__ import annotations

import shlex
import sys

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import task

from .cli import main


@task(help={"nexus_image": "image archive of docker save, to use in place of the stand-in"})
def up(_c: Context, nexus_image: str = "") -> None:
    """Bring up the lab: three guests with NFS, a Swarm and Traefik.

    example: inv lab.up
    """
    _call("up", *(["--nexus-image", nexus_image] if nexus_image else []))


@task
def down(_c: Context) -> None:
    """End the lab and leave nothing behind.

    example: inv lab.down
    """
    _call("down")


@task
def status(_c: Context) -> None:
    """Say which guests of the lab run.

    example: inv lab.status
    """
    _call("status")


@task
def reset(_c: Context) -> None:
    """Give the guests of the lab fresh disks.

    example: inv lab.reset
    """
    _call("reset")


@task(positional=["host"], help={"command": "what to run there, quoted as one word"})
def ssh(_c: Context, host: str, command: str = "") -> None:
    """Log in to a guest of the lab, or run a command there.

    example: inv lab.ssh manager --command 'docker node ls'
    """
    _call("ssh", host, *shlex.split(command))


@task(positional=["host"])
def kill(_c: Context, host: str) -> None:
    """Switch a guest of the lab off, as a power cut does.

    example: inv lab.kill worker
    """
    _call("kill", host)


@task(positional=["host"])
def boot(_c: Context, host: str) -> None:
    """Switch a guest of the lab on again.

    example: inv lab.boot worker
    """
    _call("boot", host)


@task(positional=["host"], help={"from_": "the one guest to be cut off from; default: all"})
def cut(_c: Context, host: str, from_: str = "") -> None:
    """Cut a guest of the lab off from everything, or from one other guest.

    example: inv lab.cut worker --from nfs
    """
    _call("cut", host, *(["--from", from_] if from_ else []))


@task(positional=["host"])
def mend(_c: Context, host: str) -> None:
    """Connect a guest of the lab to everything again.

    example: inv lab.mend worker
    """
    _call("mend", host)


@task(name="exec", positional=["command"])
def exec_(_c: Context, command: str) -> None:
    """Run a command, quoted as one word, inside the lab's network.

    example: inv lab.exec 'curl -k https://nexus.lab'
    """
    _call("exec", *shlex.split(command))


def _call(*words: str) -> None:
    code = main(list(words))
    if code:
        sys.exit(code)


namespace = Collection(up, down, status, reset, ssh, kill, boot, cut, mend, exec_)
