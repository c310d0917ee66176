"""The Nexus image: built once, and on every node that may need it."""

from moorage.steps.image.step import ImageDesired, ImageStep

__all__ = ["ImageDesired", "ImageStep"]
