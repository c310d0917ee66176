"""Faults by chance: a registry in use, and what breaks under it, drawn from a seed."""
