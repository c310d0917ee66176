"""The shell that moves the data: a copy that runs by itself, what stops Nexus and what switches it.

The copy has a mount namespace of its own, in which the node's place and the export are mounted:
when its last process ends, however that comes, both mounts are gone (mount_namespaces(7)). The
export is mounted by mount(2) with the volume's own options, as Docker does it, so ``mount -i``: no
helper reads them. rsync runs as Nexus' own user, since the server takes a client's root for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

from moorage.quoting import Script
from moorage.steps.data.desired import DataDesired, Move

BUSY, NOT_MOUNTED, DIFFERS = 75, 90, 91
"""Exit codes: another copy runs here; a mount failed; the copy is not the same."""
STALE_SECONDS = 150
_STOP_SECONDS = 300
_SAMPLE = 500

_INNER = r"""
umask 077
mount --bind -- "$path" "$work/from" && mount -o remount,bind,ro "$work/from" || exit 90
# Docker takes IPv4 where a name has both
address=$({ getent ahostsv4 "$server" || getent ahosts "$server"; } 2>/dev/null |
  awk 'NR == 1 { print $1 }')
mount -i -t "$type" -o "$head${address:-$server}$tail" "$device" "$work/to" || exit 90
cd "$work" || exit 90
as() { setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"; }
# the server takes a client's root for nobody, who may not enter either
at() { as env -C "$@"; }
copy() { as rsync -rlptH --delete --info=progress2 --no-inc-recursive "$@" from/ to/; }
case $pass in
  first)
    # what goes away while Nexus runs is no failure (rsync(1), exit value 24)
    copy; code=$?
    # a file that became shorter while it was read counts as an error (23): it is there once more
    [ "$code" -ne 23 ] || { copy; code=$?; }
    [ "$code" -ne 24 ] || code=0 ;;
  second)
    # a database may be written to without its size or second changing
    copy && copy --checksum --exclude=/blobs/ && as chmod "$mode" to; code=$? ;;
  compare)
    copy -n -i --info=progress0 >listed || exit 91
    grep -v '^[.]d[^ ]* [.]/$' listed >differs
    if [ -s differs ]; then head -n 5 differs >&2; exit 91; fi
    at from find . -type f ! -path './blobs/*' -print0 >names
    if [ "$checksums" = all ]; then at from find . -type f -path './blobs/*' -print0
    else at from find . -type f -path './blobs/*' -print0 | shuf -z -n "$sample"; fi >>names
    at from xargs -0 -r sha256sum <names >there && at to xargs -0 -r sha256sum <names >here ||
      exit 91
    cmp there here >&2 || exit 91
    for side in from to; do
      at "$side" find . -type f -printf '%s\n' |
        awk -v side="$side" '{ bytes += $1 } END { printf "%s %d %.0f\n", side, NR, bytes }'
    done
    echo "checked $(wc -l <here)"; code=0 ;;
esac
umount "$work/to" || exit 90
exit "$code"
"""
_JOB = r"""
exec >"$work/out" 2>"$work/err" </dev/null
echo "$$" >"$work/pid"
unshare --mount --propagation private sh "$work/inner"
printf %s "$?" >"$work/rc.new" && mv -f -- "$work/rc.new" "$work/rc"
"""
_ALIVE = r"""
alive() {
  [ -s "$work/pid" ] || return 1
  read -r pid <"$work/pid"
  case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in *"$work/job"*) ;; *) return 1 ;; esac
}
"""
_START = (
    _ALIVE
    + r"""
if alive && [ ! -e "$work/rc" ]; then echo "another copy runs on this node" >&2; exit 75; fi
mkdir -p -- "$work/from" "$work/to" && chmod 0711 "$work" || exit 1
rm -f -- "$work/rc" "$work/pid" "$work/out" "$work/err"
printf '%s\n' "$job" >"$work/job" && printf '%s\n' "$inner" >"$work/inner" || exit 1
export work path server type head tail device uid mode pass checksums sample
setsid sh "$work/job" >/dev/null 2>&1 </dev/null &
round=0
until [ -s "$work/pid" ]; do
  [ "$round" -lt 50 ] || { echo "the copy did not begin" >&2; exit 1; }
  round=$((round + 1)); sleep 0.1
