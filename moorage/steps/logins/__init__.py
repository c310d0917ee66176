"""A robot that may pull, logged in on every machine with Docker."""

from moorage.steps.logins.step import LoginDesired, LoginsStep

__all__ = ["LoginDesired", "LoginsStep"]
