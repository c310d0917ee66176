"""How each parser is called that takes more than what was printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import printed

from moorage import lock
from moorage.status import backups, nexus, nfs
from moorage.steps.backup.desired import Target
from moorage.steps.backup.directory import Directory
from moorage.steps.backup.restic import Restic
from moorage.steps.nfs.purge import PurgeStep
from moorage.steps.stack import observe as stack
from moorage.steps.stack.removal import RemovalDesired, RemoveStackStep
from moorage.steps.stack.standstill import Standstill
from moorage.steps.stack.stop import StopStep
from moorage.transport.base import Section, sections
from moorage.values import Secret


@dataclass(frozen=True)
class Read:
    """A parser and what it reads.

    Args:
        parse: gives plain data of an output, or raises.
        output: whole and right.
        covers: names of the functions that are tried by it, with their modules below moorage.
        required: whether each part has to come to its end; else what is missing is unknown.
        without: parts that may be missing, or are not read.
    """

    parse: Callable[[str], Any]
    output: str
    covers: tuple[str, ...]
    required: bool = True
    without: tuple[str, ...] = ()


def of_section(parse: Callable[[Section], Any]) -> Callable[[str], Any]:
    """A parser of one section, as one of text."""
    return lambda text: parse(Section(0, text))


def stack_manager(output: str) -> Any:
    """A manager is a node too."""
    node = stack.parse_node(output, "manager", "registry_nexus", "registry-data-f19748a7")
    return stack.parse_manager(output, "manager"), node


def removed(output: str) -> Any:
    wanted = RemovalDesired("registry", "registry_nexus", "fixed", "moorage.registry", ("boss",))
    return RemoveStackStep(None, "boss", wanted).read({"boss": output}, lambda _: None)


def stopping(output: str) -> Any:
    still = Standstill("registry_nexus", "boss", "nas", ("edge",), "/h", "/srv/nexus")
    step = StopStep(None, still, "it failed")
    return step.plan(step.read({"boss": output}, lambda _: None))


def purged(output: str) -> Any:
    return PurgeStep(None, "nas", "/srv/nexus", "/e").read({"nas": output}, lambda _: None)


def status(output: str) -> Any:
    """All that status makes of a host's own part, which has to come of whatever there is."""
    found = sections(output)
    mount = nfs.mount(found, "worker", "10.77.0.10", 2049, ":/srv/nexus", "registry_nexus")
    return nfs.export(found, "nfs", "/srv/nexus"), backups.parse(found.get("backups")), mount


class _Web:
    """A server that answers each list with a part of a text that is JSON, or is none."""

    base = "https://nexus.lab"

    def __init__(self, text: str) -> None:
        self.text = text

    def ask(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(status_code=200, headers={"Server": "Nexus/3.94.0 (OSS)"})

    def log_in(self, *_: Any) -> None: ...

    def call(self, _method: str, path: str, **_: Any) -> Any:
        return SimpleNamespace(
            status_code=200, json=lambda: json.loads(self.text)[path.rpartition("/")[2]]
        )


def of_nexus(output: str) -> Any:
    look = nexus.NexusLook(_Web(output), Secret("x"), ["docker-private"])
    look.ask()
    return look.repositories, look.blob_stores, look.unknown


def held(output: str) -> Any:
    found = lock.holder(Section(0, output), "nfs")
    return found and found.told()


RESTIC = Restic(Target("restic", "", "/r", "restic:/r", password=Secret("x")), "s", "/h", 200)
FOLDER = Directory(Target("directory", "", "/b", "/b"), "/h", 200, 5)


def lab() -> Any:
    from moorage.config.inventory import load_site

    return load_site("lab", root=printed.ROOT, environ={})
