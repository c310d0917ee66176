"""What may stop the bench."""

from __future__ import annotations


class BenchError(Exception):
    """Something that the bench needs is not there, or a side did not do its work."""
