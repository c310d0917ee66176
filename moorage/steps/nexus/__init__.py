"""Nexus through its REST API: first boot finished, repositories as the inventory says."""

from moorage.steps.nexus.step import NexusDesired, NexusStep

__all__ = ["NexusDesired", "NexusStep"]
