"""What former builds and deployments have left on the nodes."""

from moorage.steps.clean.step import CleanDesired, CleanStep

__all__ = ["CleanDesired", "CleanStep"]
