"""sudo over SSH: the password said once, to sudo alone, and only when it asks.

The ``sudo`` here is a script that speaks as sudo 1.9 does; the server is a real one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from moorage.errors import Refused
from moorage.quoting import Script
from moorage.transport.ssh import SshHost
from moorage.values import Secret

RIGHT = "open sesame"

ASKS = """\
#!/bin/sh
# Reads options as sudo does; asks at most three times.
prompt='[sudo] password: '
stdin=no ask=yes
while [ $# -gt 0 ]; do
  case $1 in
    -S) stdin=yes; shift ;;
    -n) ask=no; shift ;;
    -p) prompt=$2; shift 2 ;;
    --) shift; break ;;
    *) break ;;
  esac
done
echo "called" >>"{log}"
if [ "$ask" = no ]; then echo 'sudo: a password is required' >&2; exit 1; fi
[ "$stdin" = yes ] || { echo 'sudo: a terminal is required' >&2; exit 1; }
for attempt in 1 2 3; do
  printf %s "$prompt" >&2
  IFS= read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
  echo "attempt" >>"{log}"
  if [ "$given" = "{right}" ]; then exec "$@"; fi
  echo 'Sorry, try again.' >&2
done
echo 'sudo: 3 incorrect password attempts' >&2
exit 1
"""
ASKS_NOT = """\
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -S | -n) shift ;; -p) shift 2 ;; --) shift; break ;; *) break ;; esac
done
exec "$@"
"""
DENIES = """\
#!/bin/sh
echo 'nobody is not in the sudoers file.' >&2
echo 'sudo: this incident has been reported' >&2
exit 1
"""
ECHO = Script("read a line", 'IFS= read -r line; echo "got:$line"')


@pytest.fixture(autouse=True)
def not_root(monkeypatch):
    """The tests may run as root, for whom no sudo is used."""
    monkeypatch.setattr(SshHost, "needs_sudo", lambda self: self._target.sudo)


@pytest.fixture
def hosts(host):
    """Hosts with a password of their own on one connection for all of these tests."""

    def make(*, sudo_password=None):
        one = SshHost(host._target, sudo_password=sudo_password)
        one._connection = host._open()
        return one

    return make


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "sudo.log"
    path.touch()
    return path


@pytest.fixture
def sudo(sshd, log) -> Callable[[str], None]:
    """Put a sudo of this text first on the PATH of all sessions."""

    def put(text: str) -> None:
        program = sshd.programs / "sudo"
        program.write_text(textwrap.dedent(text).replace("{log}", str(log)).replace(
            "{right}", RIGHT))  # fmt: skip
        program.chmod(0o755)

    return put


def test_without_a_password_sudo_is_told_not_to_ask(hosts, sudo, log):
    sudo(ASKS_NOT)

    assert hosts().read(Script("say", "echo as root")) == "as root\n"


def test_sudo_that_wants_a_password_is_refused_with_what_to_do(hosts, sudo):
    sudo(ASKS)

    with pytest.raises(Refused) as caught:
        hosts().read(Script("say", "echo never"))

    assert "a password is required" in caught.value.message
    assert "--prompt-for-sudo-password" in caught.value.hint
    assert caught.value.exit_code == 3


def test_an_account_without_the_right_is_refused_with_sudos_words(hosts, sudo):
    sudo(DENIES)

    with pytest.raises(Refused, match="incident"):
        hosts().read(Script("say", "echo never"))


def test_the_right_password_opens(hosts, sudo, log):
    sudo(ASKS)
    host = hosts(sudo_password=Secret(RIGHT))

    result = host.change(Script("say", "echo done; echo trouble >&2; exit 4"))

    assert (result.exit_code, result.stdout, result.stderr) == (4, "done\n", "trouble\n")
    assert log.read_text().splitlines() == ["called", "attempt"]


def test_a_wrong_password_is_tried_once_and_no_more(hosts, sudo, log):
    """Three attempts would lock the account on many sites."""
    sudo(ASKS)
    host = hosts(sudo_password=Secret("wrong"))

    with pytest.raises(Refused) as caught:
        host.read(Script("say", "echo never"))

    assert "did not take the password" in caught.value.message
    assert "wrong" not in "\n".join(caught.value.lines())
    assert log.read_text().splitlines() == ["called", "attempt"]


def test_a_password_that_is_not_asked_for_never_reaches_the_script(hosts, sudo):
    sudo(ASKS_NOT)
    host = hosts(sudo_password=Secret(RIGHT))

    said = host.read(Script("dump", "cat; id >/dev/null; echo end"))

    assert said == "end\n"


def test_the_password_is_not_in_the_scripts_own_input(hosts, sudo):
    sudo(ASKS)

    assert hosts(sudo_password=Secret(RIGHT)).read(ECHO) == "got:\n"


def test_the_password_is_in_no_process_list(hosts, sudo):
    sudo(ASKS)
    body = (
        "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; tr '\\0' ' ' <$p/environ; echo; done"
    )

    seen = hosts(sudo_password=Secret(RIGHT)).read(Script("look", f"({body}) 2>/dev/null || true"))

    assert "sh -s" in seen
    assert RIGHT not in seen


def test_a_stream_is_fed_after_the_password(hosts, sudo, log):
    sudo(ASKS)
    host = hosts(sudo_password=Secret(RIGHT))

    assert host.feed(["cat"], iter([b"one ", b"two"])) == "one two"
    assert log.read_text().splitlines() == ["called", "attempt"]


def test_a_stream_comes_out_after_the_password_without_its_prelude(hosts, sudo):
    sudo(ASKS)
    host = hosts(sudo_password=Secret(RIGHT))

    assert b"".join(host.output(["printf", "%s", "ready\nimage"]).pieces()) == b"ready\nimage"


def test_a_stream_with_the_wrong_password_is_tried_once(hosts, sudo, log):
    sudo(ASKS)
    host = hosts(sudo_password=Secret("wrong"))

    with pytest.raises(Refused):
        host.feed(["cat"], iter([b"one"]))
    assert log.read_text().splitlines() == ["called", "attempt"]


def test_a_stream_that_sudo_denies_is_refused_with_its_words(hosts, sudo):
    sudo(DENIES)

    with pytest.raises(Refused, match="not in the sudoers"):
        hosts(sudo_password=Secret(RIGHT)).feed(["cat"], iter([b"one"]))


def test_a_password_with_quotes_and_umlauts_arrives(hosts, sudo, log):
    awkward = "p'ä\"$ß `x`"
    right = log.with_name("right")
    right.write_text(awkward, encoding="utf-8")
    sudo(ASKS.replace('"{right}"', f'"$(cat {right})"'))

    assert hosts(sudo_password=Secret(awkward)).read(Script("say", "echo in")) == "in\n"
