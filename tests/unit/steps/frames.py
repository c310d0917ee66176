"""Recordings with one part otherwise."""

from __future__ import annotations


def replaced(text: str, part: str, output: str, code: int = 0) -> str:
    """A probe's output with one part's text and exit code replaced."""
    boundary = text.partition("\n")[0]
    head, frame, rest = text.partition(f"--{boundary} {part}\n")
    assert frame, part
    tail = rest.partition(f"--{boundary} = ")[2].partition("\n")[2]
    return f"{head}{frame}{output}\n--{boundary} = {code}\n{tail}"
