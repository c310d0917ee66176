"""The lab's command line, for use without any virtual environment: python3 -m lab."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from .errors import LabError
from .lab import Lab
from .progress import say
from .topology import GUESTS

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives back the exit code.

    0 done, 1 failed, 3 this machine lacks something, 4 not up in time, 130 interrupted.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    chosen = _parser().parse_args(arguments)
    try:
        return dispatch(Lab(), chosen)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("lab: interrupted; nothing is left behind", file=sys.stderr)
        return INTERRUPTED


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Three guests to try Moorage on.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring the lab up, made from nothing if need be")
    up.add_argument("--nexus-image", type=Path, help="image archive to use, not the stand-in")
    commands.add_parser("down", help="end the lab and leave nothing behind")
    commands.add_parser("status", help="say which guests run")
    commands.add_parser("reset", help="give the guests fresh disks")
    hosts = [guest.name for guest in GUESTS]
    for name, text in (("kill", "switch a guest off"), ("boot", "switch a guest on again")):
        commands.add_parser(name, help=text).add_argument("host", choices=hosts)
    cut = commands.add_parser("cut", help="cut a guest off from everything, or from another guest")
    cut.add_argument("host", choices=hosts)
    cut.add_argument("--from", dest="other", choices=hosts)
    mend = commands.add_parser("mend", help="connect a guest to everything again")
    mend.add_argument("host", choices=hosts)
    ssh = commands.add_parser("ssh", help="log in to a guest, or run a command there")
    ssh.add_argument("host", choices=hosts)
    ssh.add_argument("words", nargs=argparse.REMAINDER, metavar="command")
    inside = commands.add_parser("exec", help="run a command inside the lab's network")
    inside.add_argument("words", nargs=argparse.REMAINDER, metavar="command")
    return parser


def dispatch(lab: Lab, chosen: argparse.Namespace) -> int:
    """Carry out a parsed command on a lab."""
    match chosen.command:
        case "up":
            lab.up(chosen.nexus_image)
            say("lab          log in with: ./run lab ssh manager   end it with: ./run lab down")
        case "down":
            lab.down()
        case "reset":
            lab.reset()
            say("lab          Traefik is still starting: ./run lab up waits for it")
        case "status":
            return print_status(lab)
        case "kill" | "boot" | "mend" as verb:
            getattr(lab, verb)(chosen.host)
        case "cut":
            lab.cut(chosen.host, chosen.other)
        case "ssh":
            log_in(lab, chosen.host, chosen.words)
        case "exec":
            enter(lab, chosen.words)
    return 0


def print_status(lab: Lab) -> int:
    """Print a line for the lab and each guest; 0 when it is up, 1 when not."""
    found = lab.status()
    for name, state in found.items():
        print(f"{name:8} {state}")
    return 0 if found["lab"] == "up" else 1


def log_in(lab: Lab, host: str, words: list[str]) -> None:
    """Become an ssh to a guest; does not return."""
    lab.namespace.enter_words()
    argv = ["ssh", "-F", str(lab.paths.ssh_config), host, *words]
    os.execvp(argv[0], argv)  # noqa: S606  argv is the lab's or the caller's own


def enter(lab: Lab, words: list[str]) -> None:
    """Become a program inside the lab's namespaces, a shell without words; does not return."""
    argv = [*lab.namespace.enter_words(str(Path.cwd())), *(words or ["sh"])]
    os.execvp(argv[0], argv)  # noqa: S606  argv is the lab's or the caller's own
