"""What the operating system or an output refuses, in words with what to do about it."""

from __future__ import annotations

import errno

from moorage.errors import MoorageError

_ELSEWHERE = "name a place that this account may write to, or run this as the account that may"
_IN_THE_WAY = "name a folder's path, and not that of a file"
_WHAT_TO_DO = {
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.ENOSPC: "make room there, or write to another place",
    errno.EDQUOT: "make room there, or write to another place",
    errno.ENAMETOOLONG: "choose a shorter one",
}


def of_system(cause: OSError) -> MoorageError:
    """An error of the operating system, with the file that it is about."""
    if cause.strerror is None:
        return MoorageError(str(cause))
    about = f"{cause.filename}: " if isinstance(cause.filename, str) else ""
    hint = _WHAT_TO_DO.get(cause.errno or 0, "")
    return MoorageError(f"{about}{cause.strerror.lower()}", hint=hint)


def of_encoding(cause: UnicodeEncodeError) -> MoorageError:
    """An output whose encoding lacks a sign that was to be written."""
    return MoorageError(f"an output in {cause.encoding} has no way to write all that is to be said",
                        hint="set LC_ALL=C.UTF-8, or unset PYTHONIOENCODING")  # fmt: skip
