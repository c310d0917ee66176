"""The body of a request, read as it comes: a layer may be larger than the memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase

BLOCK = 256 * 1024
_LONGEST_CHUNK_LINE = 1024


class BodyError(Exception):
    """The body is not as its headers say, or the client went away before its end."""


class BodyTooLargeError(Exception):
    """The body is larger than what was asked for in one piece."""


class Body:
    """One request's body.

    Attributes:
        length: Bytes in all, None when it comes in chunks.
        exhausted: True once the last byte has been read.
    """

    def __init__(self, source: BufferedIOBase, length: int | None) -> None:
        self._source = source
        self.length = length
        self.exhausted = length == 0

    def blocks(self) -> Iterator[bytes]:
        """Yield the body piece by piece.

        Raises:
            BodyError: It ends too early, or its chunks are malformed.
        """
        yield from self._chunked() if self.length is None else self._counted(self.length)
        self.exhausted = True

    def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            BodyTooLargeError: It has more than ``limit`` bytes.
        """
        content = bytearray()
        for block in self.blocks():
            content += block
            if len(content) > limit:
                raise BodyTooLargeError(f"body of more than {limit} bytes")
        return bytes(content)

    def drain(self, limit: int) -> None:
        """Throw away what is left, so that the connection can be used again; at most ``limit``."""
        if self.length is not None and self.length > limit:
            return
        try:
            self.read(limit)
        except (BodyError, BodyTooLargeError):
            return

    def _counted(self, length: int) -> Iterator[bytes]:
        left = length
        while left:
            block = self._source.read1(min(left, BLOCK))
            if not block:
                raise BodyError(f"body ended {left} bytes too early")
            left -= len(block)
            yield block

    def _chunked(self) -> Iterator[bytes]:
        while size := self._chunk_size():
            yield from self._counted(size)
            self._end_of_line()
        while self._line():
            pass  # trailers: nobody here reads them

    def _chunk_size(self) -> int:
        text = self._line().split(b";")[0].strip()
        try:
            return int(text, 16)
        except ValueError:
            raise BodyError(f"not the size of a chunk: {text[:40]!r}") from None

    def _end_of_line(self) -> None:
        if self._line():
            raise BodyError("chunk longer than its size")

    def _line(self) -> bytes:
        line = self._source.readline(_LONGEST_CHUNK_LINE)
        if not line.endswith(b"\n"):
            raise BodyError("body ended inside a chunk")
        return line.rstrip(b"\r\n")
