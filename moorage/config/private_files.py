"""Files that are written whole or not at all, and those that nobody else may read."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from moorage.config.paths import shown
from moorage.errors import SecretUnavailable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OPEN = 0o644


def read_private(reference: str, path: Path) -> str:
    """The text of a file that others may not read.

    Args:
        reference: what led to it, for messages.

    Raises:
        SecretUnavailable: it is not there, open to others, or no text.
    """
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & _OTHERS:
                raise SecretUnavailable(
                    f"{reference}: {shown(path)} is open to others (mode {mode:04o})",
                    hint=f"chmod 600 {shown(path)}",
                )
            return stream.read().decode()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise SecretUnavailable(
            f"{reference} leads nowhere: {shown(path)}: {reason}",
            hint=f"write the secret into {shown(path)} and chmod 600 it",
        ) from error
    except UnicodeDecodeError:
        # the exception itself would have the bytes
        raise SecretUnavailable(f"{reference}: {shown(path)} is not UTF-8 text") from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 beside its place, bring it to the disk and rename it there.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    # mkstemp makes it 0600 from the first moment on
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        rename(Path(name), path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str, *, aside: Path | None = None) -> None:
    """Write a file that others may read beside its place and bring it there whole.

    Args:
        aside: where a file goes that is there already; None: there must be none.

    Raises:
        FileExistsError: one is there, or came to be there meanwhile.
        OSError: it cannot be written; what was there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(_OPEN)
        if aside is not None:
            rename(path, aside)
        # a link fails where the name is taken, a rename would not
        os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def rename(source: Path, target: Path) -> None:
    """Rename a file over another one of its folder, and bring that to the disk."""
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
