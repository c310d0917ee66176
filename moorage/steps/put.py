"""What Moorage has put on a host, written down there, so that no more than that is taken out.

It is no state that a plan trusts: what is there is read each time, and only what still is as it
was written is ever removed. One thing a line, in ``/var/lib/moorage/STACK/put``.
"""

from __future__ import annotations

READ = '[ ! -e "$home/put" ] || cat -- "$home/put" 2>/dev/null || true'
"""Shell that prints it; needs ``$home``, the folder of the stack on the host."""

SHELL = """
forget() {
  [ -e "$home/put" ] || return 0
  awk -v start="$1" 'index($0, start) != 1' "$home/put" >"$home/put.new" &&
    mv -f -- "$home/put.new" "$home/put"
}
remember() {
  mkdir -p -- "$home" && forget "$1" && printf '%s\\n' "$1${2:+ $2}" >>"$home/put"
}
"""
"""Shell functions for scripts: ``remember THING [DETAIL]``, ``forget THING``."""


def things(lines: tuple[str, ...], kind: str) -> list[list[str]]:
    """The words of the lines of one kind, without the kind itself."""
    found = [line.split() for line in lines]
    return [words[1:] for words in found if words[:1] == [kind]]
