"""The Swarm stack: rendered, compared with what runs, deployed, waited for."""

from moorage.steps.stack.step import StackDesired, StackStep

__all__ = ["StackDesired", "StackStep"]
