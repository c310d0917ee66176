"""The shell that exchanges the data directory for another, and undoes or finishes that.

A directory is renamed, twice; what is in a mount point is moved entry by entry, since that one
cannot be renamed. ``swap`` beside the lock tells how far it is, for whoever comes next.
"""

from __future__ import annotations

from moorage.steps.backup.directory_scripts import END_COPY

SUBVOLUME = """
btrfs subvolume create -- "$into" >&2
"""
# after Ctrl-C, or where its connection broke, an exchange goes on by itself: the lock tells of it
_ENDED = """
for script in "$home"/lock/run.*; do
  [ -s "$script" ] || continue
  read -r pid start rest <"$script"
  [ "$pid" != "$$" ] || continue
  round=0
  while :; do
    case $(cut -d ' ' -f 3,22 "/proc/$pid/stat" 2>/dev/null) in
      Z*) break ;;
      *" $start") ;;
      *) break ;;
    esac
    [ "$round" -lt "$seconds" ] || { echo "another script is still at work here" >&2; exit 124; }
    round=$((round + 1))
    sleep 1
  done
done
"""
_MOVES = """
again() {
  # NFS clients come in by the path: what the kernel knows of it is of the former directory
  # a mistake in somebody else's export makes it end with 1 as well, and is no matter of the data
  ! command -v exportfs >/dev/null || { exportfs -ra; exportfs -f; } >&2
  return 0
}
all_of() {
  for entry in "$1"/* "$1"/.[!.]*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    case ${entry##*/} in .moorage*|lost+found) continue ;; esac
    ! printf '%s\\n' "$carried" | grep -qxF -e "${entry##*/}" || continue
    mv -- "$entry" "$2/" || return 1
  done
}
# between two subvolumes of btrfs nothing is renamed but a subvolume: what is to stay is copied
# there, by reference, and stays where it was too: a move would be a copy that cannot be undone
carry() {
  if [ "$(stat -c %d -- "$2")" = "$(stat -c %d -- "$3")" ] ||
    [ "$(stat -f -c %T -- "$2/$1"):$(stat -c %i -- "$2/$1")" = btrfs:256 ]; then
    mv -- "$2/$1" "$3/"
  else
    cp -a --reflink=auto -- "$2/$1" "$3/"
  fi
}
note() {
  printf '%s\\n' "$1" "$mounted" "$export" "$into" "$aside" "$carried" >"$home/swap.new" &&
    mv -f -- "$home/swap.new" "$home/swap" && sync
}
back() {
  if [ "$mounted" = yes ]; then
    # cut off after this, what comes back would be moved out again
    [ "$1" != in ] || { all_of "$export" "$into" && note out; } || return 1
    [ ! -d "$aside" ] || { all_of "$aside" "$export" && rmdir -- "$aside"; } || return 1
  elif [ -e "$aside" ]; then
    # both are there where somebody has made the export anew meanwhile: it is empty, or it stays
    [ ! -d "$into" ] || [ ! -d "$export" ] || rmdir -- "$export" || return 1
    if [ -e "$export" ]; then
      for name in $carried; do
        [ -e "$export/$name" ] || continue
        if [ -e "$aside/$name" ]; then rm -rf -- "$export/$name"
        else carry "$name" "$export" "$aside"; fi || return 1
      done
      mv -T -- "$export" "$into" || return 1
    fi
    mv -T -- "$aside" "$export" || return 1
  fi
  sync
  rm -f -- "$home/swap"
  again
}
"""
SWAP = f"""{_MOVES}
[ -d "$into" ] && [ ! -e "$aside" ] || {{ echo "$into is to be there, $aside not" >&2; exit 1; }}
chmod --reference="$export" -- "$into" && chown --reference="$export" -- "$into" || exit 1
phase=out
there() {{
  if [ "$mounted" = yes ]; then
    mkdir -- "$aside" && all_of "$export" "$aside" && phase=in && note in &&
      all_of "$into" "$export" && rmdir -- "$into"
  else
    mv -T -- "$export" "$aside" && mv -T -- "$into" "$export" || return 1
    for name in $carried; do
      [ ! -e "$aside/$name" ] || carry "$name" "$aside" "$export" || return 1
    done
  fi
}}
trap '' HUP INT TERM
note out || exit 1
there || {{ back "$phase"; exit 1; }}
sync
rm -f -- "$home/swap"
again
"""
SETTLE = f"""{_MOVES}{_ENDED}
trap '' HUP INT TERM
[ -s "$home/swap" ] || exit 0
{{ read -r phase; read -r mounted; read -r export; read -r into; read -r aside; }} <"$home/swap"
carried=$(sed 1,5d -- "$home/swap")
back "$phase"
"""
AWAY = f"""{END_COPY}{_ENDED}
case $into in
  */?*.restoring | */?*/.moorage-restoring) ;;
  *) echo "$into is no directory of a restoration" >&2; exit 1 ;;
esac
[ -e "$into" ] || exit 0
! command -v btrfs >/dev/null || btrfs subvolume delete -- "$into" >/dev/null 2>&1 || true
rm -rf -- "$into"
"""
