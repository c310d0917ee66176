"""What is read over a long time: it comes as it is printed, and nothing of it stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from moorage.errors import CommandFailed, Unfinished, Unreachable
from moorage.quoting import Script
from moorage.transport.streams import lines, streamed


def following(tmp_path):
    """A script that prints what is added to a file."""
    body = 'tail -n +1 -f -- "$file" | grep --line-buffered ""'
    return Script("follow", body, {"file": str(tmp_path / "file")})


def alive(marker):
    """Processes whose command line has a word in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if marker in words and int(entry.name) != os.getpid():
                found.append(words)
    return found


def gone(marker):
    """Whether they are all gone; they need a moment."""
    for _ in range(400):
        if not alive(marker):
            return True
        time.sleep(0.02)
    return False


def test_lines_come_as_they_are_printed_and_leaving_ends_everything(host, tmp_path):
    (tmp_path / "file").write_text("one\n")
    marker = str(tmp_path / "file")
    with streamed(host, following(tmp_path)) as pieces:
        come = lines(pieces)
        assert next(come) == "one"
        with (tmp_path / "file").open("a") as file:
            file.write("two \u00e9\n")
        assert next(come) == "two \u00e9"
        assert alive(marker)
    assert gone(marker), alive(marker)


def test_leaving_in_a_hurry_ends_everything_too(host, tmp_path):
    (tmp_path / "file").write_text("one\n")
    marker = str(tmp_path / "file")

    def interrupted():
        with streamed(host, following(tmp_path)) as pieces:
            assert next(pieces)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert gone(marker), alive(marker)


def test_an_operators_machine_that_vanishes_leaves_nothing(host, tmp_path):
    (tmp_path / "file").write_text("one\n")
    marker = str(tmp_path / "file")
    with streamed(host, following(tmp_path)) as pieces:
        assert next(pieces)
        host.close()
        with pytest.raises(Unreachable):
            list(pieces)
    assert gone(marker), alive(marker)


def test_a_script_that_ends_by_itself_ends_the_lines_and_leaves_no_watch(host, tmp_path):
    script = Script("print", 'echo "$word"; sleep 0; exit 0', {"word": f"{tmp_path}"})
    with streamed(host, script) as pieces:
        assert list(lines(pieces)) == [str(tmp_path)]
    assert gone(str(tmp_path))


def test_an_end_that_is_a_failure_is_told_after_what_was_printed(host):
    script = Script("fail", "echo said; echo why >&2; exit 3")
    with streamed(host, script) as pieces:
        come = lines(pieces)
        assert next(come) == "said"
        with pytest.raises(CommandFailed) as caught:
            next(come)
    assert (caught.value.exit_code_seen, caught.value.output.strip()) == (3, "why")


def test_a_script_reads_nothing_of_what_keeps_it_alive(host):
    with streamed(host, Script("read", "cat; echo end")) as pieces:
        assert list(lines(pieces)) == ["end"]


def test_a_connection_that_breaks_is_a_host_that_is_not_reached(host, sshd, tmp_path):
    (tmp_path / "file").write_text("one\n")
    with streamed(host, following(tmp_path)) as pieces:
        assert next(pieces)
        sshd.signal_sessions(signal.SIGKILL)
        with pytest.raises(Unreachable):
            list(pieces)


def test_lines_are_whole_whatever_pieces_they_come_in():
    assert list(lines(iter([b"a", b"b\nc\xc3", b"\xa9\n\n", b"rest"]))) == [
        "ab",
        "c\u00e9",
        "",
        "rest",
    ]
    assert list(lines(iter([]))) == []


def test_what_a_script_had_printed_at_its_deadline_is_kept(host):
    with pytest.raises(Unfinished) as caught:
        host.read(Script("hang", "echo before; sleep 30"), timeout=3)
    assert caught.value.output == "before\n"
    assert caught.value.exit_code == 4
