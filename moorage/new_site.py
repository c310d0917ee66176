"""A new inventory: what has to be asked for it, and the text that the answers make."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorage.config.docstrings import one_line
from moorage.config.inventory import FILE_NAME, editor_line
from moorage.config.keys import all_keys, matches
from moorage.config.schema.base import is_ip
from moorage.config.schema.nexus import Nexus
from moorage.config.validate import site_from
from moorage.config.yamlfile import read_yaml
from moorage.errors import InventoryError, Refused
from moorage.problem import Problem
from moorage.takeover.addresses import SshAddress, ssh_address
from moorage.takeover.taken import Taken
from moorage.takeover.text import inventory_text

Answers = Mapping[str, str]
"""What was answered, by the question's flag."""
_HOST = "[NAME=][USER@]ADDRESS[:PORT]"
_ALONE = {"nfs": "nfs", "managers": "manager", "nodes": "node"}
"""What a host without a name is called, by its role."""
_TLS = {
    "own": "Traefik's entry point shows a certificate that everybody trusts",
    "resolver:NAME": "Traefik gets one by its certificate resolver of this name",
    "ca:FILE": "it was signed by a CA of one's own, whose certificate is in this file",
    "private": "Moorage makes a CA and the certificate: inv ca-create",
    "none": "no TLS",
}
_PASSPHRASE = "env:CA_PASSPHRASE"  # noqa: S105  a reference


@dataclass(frozen=True)
class Question:
    """One question.

    Args:
        flag: the flag that answers it, with ``_``.
        text: what is asked.
        fields: where the inventory's mistakes stand that its answer makes.
        put: sets the answer's values.
        default: the answer where there is none; None: one is needed.
    """

    flag: str
    text: str
    fields: tuple[str, ...]
    put: Callable[[Taken, str], None]
    default: Callable[[Answers], str] | None = None

    @property
    def option(self) -> str:
        """The flag as it is typed."""
        return f"--{self.flag.replace('_', '-')}"


def questions(root: Path) -> list[Question]:
    """All of them, in their order.

    Args:
        root: the project's folder, whose example has a version of Nexus that is known.
    """
    example = read_yaml((root / "inventories" / "example" / FILE_NAME).read_text("utf-8")).data
    version = str(example["nexus"]["version"])
    password = str(Nexus.model_fields["admin_password"].default)
    return [
        Question("nfs", f"The NFS host: {_HOST}.", ("hosts.nfs",), _hosts("nfs")),
        _key("export", "storage.export", lambda _: "/srv/nexus"),
        Question("manager", f"Managers of the Swarm, with commas; names as docker node ls has them:"
                 f" {_HOST}.", ("hosts.managers",), _hosts("managers")),
        Question("node", "Its workers, the same way; nothing: there is none.", ("hosts.nodes",),
                 _hosts("nodes"), lambda _: ""),
        _key("registry_domain", "registry.domain"),
        _key("nexus_domain", "nexus.domain", _beside_the_registry, also="registry.domain"),
        _key("nexus_version", "nexus.version", lambda _: version),
        _key("admin_password", "nexus.admin_password", lambda _: password),
        _key("traefik_version", "ingress.version", lambda _: "auto"),
        _key("network", "ingress.network", lambda _: "proxy"),
        Question("tls", "TLS: " + "; ".join(f"{way}: {what}" for way, what in _TLS.items()) + ".",
                 ("ingress.tls", "private_ca"), _tls, lambda _: "own"),
    ]  # fmt: skip


def _key(
    flag: str, dotted: str, default: Callable[[Answers], str] | None = None, also: str = ""
) -> Question:
    """A question for one key, in the key's own words."""
    fields = (dotted, also) if also else (dotted,)
    return Question(flag, _told(dotted), fields, lambda taken, text: taken.put(dotted, text),
                    default)  # fmt: skip


def _told(dotted: str) -> str:
    steps = tuple(dotted.split("."))
    return next((one_line(key.description) for key in all_keys() if matches(key.steps, steps)), "")


def _beside_the_registry(answers: Answers) -> str:
    return f"nexus.{answers['registry_domain'].partition('.')[2]}"


def _hosts(role: str) -> Callable[[Taken, str], None]:
    def put(taken: Taken, text: str) -> None:
        specs = [spec.strip() for spec in text.split(",") if spec.strip()]
        hosts: dict[str, Any] = {}
        for number, spec in enumerate(specs, 1):
            name, _, address = spec.rpartition("=")
            found = _address(address)
            name = name or _name_of(found.address, role, number if len(specs) > 1 else 0)
            if name in hosts:
                raise Refused(f'"{name}" is there twice: names are unique')
            hosts[name] = found.host()
        if hosts:
            taken.put(f"hosts.{role}", hosts)

    return put


