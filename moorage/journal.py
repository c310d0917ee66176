"""What was changed on a host: one JSON line a change, written beside the lock, and read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moorage.change import Action, Change
from moorage.errors import MoorageError
from moorage.identity import Identity
from moorage.quoting import Script
from moorage.transport.fleet import Fleet
from moorage.transport.parsing import require

_MOST_FIELDS = 6
"""A line for a person names no more of them; the data have all."""
_READ = """
# one machine may have several names: what is read by each is one journal
stat -c "$(cat /proc/sys/kernel/random/boot_id) %d %i" -- "$home" 2>/dev/null || exit 0
for file in "$home/journal.jsonl.2" "$home/journal.jsonl.1" "$home/journal.jsonl"; do
  [ ! -e "$file" ] || cat -- "$file"
done | tail -n "$lines"
"""


@dataclass(frozen=True)
class Entry:
    """One line of a journal; never a value, since values may be secret.

    Args:
        at: when it began, in UTC; ended likewise.
        fields: names of the fields that differed.
        action: what was done last for it.
        result: done, failed, rolled_back or interrupted.
    """

    at: str
    ended: str
    who: str
    pid: int
    step: str
    host: str
    change: str
    fields: tuple[str, ...]
    action: str
    result: str

    def line(self) -> str:
        """It in one line for a person."""
        at = datetime.fromisoformat(self.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        most = self.fields[:_MOST_FIELDS]
        more = [f"{len(self.fields) - len(most)} more"] if len(self.fields) > len(most) else []
        fields = f" ({', '.join((*most, *more))})" if self.fields else ""
        cut = f", at: {self.action}" if self.result != "done" else ""
        return (f"{at}  {self.result:11}  {self.who}  {self.step} on {self.host}: "
                f"{self.change}{fields}{cut}")  # fmt: skip

    def data(self) -> dict[str, Any]:
        """It as plain data."""
        return {**self.__dict__, "fields": list(self.fields)}


def beginning(me: Identity, step: str, change: Change, action: Action) -> str:
    """A change's line without its end, which the host adds when it is known."""
    return json.dumps({
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "who": me.who, "pid": me.pid, "step": step, "host": change.host, "change": change.title,
        "fields": [item.field for item in change.differences], "action": action.summary,
    }).removesuffix("}")  # fmt: skip


def parse(text: str) -> list[Entry]:
    """The entries of a journal; a line that was cut off is left out."""
    return [entry for line in text.splitlines() if (entry := _entry(line))]


def _entry(line: str) -> Entry | None:
    try:
        found = json.loads(line)
        entry = Entry(**{**found, "fields": tuple(found["fields"])})
        require(entry, Entry)
        datetime.fromisoformat(entry.at).astimezone()
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return entry


def history(
    fleet: Fleet, home: str, names: list[str], lines: int
) -> tuple[list[Entry], list[MoorageError]]:
    """The last entries of all hosts' journals together, oldest first; and who did not answer."""
    script = Script("read the journal", _READ, {"home": home, "lines": lines})
    read = fleet.each(names, lambda host: host.read(script))
    failures = [text for text in read.values() if isinstance(text, MoorageError)]
    journals = {text.partition("\n")[0]: text for text in read.values() if isinstance(text, str)}
    entries = [entry for text in journals.values() for entry in parse(text)]
    return sorted(entries, key=lambda entry: entry.at)[-lines:], failures
