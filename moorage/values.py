"""Checked value types; above all the Secret, which prints itself as *** everywhere."""

from __future__ import annotations

from typing import Any, NoReturn


class Secret:
    """A value that shows itself only through :meth:`reveal`.

    It prints ``***`` in ``str``, ``repr`` and formats, and refuses to be pickled or copied into
    JSON, so that it cannot end up in a log, a plan or a traceback by accident.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Give the value itself; called in two files only, which a test counts.

        They are :mod:`moorage.quoting`, for what goes into a stream, and
        :mod:`moorage.transport.http`, for requests.
        """
        return self.__value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.__value == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never serialised")

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self
