"""What a check says: findings, each with its level, its place and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failure"]

HERE = "here"
"""Stands for the operator's own machine where a finding names its host."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        level: ``failure`` stops a site from working, ``warning`` may hurt it one day.
        host: inventory name, ``nexus`` or ``registry`` for their public names, or ``here``.
        subject: what was looked at, in few words.
        message: what was found.
        hint: what to do; never empty unless all is well.
    """

    level: Level
    host: str
    subject: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class About:
    """Makes the findings about one subject on one host."""

    host: str
    subject: str

    def ok(self, message: str) -> Finding:
        return Finding("ok", self.host, self.subject, message)

    def warning(self, message: str, hint: str) -> Finding:
        return Finding("warning", self.host, self.subject, message, hint)

    def failure(self, message: str, hint: str) -> Finding:
        return Finding("failure", self.host, self.subject, message, hint)
