"""As whom a machine's Docker is logged in: one script, one exec, and a pure parser.

What is kept there is compared on the host, so that no password comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

from moorage.quoting import Value
from moorage.steps import put
from moorage.transport.base import Probe, all_sections
from moorage.transport.parsing import parser

ACCOUNT = """
account=$(getent passwd "$(id -u)")
account=${account%:*} account=${account##*:}
config=${account:-$HOME}/.docker/config.json
"""
"""Shell that finds the configuration of Docker's client, whatever sudo makes of ``$HOME``."""

# each brace and comma on a line of its own, so that a line is one key with its value at most
_LOGIN = f"""{ACCOUNT}
[ -e "$config" ] || exit 0
value() {{ found=${{line%\\"*}} found=${{found##*\\"}}; }}
tr '\\n\\r\\t' '   ' <"$config" | sed 's/[{{}},]/\\n&\\n/g' | {{
  helper='' store='' here='' inside='' login=''
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *"}}"*) here='' inside='' ;;
      *\\"credsStore\\"*:*) value; store=$found ;;
      *\\"credHelpers\\"*) inside=yes ;;
      *\\""$registry"\\"*:*\\"*) [ -z "$inside" ] || {{ value; helper=$found; }} ;;
      *\\""$registry"\\"*:*) here=yes ;;
      *\\"auth\\"*:*)
        [ -z "$here" ] || {{ value; login=$(printf %s "$found" | base64 -d 2>/dev/null); }} ;;
    esac
  done
  helper=${{helper:-$store}}
  if [ -n "$helper" ]; then
    echo "helper $helper"
    said=$(printf %s "$registry" | timeout 20 "docker-credential-$helper" get 2>/dev/null)
    field() {{
      printf %s "$said" | sed -n 's/.*"'"$1"'" *: *"\\(\\([^"\\\\]\\|\\\\.\\)*\\)".*/\\1/p' |
        sed 's/\\\\u003c/</g; s/\\\\u003e/>/g; s/\\\\u0026/\\&/g; s/\\\\\\(["\\\\/]\\)/\\1/g'
    }}
    login=$(field Username):$(field Secret)
  fi
  same=other
  [ "$login" != "$user:$password" ] || same=same
  [ -z "${{login%%:*}}" ] || echo "login $same ${{login%%:*}}"
}}
"""
_PARTS = {"login": _LOGIN, "put": put.READ}


@dataclass(frozen=True)
class LoginObserved:
    """How a machine is logged in.

    Args:
        user: as whom; empty where it is not.
        same: whether with the wanted password too.
        helper: the credential helper that keeps it; empty where Docker's file does.
        put: what Moorage has put there, as :mod:`moorage.steps.put` has it.
    """

    user: str
    same: bool
    helper: str
    put: tuple[str, ...]


def probe(variables: dict[str, Value]) -> Probe:
    """What reads it.

    Args:
        variables: ``home``, ``registry``, ``user`` and ``password``.
    """
    return Probe("look for the login of Docker", _PARTS, variables)


@parser("Docker's client")
def parse(output: str, host: str) -> LoginObserved:
    """What the probe's output says.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _PARTS, "look for the login of Docker", host)
    words = {line.split(" ", 1)[0]: line.split(" ", 1)[-1]
             for line in found["login"].text.splitlines()}  # fmt: skip
    same, _, user = words.get("login", "").partition(" ")
    return LoginObserved(
        user=user,
        same=same == "same",
        helper=words.get("helper", ""),
        put=tuple(found["put"].text.splitlines()),
    )