done
"""
)
_POLL = (
    _ALIVE
    + r"""
if [ -s "$work/rc" ]; then echo "ended $(cat "$work/rc")"
elif alive; then echo running
else sleep 1; [ -s "$work/rc" ] && echo "ended $(cat "$work/rc")" || echo lost; fi
tail -c 400 "$work/out" 2>/dev/null | tr '\r' '\n' | tail -n 4 | sed 's/^/out /'
tail -n 5 "$work/err" 2>/dev/null | sed 's/^/err /'
"""
)
_END = (
    _ALIVE
    + r"""
alive || exit 0
kill -TERM "-$pid" 2>/dev/null
round=0
while alive; do
  [ "$round" -ne 50 ] || kill -KILL "-$pid" 2>/dev/null
  [ "$round" -lt 100 ] || { echo "the copy, process $pid, does not end" >&2; exit 1; }
  round=$((round + 1)); sleep 0.1
done
"""
)
# whoever stopped Nexus may die before it is started again: the lock tells, by its beat and its id
_GUARD = r"""
while sleep 10; do
  [ "$(cat -- "$1/guard" 2>/dev/null)" = "$2" ] || exit 0
  beat=$(stat -c %Y -- "$1/lock/beat" 2>/dev/null || echo 0)
  [ "$(cat -- "$1/lock/id" 2>/dev/null)" != "$6" ] ||
    [ "$(($(date +%s) - beat))" -ge "$5" ] || continue
  rm -f -- "$1/guard"
  exec docker service scale --detach=true "$3=$4"
done
"""
_STOP = r"""
token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
printf %s "$token" >"$home/guard" || exit 1
owner=$(cat -- "$home/lock/id" 2>/dev/null)
setsid sh -c "$guard" moorage-guard "$home" "$token" "$service" "$replicas" "$stale" "$owner" \
  >/dev/null 2>&1 </dev/null &
