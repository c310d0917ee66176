"""What can go wrong in the lab, each with the exit code that the command line gives."""

from __future__ import annotations


class LabError(Exception):
    """Something in the lab failed; the message says what, and what to do."""

    exit_code = 1


class HostLacksError(LabError):
    """This machine can't run the lab as it is; nothing was begun."""

    exit_code = 3


class NotReadyError(LabError):
    """A guest, a service or a port did not come up in time."""

    exit_code = 4
