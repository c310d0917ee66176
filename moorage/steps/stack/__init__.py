"""The Swarm stack: rendered, compared with what runs, deployed, waited for."""

from moorage.steps.stack.desired import StackDesired
from moorage.steps.stack.step import StackStep

__all__ = ["StackDesired", "StackStep"]
