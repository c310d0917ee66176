"""Upgrades: the way checked and written down first, what came of it seen last."""

from moorage.steps.pending_upgrade import Note
from moorage.steps.upgrade.path import Journey
from moorage.steps.upgrade.step import GateStep, UpgradeDesired, UpgradeStep

__all__ = ["GateStep", "Journey", "Note", "UpgradeDesired", "UpgradeStep"]
