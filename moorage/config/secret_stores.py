"""Secrets that other programs keep: what a command prints, and the desktop's keyring."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

from moorage.errors import SecretUnavailable
from moorage.values import Secret

SECONDS = 60
"""How long a command may take; some ask for a touch or a finger."""
_TAIL = 5


def from_command(reference: str, folder: Path, *, seconds: float = SECONDS) -> Secret:
    """All that a command prints, less one line break.

    Such as ``pass show …``, ``op read …`` and ``sops -d …``. It runs in the inventory's folder,
    without a shell and with nothing on its stdin. What it prints is shown to nobody, whatever
    happens; of its stderr the last lines are.

    Raises:
        SecretUnavailable: it cannot be run, fails, takes too long or prints nothing.
    """
    argv = words(reference)
    try:
        done = subprocess.run(
            argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        # the exception itself would have what was printed so far
        raise SecretUnavailable(
            f"{reference}: no end within {seconds:g} s", hint=_by_hand(argv)
        ) from None
    except OSError as error:
        raise SecretUnavailable(
            f"{reference} cannot be run: {argv[0]}: {(error.strerror or str(error)).lower()}",
            hint=f"install {argv[0]}, or correct the reference",
        ) from error
    if done.returncode:
        said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        tail = "; ".join(said[-_TAIL:])
        raise SecretUnavailable(
            f"{reference} ended with exit code {done.returncode}{': ' if tail else ''}{tail}",
            hint=_by_hand(argv),
        )
    return _printed(reference, done.stdout, argv)


def words(reference: str) -> list[str]:
    """The command of a reference, as a shell would split it.

    Raises:
        SecretUnavailable: a quote is not closed, or there is no word.
    """
    try:
        found = shlex.split(reference.partition(":")[2])
    except ValueError as cause:
        raise SecretUnavailable(f"{reference}: {str(cause).lower()}") from None
    if not found:
        raise SecretUnavailable(f"{reference} names no command")
    return found


def _printed(reference: str, output: bytes, argv: list[str]) -> Secret:
    try:
        value = output.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SecretUnavailable(f"{reference}: what it prints is not UTF-8 text") from None
    if not value:
        raise SecretUnavailable(f"{reference} prints nothing", hint=_by_hand(argv))
    return Secret(value)


def _by_hand(argv: list[str]) -> str:
    return f"try it by hand, in the inventory's folder: {shlex.join(argv)}"


def from_keyring(reference: str) -> Secret:
    """What the desktop's keyring has under ``keyring:SERVICE/NAME``.

    Raises:
        SecretUnavailable: there is no keyring here, or nothing of this name in it.
    """
    service, name = place_in_keyring(reference)
    value = asked(reference, lambda keyring: keyring.get_password(service, name))
    if not value:
        raise SecretUnavailable(
            f"{reference} leads nowhere: the keyring has nothing for {name} of {service}",
            hint=f"keyring set {shlex.quote(service)} {shlex.quote(name)}",
        )
    return Secret(value)


def place_in_keyring(reference: str) -> tuple[str, str]:
    """Service and name of a reference."""
    service, _, name = reference.partition(":")[2].rpartition("/")
    return service, name


def asked(reference: str, ask: Any) -> str | None:
    """Ask the keyring something.

    Args:
        ask: is given the module ``keyring``.

    Raises:
        SecretUnavailable: the package is not installed, or there is no keyring.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as cause:
        raise SecretUnavailable(
            f"{reference}: the package keyring is not installed",
            hint="install it beside Moorage: .venv/bin/python -m pip install keyring; or use "
            "another reference, such as command:",
        ) from cause
    try:
        found: str | None = ask(keyring)
    except KeyringError as cause:
        raise SecretUnavailable(
            f"{reference}: the keyring does not answer: {cause}",
            hint="unlock it, or use another reference where there is no desktop",
        ) from None
    return found
