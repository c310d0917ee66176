"""Opens an encrypted file in the operator's editor, and encrypts what comes back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from moorage.config.age import AgeFile, parsed
from moorage.config.paths import shown
from moorage.errors import Refused, SecretUnavailable

_MEMORY = (Path("/dev/shm"),)  # noqa: S108  a private folder is made in it
_EDITORS = ("sensible-editor", "vi", "nano")
_NEW = """\
# One secret a line: NAME = value. The value goes to the end of the line as it stands.
# Referred to in the inventory as age:{name}#NAME.
"""


def edit(file: AgeFile, environ: Mapping[str, str], *, again: bool = True) -> str:
    """Let the operator change what is in an encrypted file.

    What is decrypted lies in a private folder, in memory where the machine has a place for that,
    and is overwritten and removed however the editing ends. Where a line is no secret the editor is
    opened again on the same text, so that nothing that was typed is lost.

    Args:
        again: whether the editor is opened again where the text is not accepted.

    Returns:
        What was done, in one line, without any value.

    Raises:
        SecretUnavailable: it cannot be opened or written; what was there stays.
        Refused: the editor ended badly.
    """
    before = file.text() if file.path.exists() else _NEW.format(name=file.path.name)
    with _private(file.path.name, before.encode(), environ) as path:
        while True:
            _run(editor(environ), path)
            after = path.read_bytes()
            if after == before.encode():
                return f"{shown(file.path)}: nothing was changed"
            try:
                names = parsed(after.decode(), shown(file.path))
            except UnicodeDecodeError:
                raise SecretUnavailable("what was saved is not UTF-8 text") from None
            except SecretUnavailable as failure:
                if not again:
                    raise
                print(f"{failure.message}; the editor is opened again")
                continue
            file.write(after)
            return f"{shown(file.path)}: written, with {', '.join(names) or 'no names'}"


def editor(environ: Mapping[str, str]) -> list[str]:
    """The words of the operator's editor.

    Raises:
        Refused: there is none.
    """
    import shutil

    for variable in ("VISUAL", "EDITOR"):
        if words := shlex.split(environ.get(variable, "")):
            return words
    for name in _EDITORS:
        if shutil.which(name):
            return [name]
    raise Refused("there is no editor", hint="name one in EDITOR")


def _run(words: list[str], path: Path) -> None:
    try:
        code = subprocess.run([*words, str(path)], check=False).returncode
    except OSError as error:
        raise Refused(f"{words[0]} cannot be run: {(error.strerror or str(error)).lower()}",
                      hint="name another editor in EDITOR") from error  # fmt: skip
    if code:
        raise Refused(f"{words[0]} ended with exit code {code}; nothing was changed",
                      hint="edit it again")  # fmt: skip


@contextmanager
def _private(name: str, content: bytes, environ: Mapping[str, str]) -> Iterator[Path]:
    """A file of mode 0600 in a folder that nobody else may enter; gone afterwards."""
    places = [Path(environ["XDG_RUNTIME_DIR"])] if environ.get("XDG_RUNTIME_DIR") else []
    usable = [place for place in (*places, *_MEMORY)
              if place.is_dir() and os.access(place, os.W_OK)]  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="moorage-", dir=usable[0] if usable else None))
    try:
        path = folder / f"{name}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        yield path
    finally:
        _shred(folder)


def _shred(folder: Path) -> None:
    """Overwrite and remove all that an editor left in a folder, its copies too."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
            continue
        if path.is_file() and not path.is_symlink():
            # where the disk keeps old blocks this is no proof, hence the place in memory
            with path.open("r+b") as stream:
                stream.write(b"\0" * path.stat().st_size)
                stream.flush()
                os.fsync(stream.fileno())
        path.unlink()
    folder.rmdir()
