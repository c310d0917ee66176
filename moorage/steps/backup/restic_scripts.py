"""The shell of generations in a restic repository.

The password comes by a file descriptor that no other process has: it is in no argument, no
environment and no file.
"""

from __future__ import annotations

from moorage.steps.backup.directory_scripts import END_COPY, WATCHED

RESTIC = f"""{WATCHED}
export HOME="${{HOME:-/root}}"
repo() {{
  restic -r "$repository" --password-file /dev/fd/3 "$@" 3<<MOORAGE_END
$password
MOORAGE_END
}}
# alone in its process, so that ending that one ends restic
alone() {{
  exec restic -r "$repository" --password-file /dev/fd/3 "$@" 3<<MOORAGE_END
$password
MOORAGE_END
}}
id_of() {{
  repo snapshots --json --tag "moorage,stack=$stack,$1=$name" |
    sed -n 's/.*"short_id":"\\([0-9a-f]*\\)".*/\\1/p'
}}
ids_of() {{
  listed=$(repo snapshots --json --tag "moorage,stack=$stack,$1=$name") || return 1
  printf '%s\\n' "$listed" | tr ',' '\\n' | sed -n 's/.*"short_id":"\\([0-9a-f]*\\)".*/\\1/p'
}}
forget() {{
  ids=$(for part in "$@"; do ids_of "$part" || exit 1; done) || return 1
  [ -z "$ids" ] || repo forget --quiet --prune $ids >&2
}}
"""
LIST = """
case $repository in
  /*)
    there=$repository
    while [ ! -e "$there" ]; do there=$(dirname -- "$there"); done
    echo "blocks $(df -Pk -- "$there" | tail -n 1)" ;;
esac
command -v restic >/dev/null || { echo absent; exit 0; }
repo snapshots --json --tag "moorage,stack=$stack"
"""
MAKE = """
repo init >&2
"""
COPY = """
repo unlock --quiet >&2
cd -- "$source" || exit 1
set --
while IFS= read -r pattern; do set -- "$@" --exclude "$pattern"; done <<END
$left_out
END
watched alone backup --quiet --tag moorage --tag "stack=$stack" --tag "$part=$name" "$@" . >&2
code=$?
# some files could not be read: while Nexus runs they may have vanished meanwhile
[ "$code" -ne 3 ] || [ "$live" = no ] || code=0
exit "$code"
"""
COMPLETE = """
index=$(id_of data)
[ -n "$index" ] || { echo "there is no snapshot of $name" >&2; exit 1; }
said=$(repo stats --json --mode restore-size "$index") || exit 1
number() { printf '%s' "$said" | sed -n "s/.*\\"$1\\":\\([0-9]*\\).*/\\1/p"; }
files=$(number total_file_count) bytes=$(number total_size)
set --
while IFS= read -r tag; do set -- "$@" --tag "$tag"; done <<END
$tags
END
printf '%s, "files": %s, "bytes": %s, "index": "%s"}\\n' "$head" "$files" "$bytes" "$index" |
  repo backup --quiet --stdin --stdin-filename manifest.json --tag moorage --tag "stack=$stack" \\
    --tag "manifest=$name" --tag "files=$files" --tag "bytes=$bytes" --tag "index=$index" \\
    "$@" >&2 || exit 1
forget live
"""
# without its manifest it is one that was begun: what is cut off in between is removed as such
REMOVE = """
repo unlock --quiet >&2
ids=$(ids_of manifest) || exit 1
[ -z "$ids" ] || repo forget --quiet $ids >&2 || exit 1
forget data live
"""
DISCARD = f"""{END_COPY}
repo unlock --quiet >&2
manifest=$(ids_of manifest) && data=$(ids_of data) || exit 1
[ -z "$manifest" ] || [ -z "$data" ] || exit 0
live=$(ids_of live) || exit 1
# what was copied before there is any snapshot of it is not forgotten, but it takes room
if [ -z "$manifest$data$live" ]; then repo --quiet prune >&2
else repo forget --quiet --prune $manifest $data $live >&2; fi
"""
DESCRIBED = """
repo dump --quiet "$(id_of manifest)" manifest.json
"""
FETCH = """
[ ! -e "$into" ] || [ -z "$(ls -A -- "$into")" ] || { echo "$into is not empty" >&2; exit 1; }
mkdir -p -- "$into" || exit 1
set --
while IFS= read -r pattern; do [ -z "$pattern" ] || set -- "$@" --exclude "$pattern"; done <<END
$without
END
watched alone restore --quiet --verify "$index" --target "$into" "$@" >&2 || exit 1
chown -R -- "$uid:$uid" "$into"
"""
PROVE = """
repo tag --quiet --add "proven=$at" "$(id_of manifest)" >&2
"""