def _address(text: str) -> SshAddress:
    try:
        return ssh_address(text, _HOST)
    except Refused as failure:
        raise Refused(failure.message.removeprefix(f"{_HOST}: "), hint=failure.hint) from None


def _name_of(address: str, role: str, number: int) -> str:
    """The first word of a host's own name, or its role for an address of numbers."""
    if not is_ip(address):
        return address.partition(".")[0]
    return f"{_ALONE[role]}{number or ''}"


def _tls(taken: Taken, text: str) -> None:
    way, _, what = text.partition(":")
    if way in ("resolver", "ca") and what:
        taken.put("ingress.tls", {way: what})
    elif text == "own":
        taken.put("ingress.tls", {})
    elif text == "private":
        taken.put("ingress.tls", {"ca": "ca.crt"})
        taken.put("private_ca", {"passphrase": _PASSPHRASE})
    elif text == "none":
        taken.put("ingress.tls", None)
        taken.put("ingress.entrypoints", ["web"])
        taken.put("ingress.port", 80)
    else:
        raise Refused(f'"{text}" is none of {", ".join(_TLS)}')


_STAND_INS = {"nfs": "stand-in-1=192.0.2.1", "manager": "stand-in-2=192.0.2.2",
              "registry_domain": "registry.invalid"}  # fmt: skip
"""Answers to what is needed and not yet answered, for trying an answer."""


def mistakes(asked: Sequence[Question], answers: Answers, one: Question, path: Path) -> list[str]:
    """What is wrong with an answer, in the inventory's own words.

    Args:
        answers: those that are known, this one among them.
        one: the question that is looked at.
        path: where the inventory is to be.
    """
    known = {**_STAND_INS, **answers}
    try:
        one.put(Taken(), known[one.flag])
        others = [other for other in asked if other is one or other.flag in known or other.default]
        site_from(path, text(others, completed(others, known), path, path.parent).encode())
    except InventoryError as failure:
        return [problem.message for problem in failure.problems
                if any(_within(problem.field, field) for field in one.fields)]  # fmt: skip
    except Refused as failure:
        return [": ".join(part for part in (failure.message, failure.hint) if part)]
    return []


def by_flag(asked: Sequence[Question], failure: InventoryError) -> list[Problem]:
    """Mistakes in an inventory that is not written yet, by the flag whose answer mends each."""
    return [
        Problem(one.option, 0, 0, "", problem.message) if one else problem
        for problem in failure.problems
        for one in [next((one for one in asked
                          if any(_within(problem.field, field) for field in one.fields)), None)]
    ]  # fmt: skip


def _within(field: str, above: str) -> bool:
    return field == above or field.startswith((f"{above}.", f"{above}["))


def completed(asked: Sequence[Question], answers: Answers) -> dict[str, str]:
    """The answers, with defaults for the others."""
    known = dict(answers)
    for question in asked:
        if question.flag not in known and question.default is not None:
            known[question.flag] = question.default(known)
    return known


def text(asked: Sequence[Question], answers: Answers, path: Path, root: Path) -> str:
    """The inventory.

    Args:
        answers: to all the questions.
        path: where it is to be.
        root: the project's folder.
    """
    taken = Taken({"schema": 1})
    for question in asked:
        question.put(taken, answers[question.flag])
    taken.put("nexus.accept_eula", False)  # noqa: FBT003
    for dotted in _dotted(taken.data):
        if words := _told(dotted):
            taken.say(dotted, words)
    taken.say("hosts.managers", f"hostname: {_told('hosts.managers.<name>.hostname')}")
    lines = [
        editor_line(path, root),
        "",
        f"The site {path.parent.name}, begun by inv new-site. What is left out keeps its default:",
        "docs/inventory.md has each key, inventories/example an example of it, and fab explain KEY",
        "what it means.",
    ]
    return inventory_text(taken.data, taken.comments, lines)


def _dotted(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The keys that are told of: all but those of single hosts."""
    for key, value in data.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping) and above != "hosts.":
            yield from _dotted(value, f"{above}{key}.")


def to_be_set(answers: Answers) -> list[str]:
    """Names of the environment's variables that the inventory refers to."""
    references = [answers["admin_password"], *[_PASSPHRASE] * (answers["tls"] == "private")]
    names = [one.removeprefix("env:") for one in references if one.startswith("env:")]
    return [name for name in names if name not in os.environ]
