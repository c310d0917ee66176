"""Follows references to secrets: the environment, a file, or a question.

No message here ever has a value in it, only references and places.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from moorage.config.paths import shown
from moorage.errors import SecretUnavailable
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_answers: dict[tuple[Path, str], Secret] = {}
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
        reference: ``env:NAME``, ``file:PATH`` or ``prompt:TEXT``.
        site: whose file relative paths start from.
        environ: the environment.
        ask: puts a question without echo; None where there is no terminal. The same question is
            asked once for the life of the process.

    Raises:
        SecretUnavailable: nothing there, or a file that others may read.
    """
    kind, _, rest = reference.partition(":")
    if kind == "env":
        return _from_environment(rest, environ)
    if kind == "file":
        return _from_file(reference, site.file(rest))
    if kind == "prompt":
        return _from_question(rest, site, ask)
    raise SecretUnavailable("this is no reference to a secret: env:NAME, file:PATH or prompt:")


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
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & _OTHERS:
                raise SecretUnavailable(
                    f"{reference}: {shown(path)} is open to others (mode {mode:04o})",
                    hint=f"chmod 600 {shown(path)}",
                )
            text = stream.read().decode()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise SecretUnavailable(
            f"{reference} leads nowhere: {shown(path)}: {reason}",
            hint=f"write the secret into {shown(path)} and chmod 600 it",
        ) from error
    except UnicodeDecodeError:
        raise SecretUnavailable(f"{reference}: {shown(path)} is not UTF-8 text") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise SecretUnavailable(
            f"{reference}: {shown(path)} is empty", hint=f"write the secret into {shown(path)}"
        )
    return Secret(value)


def _from_question(text: str, site: Site, ask: Callable[[str], str] | None) -> Secret:
    question = text.strip() or "Password"
    with _asking:
        known = _answers.get((site.path, question))
        if known is not None:
            return known
        if ask is None:
            raise SecretUnavailable(
                f"prompt:{text} cannot be asked: there is no terminal",
                hint="run it on a terminal, or use env:NAME or file:PATH in the inventory",
            )
        answer = ask(question)
        if not answer:
            raise SecretUnavailable(f"prompt:{text}: nothing was typed")
        return _answers.setdefault((site.path, question), Secret(answer))
