"""How many examples a property is tried with: few by themselves, many where they are asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

seeds = st.integers(0, 2**32)
"""For accidents that are made by :class:`random.Random`."""


def examples(usual: int) -> settings:
    """Settings with so many examples, or with as many as ``MOORAGE_EXAMPLES`` says."""
    asked = int(os.environ.get("MOORAGE_EXAMPLES") or usual)
    return settings(max_examples=asked, deadline=None, suppress_health_check=list(HealthCheck))
