"""Follows references to secrets, to where they are kept.

No message here ever has a value in it, only references and places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from moorage.config.paths import shown
from moorage.config.private_files import read_private
from moorage.errors import SecretUnavailable
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

FORMS = "env:NAME, file:PATH, age:PATH#NAME, keyring:SERVICE/NAME, command:WORDS or prompt:"
_known: dict[tuple[Path, str], Secret] = {}
_asking = Lock()


def resolve(
    reference: str,
    site: Site,
    *,
    environ: Mapping[str, str],
    ask: Callable[[str], str] | None,
) -> Secret:
    """The secret that a reference leads to.

    Args:
        reference: in one of the ``FORMS``.
        site: whose file relative paths start from, and in whose folder commands run.
        environ: the environment.
        ask: puts a question without echo; None where there is no terminal. The same question is
            asked once for the life of the process, and the same command run once.

    Raises:
        SecretUnavailable: nothing there, or a file that others may read.
    """
    kind, _, rest = reference.partition(":")
    if kind == "env":
        return _from_environment(rest, environ)
    if kind == "file":
        return _from_file(reference, site.file(rest))
    if kind == "age":
        from moorage.config.age import from_age

        return from_age(reference, site, environ)
    if kind == "keyring":
        from moorage.config.secret_stores import from_keyring

        return from_keyring(reference)
    if kind == "command":
        from moorage.config.secret_stores import from_command

        folder = site.path.resolve().parent
        return _once(site, reference, lambda: from_command(reference, folder))
    if kind == "prompt":
        question = rest.strip() or "Password"
        return _once(site, f"prompt:{question}", lambda: _from_question(rest, question, ask))
    raise SecretUnavailable(f"this is no reference to a secret: {FORMS}")


def _once(site: Site, what: str, find: Callable[[], Secret]) -> Secret:
    """Find it at the first call for an inventory; hosts side by side wait for that one."""
    with _asking:
        key = (site.path, what)
        if key not in _known:
            _known[key] = find()
        return _known[key]


def _from_environment(name: str, environ: Mapping[str, str]) -> Secret:
    value = environ.get(name)
    if not value:
        state = "not set" if value is None else "empty"
        raise SecretUnavailable(
            f"env:{name} leads nowhere: {name} is {state} in the environment",
            hint=f"read -rs {name} && export {name}, or name a file in the inventory: file:PATH",
        )
    return Secret(value)


def _from_file(reference: str, path: Path) -> Secret:
    text = read_private(reference, path)
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise SecretUnavailable(
            f"{reference}: {shown(path)} is empty", hint=f"write the secret into {shown(path)}"
        )
    return Secret(value)


def _from_question(text: str, question: str, ask: Callable[[str], str] | None) -> Secret:
    if ask is None:
        raise SecretUnavailable(
            f"prompt:{text} cannot be asked: there is no terminal",
            hint="run it on a terminal, or use env:NAME or file:PATH in the inventory",
        )
    answer = ask(question)
    if not answer:
        raise SecretUnavailable(f"prompt:{text}: nothing was typed")
    return Secret(answer)
