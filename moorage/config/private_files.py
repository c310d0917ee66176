"""Files that nobody else may read: reading them, and writing them whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from moorage.config.paths import shown
from moorage.errors import SecretUnavailable

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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


def rename(source: Path, target: Path) -> None:
    """Rename a file over another one of its folder, and bring that to the disk."""
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
