"""The shell that reads logs: the service's through a manager, Nexus' own files on the NFS host."""

from __future__ import annotations

from dataclasses import dataclass

from moorage.quoting import Script, Value

DEFAULT_LINES = 100
_WAIT_SECONDS = 60

# grep ends with 1 where nothing fits, which is an answer
_FILTER = """
filter() {
  if [ -z "$text" ]; then cat; return; fi
  grep $flush -F -e "$text" || [ "$?" -eq 1 ]
}
last() { if [ "$lines" = all ]; then cat; else tail -n "$lines"; fi; }
"""
# each node of a task of the past is asked; one that is away would be waited for
_SERVICE = f"""{_FILTER}
docker service inspect --format . -- "$service" >/dev/null || exit
if [ "$follow" = yes ]; then
  docker service logs --follow --tail "$lines" ${{since:+--since "$since"}} -- "$service" 2>&1 |
    filter
else
  most=$lines
  [ -z "$text" ] || most=all
  timeout -k 5 {_WAIT_SECONDS} \\
    docker service logs --tail "$most" ${{since:+--since "$since"}} -- "$service" 2>&1 |
    filter | last
fi
"""
# a name that is planted there as a link must not show what only root may read
_FILE = f"""{_FILTER}
log=$path/log
file=
for one in "$log/$name.log" "$log/$name/$name.log" "$log/$name"; do
  if [ -f "$one" ]; then file=$one; break; fi
done
if [ ! -d "$log" ]; then
  echo "$log is not there: Nexus has written no log yet" >&2
  exit 1
fi
if [ -z "$file" ]; then
  echo "there is no log $name in $log; there are: $(cd -- "$log" 2>&1 && ls -m)" >&2
  exit 1
fi
case $(readlink -f -- "$file") in
  "$(readlink -f -- "$path")"/*) ;;
  *) echo "$file leads out of $path" >&2; exit 1 ;;
esac
"""
_TAIL = """
if [ "$follow" = yes ]; then
  tail -n "$lines" -F -- "$file" 2>/dev/null | filter
else
  filter <"$file" | last
fi
"""
# Nexus' own files begin their lines with "2026-01-02 10:02:11,123+0000" (logback.xml of
# nexus-public), the audit log has that inside; request.log has "[02/Jan/2026:10:02:11 +0000]"
_SINCE = r"""
begin='
function days(y, m, d) {
  if (m <= 2) { y -= 1; m += 12 }
  return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - \
    719469
}
function moment(y, m, d, clock, zone,   sign) {
  sign = substr(zone, 1, 1) == "-" ? -1 : 1
  return days(y + 0, m + 0, d + 0) * 86400 + substr(clock, 1, 2) * 3600 + \
    substr(clock, 4, 2) * 60 + substr(clock, 7, 2) - \
    sign * (substr(zone, 2, 2) * 3600 + substr(zone, 4, 2) * 60)
}
BEGIN { names = "JanFebMarAprMayJunJulAugSepOctNovDec" }
!on && match($0, /2[0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9:]*,[0-9]*[+-][0-9][0-9][0-9][0-9]/) {
  said = substr($0, RSTART, RLENGTH)
  on = moment(substr(said, 1, 4), substr(said, 6, 2), substr(said, 9, 2), substr(said, 12, 8),
              substr(said, length(said) - 4)) >= cutoff
}
!on && match($0, /\[[0-9][0-9]\/[A-Z][a-z][a-z]\/2[0-9][0-9][0-9]:[0-9:]* [+-][0-9][0-9]*\]/) {
  said = substr($0, RSTART + 1, RLENGTH - 2)
  on = moment(substr(said, 8, 4), (index(names, substr(said, 4, 3)) + 2) / 3, substr(said, 1, 2),
              substr(said, 13, 8), substr(said, length(said) - 4)) >= cutoff
}
'
cutoff=$(( $(date +%s) - seconds ))
if [ "$follow" = yes ]; then
  first=$(awk -v cutoff="$cutoff" "$begin"' on { print NR; exit }' "$file")
  if [ -n "$first" ]; then set -- "+$first"; else set -- 0; fi
  tail -n "$1" -F -- "$file" 2>/dev/null | filter
else
  {
    for old in "${file%.log}"-*.log.gz; do
      [ -f "$old" ] && [ "$(stat -c %Y -- "$old")" -ge "$cutoff" ] && gzip -dc -- "$old"
    done
    cat -- "$file"
  } | awk -v cutoff="$cutoff" "$begin"' on' | filter | last
fi
"""


@dataclass(frozen=True)
class Wish:
    """What is to be shown of a log.

    Args:
        follow: go on with what comes.
        seconds: of the past; None for no bound.
        text: only lines with it in them; empty for all.
        lines: how many, the last ones; None for all.
    """

    follow: bool = False
    seconds: int | None = None
    text: str = ""
    lines: int | None = DEFAULT_LINES

    @property
    def values(self) -> dict[str, Value]:
        """For a script."""
        return {
            "follow": self.follow, "text": self.text,
            "lines": "all" if self.lines is None else self.lines,
            "flush": "--line-buffered" if self.follow else "",
        }  # fmt: skip


def of_service(service: str, wish: Wish) -> Script:
    """What the service's tasks print, from all nodes."""
    since = "" if wish.seconds is None else f"{wish.seconds}s"
    return Script(f"read the log of {service}", _SERVICE,
                  {**wish.values, "service": service, "since": since})  # fmt: skip


def of_nexus(path: str, name: str, wish: Wish) -> Script:
    """One of the files that Nexus writes itself.

    Args:
        path: the exported directory on the NFS host, which is ``/nexus-data`` in the container.
        name: such as ``nexus``, ``request`` or ``audit``.
    """
    body = _FILE + (_TAIL if wish.seconds is None else _SINCE)
    values: dict[str, Value] = {**wish.values, "path": path, "name": name}
    if wish.seconds is not None:
        values["seconds"] = wish.seconds
    return Script(f"read Nexus' log {name}", body, values)
