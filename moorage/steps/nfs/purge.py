"""The step ``purge``: the export and everything behind it, deleted for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused
from moorage.quoting import Script
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.exports import parse_exportfs
from moorage.steps.holders import EXPIRE_DEAD, HOLDERS
from moorage.steps.nfs.refusals import NEXUS_MARKERS
from moorage.transport.base import Probe, Progress, all_sections
from moorage.transport.fleet import Fleet
from moorage.transport.parsing import parser

_COUNT_SECONDS = 60
_LEFT = 'left=$(dirname -- "$path")/.$(basename -- "$path").moorage-purged\n'
_PARTS = {
    "file": 'cat -- "$file"',
    "exported": "command -v exportfs >/dev/null || exit 0; exportfs -s",
    "realpath": 'readlink -m -- "$path"',
    "directory": (
        # stat's own %m takes a subvolume of btrfs for a mount point
        'kind=$(stat -c %F -- "$path") || exit 1\n'
        'echo "$kind|$(findmnt -n -o TARGET -T "$path" | tail -n 1)"'
    ),
    "entries": 'ls -A -- "$path" | head -n 200',
    "within": "awk -v path=\"$path/\" 'index($2, path) == 1 { print $2 }' /proc/mounts",
    "size": (
        f"{{ timeout {_COUNT_SECONDS} find \"$path\" -xdev ! -type d -printf '%b\\n'\n"
        "  echo end $?; } |\n"
        # mawk prints whole numbers from 2^31 on as 2.1e+09
        '  awk \'/^end/ { printf "%d %.0f %s\\n", files, blocks * 512, $2; next }\n'
        "    { files++; blocks += $1 }'"
    ),
    "left": f'{_LEFT}[ ! -e "$left" ] || echo "$left"',
    "aside": 'for one in "$path".pre-restore-*; do [ ! -e "$one" ] || echo "$one"; done',
}
_UNEXPORT = """
rm -f -- "$file" || exit 1
said=$(exportfs -ra 2>&1)
live=$(exportfs -s | while read -r exported rest; do
  [ "$exported" != "$path" ] || printf '%s\\n' "$rest"; done)
[ -z "$live" ] || { echo "$path is still exported: $live $said" >&2; exit 1; }
[ -z "$said" ] || echo "note: exportfs says of other files: $said"
"""
# renamed first: what is cut off has taken all of it away, and the next run deletes the rest
_DELETE = f"""
{_LEFT}
holding() {{
  (
{HOLDERS.strip()}
  )
}}
if [ -e "$path" ]; then
  [ "$(readlink -m -- "$path")" = "$path" ] && ! mountpoint -q -- "$path" || {{
    echo "$path is no plain directory any more" >&2; exit 1; }}
  (
{EXPIRE_DEAD.strip()}
  )
  open=$(holding)
  [ -z "$open" ] || {{ echo "Nexus' data are still open on $open" >&2; exit 1; }}
  [ ! -e "$left" ] || rm -rf --one-file-system -- "$left" || exit 1
  mv -- "$path" "$left" || exit 1
