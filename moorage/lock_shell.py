"""The shell of lock and journal: one folder a stack on each host, and what is done in it.

``lock/`` is made by mkdir(2), which one of several succeeds at. In it: ``id`` the run's own word,
``owner`` who it is, ``beat`` touched while the run lives, ``doing`` the change under way as the
beginning of its journal line, ``run.ID.PID`` a script of the run ID that is at work. Who takes a
lock over writes ``id`` first and then looks for scripts; a script says first that it is there and
then reads ``id``: so one of the two sees the other. ``takeover.ID`` is made by who takes it over
from ID, so that what a machine leaves of it when it goes down stands in nobody's way.
"""

from __future__ import annotations

from moorage.quoting import Script, Value
from moorage.transport.base import LOCK_LOST, Probe

HOME = "/var/lib/moorage"
STALE_SECONDS = 120
"""A lock without a heartbeat for so long is stale."""
UNDER_WAY = {
    "upgrade.json": "an upgrade", "stopped.hold": "an exchange of data",
    **dict.fromkeys(("stopped", "stopped.guard", "guard"), "a standstill of Nexus"),
}  # fmt: skip
"""What is not over, by the name of the file beside the lock that tells of it; the gravest first."""
LEFT = "left"
"""Result of a change that was noted and then not begun: it is no line of the journal."""
HELD, NO_ROOM = 6, 77
"""Exit codes of taking a lock: somebody else has it; the folder cannot be written to."""
_ROTATE_BYTES = 1_000_000

_READ = """
[ -d "$lock" ] || exit 0
beat=$(stat -c %Y -- "$lock/beat" 2>/dev/null || stat -c %Y -- "$lock" 2>/dev/null)
echo "$(( $(date +%s) - ${beat:-0} )) $(cat -- "$lock/id" 2>/dev/null)"
cat -- "$lock/owner" 2>/dev/null
echo
cat -- "$lock/doing" 2>/dev/null || true
"""
# a result for each line under way, or one for all of them
_LOG = """
log() {
  [ -s "$lock/doing" ] || return 0
  if [ "$(cat -- "$home/journal.jsonl" 2>/dev/null | wc -c)" -gt "$most" ]; then
    [ ! -e "$home/journal.jsonl.1" ] || mv -f -- "$home/journal.jsonl.1" "$home/journal.jsonl.2"
    mv -f -- "$home/journal.jsonl" "$home/journal.jsonl.1"
  fi
  ended=$(date -u +%Y-%m-%dT%H:%M:%SZ) rest=$1
  # after a line that was cut off, by a full disk or a power cut, the next one is a line of its own
  [ -z "$(tail -c 1 -- "$home/journal.jsonl" 2>/dev/null)" ] || echo >>"$home/journal.jsonl"
  while IFS= read -r line || [ -n "$line" ]; do
    result=${rest%%"
"*} rest=${rest#*"
"}
    [ "$result" = left ] ||
      printf '%s,"ended":"%s","result":"%s"}\\n' "$line" "$ended" "$result"
  done <"$lock/doing" >>"$home/journal.jsonl" && rm -f -- "$lock/doing"
}
"""
# a script that goes on after its connection broke is given time to end by itself; without an id
# those of all runs are
_SETTLE = """
alive() {
  [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 1
  case $(cut -d ' ' -f 3,22 "/proc/$pid/stat" 2>/dev/null) in
    Z*) return 1 ;;
    *" $start") return 0 ;;
    *) return 1 ;;
  esac
}
settle() {
  for script in "$lock/run.${1:+$1.}"*; do
    [ -s "$script" ] || continue
    read -r pid start boot <"$script"
    group=$(cut -d ' ' -f 5 "/proc/$pid/stat" 2>/dev/null)
    own=$(cut -d ' ' -f 5 "/proc/$$/stat")
    [ "$group" != "$own" ] || group=
    round=0
    while alive && [ "$round" -lt 20 ]; do
      [ "$round" -ne 8 ] || kill -TERM ${group:+"-$group"} "$pid" 2>/dev/null
      [ "$round" -ne 18 ] || kill -KILL ${group:+"-$group"} "$pid" 2>/dev/null
      sleep 0.5
      round=$((round + 1))
    done
    rm -f -- "$script"
  done
  log "$2"
}
"""
_TAKE = f"""
umask 022
write() {{
  printf %s "$owner" >"$lock/owner.new" && touch -- "$lock/beat" &&
    printf %s "$token" >"$lock/id" && mv -f -- "$lock/owner.new" "$lock/owner"
}}
read_lock() {{
{_READ.strip()}
}}
mkdir -p -- "$home" || exit {NO_ROOM}
if mkdir -- "$lock" 2>/dev/null; then
  write || {{ rm -rf -- "$lock"; exit {NO_ROOM}; }}
  exit 0
fi
[ -d "$lock" ] || {{ mkdir -- "$lock"; exit {NO_ROOM}; }}
seen=$(cat -- "$lock/id" 2>/dev/null)
[ "$seen" != "$token" ] || {{ (read_lock); exit 0; }}
stale() {{
  [ "$(cat -- "$lock/id" 2>/dev/null)" = "$seen" ] || return 1
  [ -z "$dead" ] || [ "$seen" != "$dead" ] || return 0
  age=$(read_lock | head -n 1)
  age=${{age%% *}}
  [ "${{age:-0}}" -ge "$limit" ]
}}
mine=$lock/takeover.$seen
if stale && mkdir -- "$mine" 2>/dev/null; then
  if stale; then
    # the beat first: from now on it is a live run's
    touch -- "$lock/beat" && printf %s "$token" >"$lock/id" ||
      {{ rmdir -- "$mine"; exit {NO_ROOM}; }}
    settle "" interrupted
    rmdir -- "$mine"
    write || exit {NO_ROOM}
    exit 0
  fi
  rmdir -- "$mine"
fi
(read_lock)
exit {HELD}
"""
_NOTES = f"""
for name in {" ".join(UNDER_WAY)}; do
  [ ! -e "$home/$name" ] || echo "$name"
done
"""
_OURS = '[ "$(cat -- "$lock/id" 2>/dev/null)" = "$token" ]'
_BEAT = f"""
{_OURS} || exit {LOCK_LOST}
touch -- "$lock/beat"
"""
_RELEASE = f"""
[ -d "$lock" ] || exit 0
{_OURS} || [ "$(cat -- "$lock/id" 2>/dev/null)" = "$token.over" ] || exit 0
printf %s "$token.over" >"$lock/id"
settle "$token" "$result"
mv -- "$lock" "$lock.$token" && rm -rf -- "$lock.$token"
"""
_NOTE = f"""
script=$lock/run.$token.$$
echo "$$ $(cut -d ' ' -f 22 "/proc/$$/stat") $(cat /proc/sys/kernel/random/boot_id)" \\
  >"$lock/new.$$" && mv -f -- "$lock/new.$$" "$script"
{_OURS} || {{ rm -f -- "$script"; exit {LOCK_LOST}; }}
[ -z "$before" ] || log "$before"
printf %s "$entry" >"$lock/doing.new" && mv -f -- "$lock/doing.new" "$lock/doing" ||
  {{ rm -f -- "$script"; exit 1; }}
"""
_NOTED = """
rm -f -- "$lock/run.$token.$$"
"""
_CARRY_OUT = """
(
home=$moorage_home lock=$moorage_home/lock most=$moorage_most
token=$moorage_token entry=$moorage_entry before=$moorage_before
%(note)s
) || exit "$?"
# told to end, it ends with what is below, which may have something to put back first
trap : HUP INT TERM PIPE
(
# with nobody left to hear it, a shell is ended by what it says of a program that was: before it
# has put anything back (pipe(7); traps are reset in a subshell)
trap : PIPE
%(body)s
)
moorage_code=$?
rm -f -- "$moorage_home/lock/run.$moorage_token.$$"
[ "$moorage_code" -eq 0 ] || exit "$moorage_code"
%(after)s
"""
_MARK = "--moorage-observed-"


