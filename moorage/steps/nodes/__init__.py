"""Machines with Docker as good clients: NFS, the registry's CA, names, Docker Hub's mirror."""

from moorage.steps.nodes.desired import Common, NodeDesired, desired
from moorage.steps.nodes.step import NodesStep

__all__ = ["Common", "NodeDesired", "NodesStep", "desired"]
