"""The exit codes of all commands, and what each means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a Moorage command ends with; the README's table and ``fab explain`` say it so."""

    DONE = 0
    """done, or nothing to do"""
    FAILED = 1
    """failed; `fab status`: not healthy"""
    DRIFT = 2
    """`fab plan --check`: something would change"""
    REFUSED = 3
    """refused: usage, inventory, something in the way, or a question that could not be asked; this
    step has changed nothing"""
    UNREACHABLE = 4
    """a host or service was not reached in time; run again to carry on; `fab status`: a host does
    not answer"""
    NOT_CONVERGED = 5
    """applied, but not as asked"""
    LOCKED = 6
    """another operator is changing the same host"""
    INTERRUPTED = 130
    """interrupted; run again to carry on"""
