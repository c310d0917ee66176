"""Where a new secret is written: first beside the one in use, then in its place.

So a rotation that is cut off in between leaves both, and the next one can tell which of them the
server takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from moorage.config.age import AgeFile, identity_path, parsed, place_in_age, replaced
from moorage.config.paths import shown
from moorage.config.private_files import read_private, rename, write_private
from moorage.config.secret_stores import asked, place_in_keyring
from moorage.errors import SecretUnavailable
from moorage.quoting import plain_bytes
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

NEXT = ".next"
"""What the name of a new secret ends with until it is in its place."""


class Place(Protocol):
    """Where the secret of a reference is kept, and Moorage may write."""

    def beside(self) -> Secret | None:
        """The new secret that lies beside the one in use.

        Raises:
            SecretUnavailable: it cannot be told.
        """
        ...

    def put_beside(self, secret: Secret) -> None:
        """Write a new secret beside the one in use, for good.

        Raises:
            SecretUnavailable: it cannot be written.
        """
        ...

    def put_in_place(self) -> None:
        """Let the new secret take the place of the other; done twice it does no harm.

        Raises:
            SecretUnavailable: it cannot be written.
        """
        ...


def place_of(reference: str, site: Site, environ: Mapping[str, str]) -> Place | None:
    """Where the secret of a reference may be written; None where it is kept by others."""
    kind, _, rest = reference.partition(":")
    if kind == "file":
        return FilePlace(reference, site.file(rest).resolve())
    if kind == "age":
        path, name = place_in_age(reference, site)
        return AgePlace(reference, AgeFile(path.resolve(), identity_path(environ)), name)
    if kind == "keyring":
        return KeyringPlace(reference)
    return None


class FilePlace:
    """``file:PATH``, with ``PATH.next`` beside it."""

    def __init__(self, reference: str, path: Path) -> None:
        self._reference = reference
        self._path = path
        self._beside = path.with_name(path.name + NEXT)

    def beside(self) -> Secret | None:
        if not self._beside.exists():
            return None
        text = read_private(f"{self._reference}{NEXT}", self._beside)
        return Secret(text.removesuffix("\n")) if text.strip() else None

    def put_beside(self, secret: Secret) -> None:
        self._written(lambda: write_private(self._beside, plain_bytes(secret) + b"\n"))

    def put_in_place(self) -> None:
        if self._beside.exists():
            self._written(lambda: rename(self._beside, self._path))

    def _written(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SecretUnavailable(
                f"{self._reference} cannot be written: {shown(self._path.parent)}: {reason}",
                hint="let your account write there, or give a second reference: --to REFERENCE",
            ) from error


class AgePlace:
    """``age:PATH#NAME``, with a line ``NAME.next`` in the same file."""

    def __init__(self, reference: str, file: AgeFile, name: str) -> None:
        self._reference = reference
        self._file = file
        self._name = name

    def beside(self) -> Secret | None:
        found = parsed(self._file.text(self._reference), shown(self._file.path))
        return found.get(self._name + NEXT)

    def put_beside(self, secret: Secret) -> None:
        self._change({self._name + NEXT: secret})

    def put_in_place(self) -> None:
        if secret := self.beside():
            self._change({self._name: secret, self._name + NEXT: None})

    def _change(self, changes: Mapping[str, Secret | None]) -> None:
        self._file.write(replaced(self._file.text(self._reference), changes))


class KeyringPlace:
    """``keyring:SERVICE/NAME``, with ``NAME.next`` of the same service."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._service, self._name = place_in_keyring(reference)

    def beside(self) -> Secret | None:
        value = asked(
            self._reference,
            lambda keyring: keyring.get_password(self._service, self._name + NEXT),
        )
        return Secret(value) if value else None

    def put_beside(self, secret: Secret) -> None:
        self._set(self._name + NEXT, secret)

    def put_in_place(self) -> None:
        if secret := self.beside():
            self._set(self._name, secret)
            asked(
                self._reference,
                lambda keyring: keyring.delete_password(self._service, self._name + NEXT),
            )

    def _set(self, name: str, secret: Secret) -> None:
        asked(
            self._reference,
            lambda keyring: keyring.set_password(self._service, name, plain_bytes(secret).decode()),
        )
