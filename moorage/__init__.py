"""Moorage: your own Docker registry on your own Docker Swarm, from one inventory."""

__version__ = "0.1.0"
