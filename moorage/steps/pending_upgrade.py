"""What the manager remembers of an upgrade that is not over, and the shell that keeps it there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from moorage.quoting import Script

_NAME = "upgrade.json"
READ = f'cat -- "$home/{_NAME}" 2>/dev/null || true'
"""Prints it, in a probe or a script that has ``home``."""
_WRITE = f"""
printf '%s\\n' "$text" >"$home/{_NAME}.new" && mv -f -- "$home/{_NAME}.new" "$home/{_NAME}"
"""
_REMOVE = f"""
rm -f -- "$home/{_NAME}" "$home/stopped" "$home/stopped.hold"
"""


@dataclass(frozen=True)
class Note:
    """What the manager remembers of an upgrade that is not over.

    Args:
        before, to: versions.
        image: what ran before it, name and tag.
        backup: name of the backup that is made for it.
    """

    before: str
    to: str
    image: str
    backup: str

    def ways_on(self) -> str:
        """What an operator can do about it."""
        return (
            f"carry it on: fab upgrade --to {self.to}; or bring {self.before} back: "
            "fab upgrade --back"
        )


def note_of(text: str) -> Note | None:
    """What a note's text says; None where there is none."""
    try:
        return Note(**json.loads(text))
    except (ValueError, TypeError):
        return None


def read_note(home: str) -> Script:
    """Prints the note, where there is one."""
    return Script("see whether an upgrade is not over", READ, {"home": home})


def write_note(note: Note, home: str) -> Script:
    """Writes it down."""
    values = {"home": home, "text": json.dumps(asdict(note))}
    return Script("write down that an upgrade is begun", _WRITE, values)


def remove_note(home: str) -> Script:
    """Takes it away, and that Nexus was stopped for it."""
    return Script("call it over", _REMOVE, {"home": home})