fi
rm -rf --one-file-system -- "$left"
"""


@dataclass(frozen=True)
class PurgeObserved:
    """What there is to delete.

    Args:
        file: whether the export file is there; exported: who is let in.
        realpath: where the path leads to.
        kind: of what is there, in stat(1)'s words; None for nothing.
        mountpoint: of its file system; within: what is mounted below it.
        entries: names in it.
        files, size: how many, and bytes on the disk; whole: whether all were counted.
        left: what a former run has taken away and not deleted to the end.
        aside: data from before restores, which ``fab restore`` has put beside.
    """

    file: bool
    exported: frozenset[str]
    realpath: str
    kind: str | None
    mountpoint: str
    within: tuple[str, ...]
    entries: frozenset[str]
    files: int
    size: int
    whole: bool
    left: str
    aside: tuple[str, ...] = ()


class PurgeStep:
    """Take the export away, then the directory."""

    name = "purge"

    def __init__(self, fleet: Fleet, host: str, path: str, file: str) -> None:
        """A step.

        Args:
            host: inventory name of the NFS host.
            path: the export; file: where it is written down.
        """
        self._fleet = fleet
        self._host = host
        self._path = path
        self._file = file

    def observe(self, progress: Progress) -> PurgeObserved:
        seen: PurgeObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        values = {"path": self._path, "file": self._file}
        return {self._host: Probe(f"count what is in {self._path}", _PARTS, values)}

    @parser("the NFS host")
    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> PurgeObserved:
        found = all_sections(answer_of(answers, self._host), _PARTS, "count the data", self._host)
        kind, _, mountpoint = found["directory"].text.strip().partition("|")
        there = found["directory"].ok
        words = found["size"].text.split()[-3:] if there else []
        files, size, code = (int(word) for word in words) if len(words) == 3 else (0, 0, 0)  # noqa: PLR2004
        return PurgeObserved(
            file=found["file"].ok,
            exported=frozenset(parse_exportfs(found["exported"].text, self._path)),
            realpath=found["realpath"].text.strip(),
            kind=kind if there else None,
            mountpoint=mountpoint,
            within=tuple(found["within"].text.split()),
            entries=frozenset(found["entries"].text.splitlines()) if there else frozenset(),
            files=files, size=size, whole=code == 0,
            left=found["left"].text.strip(),
            aside=tuple(found["aside"].text.splitlines()),
        )  # fmt: skip

    def plan(self, observed: PurgeObserved) -> Plan:
        path, host = self._path, self._host
        refuse_deletion(path, observed, host)
        values = {"path": path, "file": self._file}
        changes, notes = [], []
        if observed.file or observed.exported:
            differences = tuple(Difference(client, "let in", None)
                                for client in sorted(observed.exported))  # fmt: skip
            script = Script(f"take the export of {path} away", _UNEXPORT, values)
            changes.append(Change("remove", f"export {path}", host, differences,
                                  (RunScript(host, script),)))  # fmt: skip
        if observed.kind or observed.left:
            script = Script(f"delete {path}", _DELETE, values)
            difference = Difference("data", "there" if observed.kind else "partly deleted", None)
            changes.append(Change("remove", f"directory {path}", host, (difference,),
                                  (RunScript(host, script),)))  # fmt: skip
        if observed.kind:
            more = "" if observed.whole else "more than "
            notes.append(f"{path} will be deleted for good: {more}{observed.size} bytes in "
                         f"{more}{observed.files} files")  # fmt: skip
        notes += [f"kept: {one} on {host}, data from before a restore; delete it by hand"
                  for one in observed.aside]  # fmt: skip
        return Plan(self.name, tuple(changes), tuple(notes))

    def carry_out(self, action: Action, _progress: Progress) -> None:
        raise AssertionError(f"every action of this step is a script: {action.summary}")


def refuse_deletion(path: str, observed: PurgeObserved, host: str) -> None:
    """Make sure that it is Nexus' directory and nothing else that would go.

    Raises:
        Refused: a symbolic link, no directory, a file system of its own or one below it, or
            nothing of Nexus in it.
    """
    if observed.kind is None:
        return
    reason, hint = "", "look at it, and delete by hand what is to go"
    if observed.realpath != path:
        reason = f"leads to {observed.realpath} by a symbolic link"
    elif observed.kind != "directory":
        reason = f"is a {observed.kind}"
    elif observed.mountpoint == path:
        reason, hint = "is a file system of its own", "unmount it and delete it by hand"
    elif observed.within:
        reason = f"has {observed.within[0]} mounted in it"
        hint = "unmount that first: it may hold other data"
    elif observed.entries and not observed.entries & NEXUS_MARKERS:
        reason = f"has nothing of Nexus in it, but {', '.join(sorted(observed.entries)[:5])}"
    if reason:
        raise Refused(f"{path} {reason}: it is not deleted", host=host, hint=hint)
