"""The shell that makes and removes the stack in which a backup is proven."""

from __future__ import annotations

from moorage.steps.backup.directory_scripts import END_COPY

DEPLOY = """
printf %s "$compose" | docker stack deploy --compose-file - --resolve-image "$resolve" \\
  --with-registry-auth -- "$stack" >&2
"""
REMOVE = """
label=com.docker.stack.namespace=$stack
docker stack rm -- "$stack" >&2 || exit 1
round=0
while [ -n "$(docker service ls -q --filter "label=$label")$(docker network ls -q \\
  --filter "label=$label")" ]; do
  [ "$round" -lt "$seconds" ] || { echo "it is still there after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
  # a network stays as long as a task that is ending uses it
  [ "$((round % 10))" -ne 0 ] || docker stack rm -- "$stack" >/dev/null 2>&1
done
"""
REMOVE_VOLUME = """
round=0
while :; do
  ids=$(docker ps -aq --filter "label=com.docker.swarm.service.name=$service") || exit 1
  running=$(docker ps -q --filter "label=com.docker.swarm.service.name=$service")
  [ -z "$ids" ] || [ -n "$running" ] || docker rm -- $ids >/dev/null 2>&1
  docker volume inspect -- "$volume" >/dev/null 2>&1 || exit 0
  [ -n "$running" ] || { said=$(docker volume rm -- "$volume" 2>&1) && exit 0; }
  [ "$round" -lt "$seconds" ] || { printf '%s\\n' "${said:-it is in use}" >&2; exit 1; }
  round=$((round + 1))
  sleep 1
done
"""
SHUT_OUT = f"""{END_COPY}
rm -f -- "$file"
! command -v exportfs >/dev/null || exportfs -ra >&2
case $folder in
  */?*.verify | */?*/.moorage-verify) ;;
  *) echo "$folder is no directory of a rehearsal" >&2; exit 1 ;;
esac
rm -rf -- "$folder"
"""
