"""Nexus through its API: first boot finished, and everything in it as the inventory says."""

from moorage.steps.nexus.desired import NexusDesired, desired
from moorage.steps.nexus.step import NexusStep

__all__ = ["NexusDesired", "NexusStep", "desired"]
