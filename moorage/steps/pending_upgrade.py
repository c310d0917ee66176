"""What the manager remembers of what is not over, an upgrade above all, and the shell of that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from moorage.errors import Refused
from moorage.quoting import Script
from moorage.transport.base import Section

_NAME = "upgrade.json"
READ = f'cat -- "$home/{_NAME}" 2>/dev/null || true'
"""Prints it, in a probe or a script that has ``home``."""
UNDER_WAY = {
    "upgrade": READ,
    "held": '[ ! -e "$home/stopped.hold" ] || echo held',
    "why": 'cat -- "$home/stopped" "$home/stopped.guard" 2>/dev/null | tail -n 1',
}
"""Parts of a probe that has ``home``, which :func:`under_way` reads."""
STANDSTILL = """
for name in stopped.hold stopped; do [ ! -e "$home/$name" ] || echo "$name"; done
"""
"""Prints something as long as Nexus is noted to stand still, in a probe that has ``home``."""
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
        failing: the proof of ``fab verify`` that failed before it already; empty for none.
    """

    before: str
    to: str
    image: str
    backup: str
    failing: str = ""

    def ways_on(self) -> str:
        """What an operator can do about it."""
        return (
            f"carry it on: fab upgrade --to {self.to}; or bring {self.before} back: "
            "fab upgrade --back"
        )


@dataclass(frozen=True)
class UnderWay:
    """What is not over.

    Args:
        note: of an upgrade; None where there is none.
        held: whether Nexus is kept stopped since its data are being exchanged.
        why: it was stopped for a while, in words; empty where no run has done that.
    """

    note: Note | None = None
    held: bool = False
    why: str = ""

    def refuse_upgrade(self, manager: str) -> None:
        """Make sure that no half of an upgrade is in the way.

        Raises:
            Refused: one is not over.
        """
        if self.note:
            before, to = self.note.before, self.note.to
            raise Refused(f"an upgrade from {before} to {to} is not over", host=manager,
                          hint=self.note.ways_on())  # fmt: skip

    def refuse_start(self, manager: str) -> None:
        """Make sure that a service that stands still may be started.

        Raises:
            Refused: its data may not be whole.
        """
        if self.held:
            hint = "fab restore undoes that, and puts a backup in their place"
            hint = self.note.ways_on() if self.note else hint
            raise Refused("Nexus is kept stopped: an exchange of its data was cut off",
                          host=manager, hint=hint)  # fmt: skip


def under_way(found: Mapping[str, Section]) -> UnderWay:
    """What the sections of :data:`UNDER_WAY` say; nothing where they were not asked for."""
    upgrade, held, why = (found[name].text if name in found else "" for name in UNDER_WAY)
    return UnderWay(note_of(upgrade), bool(held.strip()), why.strip())


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