docker service scale --detach=true "$service=0" >&2 || exit 1
round=0
while docker service ps --format '{{.CurrentState}}' -- "$service" 2>/dev/null |
  grep -q '^Running\|^Starting\|^Preparing'; do
  [ "$round" -lt "$seconds" ] || { echo "it still runs after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""
_STOPPED = r"""
round=0
while :; do
  ids=$(docker ps -q --filter "label=com.docker.swarm.service.name=$service") || exit 1
  [ -z "$volume" ] || ids="$ids$(docker ps -q --filter "volume=$volume")" || exit 1
  [ -n "$ids" ] || exit 0
  [ "$round" -lt 30 ] || { echo "a container still uses the data: $ids" >&2; exit 1; }
  round=$((round + 1))
  sleep 1
done
"""
_AGAIN = r"""
docker service scale --detach=true "$service=$replicas" >&2 && rm -f -- "$home/guard"
"""
# the guard takes its note away before it starts what was stopped: the copy lacks what came since
_SWITCH = r"""
[ -s "$home/guard" ] || {
  echo "$service was started as it was meanwhile, since no sign of life came from this run" >&2
  exit 1
}
docker service update --detach=true --mount-add "$mount" --replicas "$replicas" -- "$service" >&2 &&
  rm -f -- "$home/guard"
"""
_CLAIM = r"""
[ "$(cat -- "$home/data-move" 2>/dev/null)" = "$mark" ] || {
  [ -z "$(ls -A -- "$target" | grep -vx 'lost+found')" ] || {
    echo "$target has files in it" >&2; exit 1; }
  mkdir -p -- "$home" && printf '%s\n' "$mark" >"$home/data-move.new" &&
    mv -f -- "$home/data-move.new" "$home/data-move"
}
"""


def claim(wanted: DataDesired, mark: str) -> Script:
    """Note on the NFS host whose data the export is being filled with; not where it has others."""
    return Script(f"keep {wanted.export} for the copy", _CLAIM,
                  {"home": wanted.home, "target": wanted.export, "mark": mark})  # fmt: skip


def unclaim(wanted: DataDesired) -> Script:
    """Take that note away."""
    return Script("end the copy", 'rm -f -- "$home/data-move"', {"home": wanted.home})


def start(wanted: DataDesired, move: Move, pass_: str) -> Script:
    """Begin a part of the work on the node that has the data; it goes on by itself.

    Args:
        pass_: ``first``, ``second`` or ``compare``.
    """
    options = wanted.options.get("o", "")
    head, found, tail = options.partition(f"addr={wanted.server}")
    return Script(
        f"begin the {_WORDS[pass_]}",
        _START,
        {
            "work": _work(wanted), "path": move.path, "server": wanted.server,
            "type": wanted.options.get("type", "nfs"), "head": f"{head}addr=" if found else head,
            "tail": tail, "device": wanted.options.get("device", ""), "uid": wanted.uid,
            "mode": wanted.mode, "pass": pass_, "checksums": wanted.checksums, "sample": _SAMPLE,
            "job": _JOB, "inner": _INNER,
        },
    )  # fmt: skip


_WORDS = {"first": "first copy, while Nexus runs", "second": "second copy", "compare": "comparison"}


def poll(wanted: DataDesired) -> Script:
    """How far it is."""
    return Script("look at the copy", _POLL, {"work": _work(wanted)})


def end(wanted: DataDesired) -> Script:
    """End it."""
    return Script("end the copy", _END, {"work": _work(wanted)})


def stop(wanted: DataDesired, replicas: int) -> Script:
    """Scale the service to nothing, and have the manager start it again should this run die."""
    return Script(
        f"stop {wanted.service}", _STOP,
        {"home": wanted.home, "guard": _GUARD, "service": wanted.service, "replicas": replicas,
         "seconds": _STOP_SECONDS, "stale": STALE_SECONDS},
    )  # fmt: skip


def stopped(wanted: DataDesired, volume: str) -> Script:
    """Prove that no container of the service, nor of the volume, runs on a machine."""
    return Script(f"see that {wanted.service} is stopped", _STOPPED,
                  {"service": wanted.service, "volume": volume})  # fmt: skip


def start_again(wanted: DataDesired, replicas: int) -> Script:
    """Start the service as it was."""
    return Script(
        f"start {wanted.service} again",
        _AGAIN,
        {"home": wanted.home, "service": wanted.service, "replicas": replicas},
    )


def switch(wanted: DataDesired, replicas: int) -> Script:
    """Start the service with the export in the place of what it had; nothing else of it changes."""
    return Script(
        f"start {wanted.service} with its data on the export", _SWITCH,
        {"home": wanted.home, "service": wanted.service, "replicas": replicas,
         "mount": mount(wanted.stack, wanted.volume, wanted.options, nocopy=wanted.nocopy)},
    )  # fmt: skip


def mount(stack: str, volume: str, options: Mapping[str, str], *, nocopy: bool) -> str:
    """The volume as ``--mount-add`` has it, just as the stack file makes it.

    The label is the one that ``docker stack deploy`` gives volumes (docker/cli,
    cli/compose/convert/volume.go). Values with commas are quoted as CSV (opts/mount.go).
    """
    fields = ["type=volume", f"source={volume}", "target=/nexus-data"]
    fields += [f"volume-opt={key}={value}" for key, value in options.items()]
    fields += [f"volume-label=com.docker.stack.namespace={stack}"]
    fields += ["volume-nocopy=true"] if nocopy else []
    return ",".join(f'"{item}"' if "," in item else item for item in fields)


def _work(wanted: DataDesired) -> str:
    return f"{wanted.home}/move"
