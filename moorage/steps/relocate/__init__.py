"""Nexus moved to another node: stopped, fenced off its data, let in there, started."""

from moorage.steps.relocate.desired import RelocateDesired, Scripts
from moorage.steps.relocate.step import RelocateStep

__all__ = ["RelocateDesired", "RelocateStep", "Scripts"]
