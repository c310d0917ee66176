"""Secrets in a file encrypted by age, beside the inventory: ``age:secrets.age#admin``.

Inside is one secret a line, ``NAME = value``: the value goes to the end of its line as it stands,
without quotes or escapes, less the spaces around it. Lines that begin with ``#`` are left alone.
Source of the file's form and of identities and recipients: age-encryption.org/v1, sections
"Conventions used in this document" and "Recipient stanza"; the README of age, "-R PATH".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moorage.config.paths import shown
from moorage.config.private_files import read_private, write_private
from moorage.errors import SecretUnavailable
from moorage.quoting import plain_bytes
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

VARIABLE = "MOORAGE_AGE_IDENTITY"
"""Names the file with the identity, which opens what is encrypted."""
DEFAULT_IDENTITY = "~/.config/moorage/age.txt"
_LINE = re.compile(r"[ \t]*(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(?P<value>.*?)[ \t]*")
_COMMENT = re.compile(r"\s*(#.*)?")


def from_age(reference: str, site: Site, environ: Mapping[str, str]) -> Secret:
    """The secret of one name in an encrypted file.

    Raises:
        SecretUnavailable: no file, no identity that opens it, or no such name in it.
    """
    path, name = place_in_age(reference, site)
    file = AgeFile(path, identity_path(environ))
    found = parsed(file.text(reference), shown(path)).get(name)
    if found is None:
        raise SecretUnavailable(
            f"{reference} leads nowhere: {shown(path)} has nothing of the name {name}",
            hint=f"add a line with inv secrets-edit {shown(path)}: {name} = …",
        )
    return found


def place_in_age(reference: str, site: Site) -> tuple[Path, str]:
    """File and name of a reference."""
    path, _, name = reference.partition(":")[2].rpartition("#")
    return site.file(path), name


def identity_path(environ: Mapping[str, str]) -> Path:
    """The file with the identity: as the environment says, or in its usual place."""
    return Path(environ.get(VARIABLE) or DEFAULT_IDENTITY).expanduser()


def parsed(text: str, place: str) -> dict[str, Secret]:
    """The secrets of a decrypted text, by name.

    Args:
        place: what the text is called in messages.

    Raises:
        SecretUnavailable: a line is none of ``NAME = value``, or a name stands twice.
    """
    found: dict[str, Secret] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if _COMMENT.fullmatch(line):
            continue
        parts = _LINE.fullmatch(line.removesuffix("\r"))
        if parts is None or not parts["value"]:
            raise SecretUnavailable(
                f"{place}: line {number} of what is in it is not NAME = value",
                hint="correct it with inv secrets-edit; the line is not shown here",
            )
        if parts["name"] in found:
            raise SecretUnavailable(f"{place}: {parts['name']} stands in it twice (line {number})")
        found[parts["name"]] = Secret(parts["value"])
    return found


def replaced(text: str, changes: Mapping[str, Secret | None]) -> bytes:
    """A text with some secrets set, or taken out with None; all other lines stay as they are."""
    left = dict(changes)
    lines = []
    for line in text.splitlines():
        parts = _LINE.fullmatch(line)
        if parts is None or parts["name"] not in changes:
            lines.append(line.encode())
        elif (value := left.pop(parts["name"])) is not None:
            lines.append(_line(parts["name"], value))
    lines += [_line(name, value) for name, value in left.items() if value is not None]
    return b"".join(line + b"\n" for line in lines)


def _line(name: str, value: Secret) -> bytes:
    return name.encode() + b" = " + plain_bytes(value)


@dataclass(frozen=True)
class AgeFile:
    """An encrypted file.

    Args:
        path: where it is.
        identity: the file with the identity.
    """

    path: Path
    identity: Path

    @property
    def recipients_path(self) -> Path:
        """The file with those who may open it, one public key a line."""
        return self.path.with_name(self.path.name + ".recipients")

    def text(self, reference: str = "") -> str:
        """What is in it.

        Args:
            reference: what led to it, for messages.

        Raises:
            SecretUnavailable: it is not there, or this identity does not open it.
        """
        import pyrage

        who = reference or shown(self.path)
        try:
            content = self.path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise SecretUnavailable(
                f"{who} leads nowhere: {shown(self.path)}: {reason}",
                hint=f"make it: inv secrets-edit {shown(self.path)}",
            ) from error
        try:
            text: str = pyrage.decrypt(content, self._identities(who)).decode()
        except pyrage.DecryptError as cause:
            raise SecretUnavailable(
                f"{who}: the identity of {shown(self.identity)} does not open "
                f"{shown(self.path)}: {str(cause).lower()}",
                hint=f"name the right one in {VARIABLE}, or have somebody who can open it add your "
                f"public key to {shown(self.recipients_path)} and save it anew",
            ) from None
        except UnicodeDecodeError:
            raise SecretUnavailable(f"{who}: what is in it is not UTF-8 text") from None
        return text

    def write(self, content: bytes) -> None:
        """Encrypt and replace the file.

        Raises:
            SecretUnavailable: there is nobody to encrypt it for, or it cannot be written.
        """
        import pyrage

        encrypted = pyrage.encrypt(content, self._recipients(), armored=True)
        try:
            write_private(self.path, encrypted)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SecretUnavailable(f"{shown(self.path)} cannot be written: {reason}") from error

    def _identities(self, who: str) -> list[Any]:
        import pyrage

        text = read_private(who, self.identity)
        try:
            if "PRIVATE KEY-----" in text:
                return [pyrage.ssh.Identity.from_buffer(text.encode())]
            return [pyrage.x25519.Identity.from_str(line) for line in _keys(text)]
        except pyrage.IdentityError:
            raise SecretUnavailable(
                f"{who}: {shown(self.identity)} is no identity of age, nor an SSH key without a "
                "passphrase", hint=f"name an identity in {VARIABLE}",
            ) from None  # fmt: skip

    def _recipients(self) -> list[Any]:
        """Those of the file beside it; where there is none, the identity's own."""
        import pyrage

        if self.recipients_path.exists():
            place, lines = self.recipients_path, _keys(self.recipients_path.read_text("utf-8"))
        else:
            place, lines = self.identity, self._own()
        try:
            found = [
                pyrage.ssh.Recipient.from_str(line) if line.startswith("ssh-")
                else pyrage.x25519.Recipient.from_str(line) for line in lines
            ]  # fmt: skip
        except pyrage.RecipientError as cause:
            raise SecretUnavailable(f"{shown(place)} has a line that is no public key of age or "
                                    f"SSH: {str(cause).lower()}") from None  # fmt: skip
        if not found:
            raise SecretUnavailable(f"{shown(place)} names nobody to encrypt for")
        return found

    def _own(self) -> list[str]:
        import pyrage

        identities = self._identities(shown(self.path))
        if all(isinstance(one, pyrage.x25519.Identity) for one in identities):
            return [str(one.to_public()) for one in identities]
        # an SSH key's public half lies beside it
        public = self.identity.with_name(self.identity.name + ".pub")
        return _keys(public.read_text("utf-8")) if public.exists() else []


def _keys(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def new_identity(path: Path) -> str:
    """Make an identity; give its public key.

    Raises:
        OSError: it cannot be written.
    """
    import pyrage

    made = pyrage.x25519.Identity.generate()
    public = str(made.to_public())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, f"# public key: {public}\n{made}\n".encode())
    return public
