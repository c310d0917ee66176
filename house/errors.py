"""What can go wrong in the house's own programs."""

from __future__ import annotations


class HouseError(Exception):
    """Something of the repository is not as it should be, or could not be looked at.

    Attributes:
        exit_code: what the program ends with.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
