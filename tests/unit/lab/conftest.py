"""What the tests of the lab share: one that is played, its clock, and what happened on it."""

from __future__ import annotations

import pytest
from played_lab import PlayedClock, PlayedLab

from lab.chaos.events import Events


@pytest.fixture
def clock():
    return PlayedClock()


@pytest.fixture
def lab(clock):
    return PlayedLab(clock)


@pytest.fixture
def events(clock):
    return Events(clock)
