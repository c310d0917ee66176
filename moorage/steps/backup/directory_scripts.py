"""The shell of generations that are directories.

``NAME/data`` has the files, ``NAME/index`` their checksums as sha256sum(1) reads them,
``NAME/manifest.json`` what the generation says of itself, and ``NAME/proven`` when it was proven.
Of the target's own host no more is asked than POSIX, ``stat -c`` and sha256sum(1).
"""

from __future__ import annotations

_SSH = """
by_ssh() {
  ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 \\
    ${ssh_port:+-p "$ssh_port"} ${ssh_key:+-i "$ssh_key"} "$@"
}
"""
AT_TARGET = f"""{_SSH}
printf '%s' "$script" | by_ssh -- "$login" sh -s
"""
RUN_SCRIPT = """
printf '%s' "$script" | sh -s
"""
LIST = """
[ ! -d "$folder" ] || echo ready
there=$folder
while [ ! -e "$there" ]; do there=$(dirname -- "$there"); done
echo "blocks $(df -Pk -- "$there" | tail -n 1)"
echo "inodes $(df -Pi -- "$there" 2>/dev/null | tail -n 1)"
for path in "$folder"/*; do
  name=${path##*/}
  case $name in
    *.partial) echo "partial ${name%.partial}" ;;
    *)
      [ -s "$path/manifest.json" ] || continue
      proven=$(cat -- "$path/proven" 2>/dev/null)
      echo "generation $name ${proven:--} $(cat -- "$path/manifest.json")" ;;
  esac
done
"""
MAKE = """
umask 077
mkdir -p -- "$folder"
"""
BEGIN = """
umask 077
mkdir -p -- "$folder/$name.partial/data"
"""
# what carries data is noted, so that it can be ended although nobody is connected to it any more
WATCHED = """
watched() {
  "$@" &
  pid=$!
  echo "$pid $(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" >"$home/copying"
  trap 'kill -TERM "$pid" 2>/dev/null' HUP INT TERM
  wait "$pid"
  code=$?
  trap - HUP INT TERM
  rm -f -- "$home/copying"
  return "$code"
}
"""
RSYNC = f"""{WATCHED}
place=$folder
[ -z "$login" ] || place=$login:$folder
shell="ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15"
shell="$shell${{ssh_port:+ -p $ssh_port}}${{ssh_key:+ -i $ssh_key}}"
printf '%s\n' "$left_out" >"$home/left-out" || exit 1
# the times of files are compared to the nanosecond: a database writes often
carry() {{
  watched rsync -a --numeric-ids --modify-window=-1 --no-h --exclude-from="$home/left-out" \
    -e "$shell" "$@"
}}
"""
MEASURE = """
said=$(carry -n --stats "$source/" "$place/${previous:-none}/data/" 2>&1) || {
  printf '%s\n' "$said" >&2; exit 1; }
printf '%s\n' "$said" | sed -n 's/^Total transferred file size: \\([0-9]*\\).*/\\1/p'
"""
COPY = """
printf '%s' "$begin" | sh -s || exit 1
set --
[ -z "$previous" ] || set -- "--link-dest=$folder/$previous/data"
all() { carry --delete --delete-excluded "$@" "$source/" "$place/$name.partial/data/" >&2; }
all "$@"
code=$?
# a file that became shorter while it was read counts as an error (23): it is there once more
[ "$code" -ne 23 ] || [ "$live" = no ] || { all "$@"; code=$?; }
# files that vanished while they were looked at (rsync(1), EXIT VALUES)
[ "$code" -ne 24 ] || [ "$live" = no ] || code=0
exit "$code"
"""
# a file that no other generation shares is new here: only such ones are read
COMPLETE = """
cd -- "$folder/$name.partial" || exit 1
find data -type f -links 1 -exec sha256sum -- {} + >index.new || exit 1
if [ -n "$previous" ]; then
  find data -type f -links +1 >linked || exit 1
  : >lacking
  awk -v lacking=lacking 'FILENAME == "linked" { wanted[$0]; next }
    (path = substr($0, 67)) in wanted { print; delete wanted[path] }
    END { for (path in wanted) print path >lacking }' linked "../$previous/index" >>index.new ||
    exit 1
  while IFS= read -r path; do
    sha256sum -- "$path" >>index.new || exit 1
  done <lacking
  rm -f -- linked lacking
fi
sort -k 2 index.new >index && rm -f -- index.new || exit 1
counted=$(find data -type f -exec stat -c %s -- {} + |
  awk '{ files++; bytes += $1 } END { printf "%d %.0f", files, bytes }') || exit 1
[ "$(wc -l <index)" -eq "${counted% *}" ] || {
  echo "there are ${counted% *} files and $(wc -l <index) checksums" >&2; exit 1; }
sum=$(sha256sum <index) || exit 1
printf '%s, "files": %s, "bytes": %s, "index": "%s"}\\n' "$head" "${counted% *}" "${counted#* }" \\
  "${sum%% *}" >manifest.json || exit 1
sync
cd -- "$folder" && mv -- "$name.partial" "$name" && sync
"""
REMOVE = """
[ ! -e "$folder/$name" ] || mv -- "$folder/$name" "$folder/$name.partial"
rm -rf -- "$folder/$name.partial"
"""
DISCARD = """
rm -rf -- "$folder/$name.partial"
"""
END_COPY = """
if read -r pid start 2>/dev/null <"$home/copying"; then
  round=0
  while [ "$round" -lt 60 ]; do
    case $(cut -d ' ' -f 3,22 "/proc/$pid/stat" 2>/dev/null) in
      Z*) break ;;
      *" $start") kill -TERM "$pid" 2>/dev/null ;;
      *) break ;;
    esac
    sleep 0.5
    round=$((round + 1))
  done
  rm -f -- "$home/copying"
fi
"""
# all of the database is compared, and of the rest a few files taken by chance
FETCH = """
[ ! -e "$into" ] || [ -z "$(ls -A -- "$into")" ] || { echo "$into is not empty" >&2; exit 1; }
mkdir -p -- "$into" || exit 1
work=$home/fetching
rm -rf -- "$work" && mkdir -- "$work" || exit 1
trap 'rm -rf -- "$work"' EXIT
printf '%s\n' "$without" >"$work/without"
if [ -z "$login" ]; then
  # where the file system can share blocks, a copy takes neither time nor room
  for entry in "$folder/$name/data"/* "$folder/$name/data"/.[!.]*; do
    [ -e "$entry" ] && ! grep -qxF -e "${entry##*/}" "$work/without" || continue
    watched cp -a --reflink=auto -- "$entry" "$into/" >&2 || exit 1
  done
  cp -- "$folder/$name/index" "$work/index" || exit 1
else
  set --
  while IFS= read -r entry; do
    [ -z "$entry" ] || set -- "$@" "--exclude=/$entry"
  done <"$work/without"
  carry "$@" "$place/$name/data/" "$into/" >&2 && carry "$place/$name/index" "$work/" >&2 || exit 1
fi
[ "$(sha256sum <"$work/index" | cut -d ' ' -f 1)" = "$wanted_index" ] || {
  echo "the list of checksums of $name is not the one that was written" >&2; exit 1; }
# 64 digits, two spaces, data/: what comes then is the path; a backslash begins a name with escapes
awk 'FILENAME == ARGV[1] { if ($0 != "") out[$0]; next } /^\\\\/ { next }
  { path = substr($0, 72); top = path; sub("/.*", "", top)
    if (!(top in out)) print substr($0, 1, 66) path }' "$work/without" "$work/index" >"$work/sums"
lost=$(cut -c 67- "$work/sums" | while IFS= read -r path; do
  [ -f "$into/$path" ] || printf '%s\n' "$path"
done | head -n 3)
[ -z "$lost" ] || { echo "lacking in what was fetched:" $lost >&2; exit 1; }
{ grep '^.\\{66\\}db/' "$work/sums"; shuf -n "$sample" -- "$work/sums"; } >"$work/some"
(cd -- "$into" && [ ! -s "$work/some" ] || sha256sum -c --quiet "$work/some" >&2) || exit 1
chown -R -- "$uid:$uid" "$into"
"""
PROVE = """
cd -- "$folder/$name" && printf %s "$at" >proven.new && mv -f -- proven.new proven && sync
"""