def _folder(home: str, **more: Value) -> dict[str, Value]:
    return {"home": home, "lock": f"{home}/lock", "most": _ROTATE_BYTES, **more}


def read(home: str) -> Probe:
    """Reads who holds the lock: seconds since its last beat, its owner, what is under way."""
    return Probe("read the lock", {"state": _READ}, {"lock": f"{home}/lock"})


def take(home: str, token: str, owner: str, dead: str) -> Probe:
    """Takes the lock, a stale one too; where it is held, reads it and ends with ``HELD``.

    Prints the names of the files besides that tell of what is not over.

    Args:
        owner: JSON that tells who takes it.
        dead: id of a holder that is known to live no more; empty for none.
    """
    values = _folder(home, token=token, owner=owner, dead=dead, limit=STALE_SECONDS)
    parts = {"state": _LOG + _SETTLE + _TAKE, "notes": _NOTES}
    return Probe("take the lock", parts, values)


def beat(home: str, token: str) -> Script:
    """Says that the run lives; ends with ``LOCK_LOST`` where the lock is another's."""
    return Script("keep the lock", _BEAT, {"lock": f"{home}/lock", "token": token})


def release(home: str, token: str, result: str) -> Script:
    """Gives the lock back; what is under way still is waited for, ended, and written down."""
    values = _folder(home, token=token, result=result)
    return Script("give the lock back", _LOG + _SETTLE + _RELEASE, values)


def note(home: str, token: str, entry: str, before: str) -> Script:
    """Notes what is about to be done by other means than a script.

    Args:
        entry: JSON of the change, without its end; of several, one a line.
        before: how each change noted before it ended, one a line; empty where they go on.
    """
    values = _folder(home, token=token, entry=entry, before=before)
    return Script("note the change", _LOG + _NOTE + _NOTED, values)


def carry_out(
    script: Script, home: str, token: str, entry: str, before: str, then: Script | None = None
) -> Script:
    """The same script with all that belongs to a change, so that it takes one exec.

    It is not begun without the lock, is noted, and where it succeeds the host is looked at again.

    Args:
        entry: as :func:`note` has it; before: likewise.
        then: prints what :func:`observed` gives.
    """
    after, values = "", dict(script.variables)
    if then is not None:
        after = f"echo '{_MARK}{token}'\n{then.body}"
        values |= then.variables
    own: dict[str, Value] = {
        "moorage_home": home, "moorage_token": token, "moorage_entry": entry,
        "moorage_before": before, "moorage_most": _ROTATE_BYTES,
    }  # fmt: skip
    body = _CARRY_OUT % {"note": _LOG + _NOTE, "body": script.body, "after": after}
    return Script(script.summary, body, {**values, **own}, shown=script.command)


def observed(output: str, token: str) -> tuple[str, str]:
    """What a script of :func:`carry_out` printed: its own words, and what was seen after it."""
    own, _, seen = output.partition(f"{_MARK}{token}\n")
    return own, seen
