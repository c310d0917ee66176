"""Nexus' data, from a node's own disk to the export."""

from moorage.steps.data.desired import DataDesired
from moorage.steps.data.step import DataStep

__all__ = ["DataDesired", "DataStep"]
