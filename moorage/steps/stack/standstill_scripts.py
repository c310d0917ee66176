"""The shell that stops a service for a while, guards that, proves it and ends it.

``stopped`` beside the lock has, line by line: the id of the lock of the run that stopped it, the
service, how many tasks it had, and why. ``stopped.hold`` keeps the guard back.
"""

from __future__ import annotations

# who waits for a run that is gone: by its own lock and heartbeat, on the manager's clock alone;
# what another run has noted, or keeps back, since it looked is put where it was
_GUARD = """
home=$1 token=$2 limit=$3
while sleep 5; do
  [ "$(head -n 1 "$home/stopped" 2>/dev/null)" = "$token" ] || exit 0
  [ ! -e "$home/stopped.hold" ] || continue
  beat=$(stat -c %Y "$home/lock/beat" 2>/dev/null)
  if [ "$(cat "$home/lock/id" 2>/dev/null)" = "$token" ] &&
    [ "$(( $(date +%s) - ${beat:-0} ))" -lt "$limit" ]; then
    continue
  fi
  mv -f "$home/stopped" "$home/stopped.guard" || exit 0
  { read -r whose; read -r service; read -r replicas; } <"$home/stopped.guard"
  if [ "$whose" != "$token" ] || [ -e "$home/stopped.hold" ]; then
    mv -n "$home/stopped.guard" "$home/stopped"
    rm -f "$home/stopped.guard"
    continue
  fi
  while [ -e "$home/stopped.guard" ] &&
    ! docker service scale --detach=true "$service=$replicas"; do sleep 5; done
  rm -f "$home/stopped.guard"
done
"""
STOP = f"""
# a guard that is just starting it would start it after this had stopped it
round=0
while [ -e "$home/stopped.guard" ] && [ "$round" -lt 20 ]; do
  round=$((round + 1))
  sleep 0.5
done
token=$(cat -- "$home/lock/id") || exit 1
wanted='{{{{.Spec.Mode.Replicated.Replicas}}}}'
replicas=$(docker service inspect --format "$wanted" -- "$service") || exit 1
for note in "$home/stopped" "$home/stopped.guard"; do
  [ ! -s "$note" ] || [ "$replicas" -gt 0 ] || replicas=$(sed -n 3p -- "$note")
done
printf '%s\\n' "$token" "$service" "$replicas" "$why" >"$home/stopped.new" &&
  mv -f -- "$home/stopped.new" "$home/stopped" &&
  rm -f -- "$home/stopped.hold" "$home/stopped.guard" && sync || exit 1
guard=$(cat <<'MOORAGE_GUARD'
{_GUARD.strip()}
MOORAGE_GUARD
)
setsid sh -c "$guard" moorage-guard "$home" "$token" "$limit" </dev/null >/dev/null 2>&1 &
docker service scale --detach=true "$service=0" >&2 || exit 1
round=0
while docker service ps --format '{{{{.CurrentState}}}}' -- "$service" 2>/dev/null |
  grep -q '^Running\\|^Starting\\|^Preparing'; do
  [ "$round" -lt "$seconds" ] || {{ echo "it still runs after $seconds s" >&2; exit 124; }}
  round=$((round + 1))
  sleep 1
done
"""
NO_TASK = """
round=0
while :; do
  ids=$(docker ps -q --filter "label=com.docker.swarm.service.name=$service") || exit 1
  [ -n "$ids" ] || exit 0
  [ "$round" -lt "$seconds" ] || {
    echo "a task still runs here after $seconds s: $ids" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""
# the kernel's NFS server takes its clients' locks as its own: proc(5), /proc/locks
NO_LOCK = """
[ -e "$export/lock" ] || exit 0
inode=$(stat -c %i -- "$export/lock") || exit 1
# the kernel's own number of the file system: stat(2) has others for btrfs
place=$(findmnt -n -o MAJ:MIN -T "$export" 2>/dev/null | tail -n 1 | tr -d ' ')
[ -z "$place" ] || place=$(printf ' %02x:%02x' "${place%:*}" "${place#*:}")
round=0
while grep -qF -- "$place:$inode " /proc/locks; do
  [ "$round" -lt "$seconds" ] || {
    echo "another process holds $export/lock after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""
# what somebody had scaled to nothing by hand is to run too, once its data are whole
START = """
[ "$(head -n 1 -- "$home/stopped" 2>/dev/null)" = "$(cat -- "$home/lock/id")" ] || {
  echo "$service was started meanwhile, since no sign of life came from this run" >&2; exit 1; }
replicas=$(sed -n 3p -- "$home/stopped")
[ "$replicas" -gt 0 ] || replicas=1
docker service scale --detach=true "$service=$replicas" >&2 || exit 1
rm -f -- "$home/stopped" "$home/stopped.hold"
"""
# a script that was to stop it may be about to do so, where Ctrl-C came just then
START_IF = """
[ ! -e "$home/stopped.hold" ] || {
  echo "the data are not whole: fab restore puts that right first" >&2; exit 1; }
for note in "$home/stopped" "$home/stopped.guard"; do
  [ -s "$note" ] || continue
  replicas=$(sed -n 3p -- "$note")
  round=0
  while [ "$round" -lt 6 ] &&
    [ "$(docker service inspect --format "$wanted" -- "$service" 2>/dev/null)" != 0 ]; do
    round=$((round + 1))
    sleep 0.5
  done
  docker service scale --detach=true "$service=$replicas" >&2 || exit 1
  rm -f -- "$note"
  echo "note: $service is started again"
done
"""
# written first and looked after then, as the guard does it the other way round: one sees the other
HOLD = """
: >"$home/stopped.hold" || exit 1
[ "$(head -n 1 -- "$home/stopped" 2>/dev/null)" = "$(cat -- "$home/lock/id")" ] && exit 0
rm -f -- "$home/stopped.hold"
echo "it was started meanwhile, since no sign of life came from this run" >&2
exit 1
"""
STILL = """
[ "$(head -n 1 -- "$home/stopped" 2>/dev/null)" = "$(cat -- "$home/lock/id")" ] || {
  echo "it was started meanwhile, since no sign of life came from this run" >&2; exit 1; }
"""
LET_GO = """
rm -f -- "$home/stopped.hold"
"""
