"""Scripts over a real SSH connection: whole, unseen in argv, and with their exit code."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from moorage.errors import CommandFailed, Unreachable
from moorage.quoting import Script
from moorage.values import Secret


def test_stdout_stderr_and_exit_code_are_told_apart(host):
    result = host.change(Script("try", "echo out; echo err >&2; exit 7"))

    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")


def test_a_reading_script_that_fails_says_host_command_code_and_stderr(host):
    with pytest.raises(CommandFailed) as caught:
        host.read(Script("read the moon", "echo no moon tonight >&2; exit 4"))

    told = "\n".join(caught.value.lines())
    assert "on nas" in told
    assert "could not read the moon" in told
    assert "(exit code 4)" in told
    assert "| no moon tonight" in told


@pytest.mark.parametrize("code", [0, 1, 2, 127, 255])
def test_every_exit_code_arrives(host, code):
    assert host.change(Script("end", "exit $code", {"code": code})).exit_code == code


def test_a_script_of_five_megabytes_goes_in_whole(host):
    text = "0123456789abcde\n" * (5 * 2**20 // 16)

    said = host.read(Script("count", 'printf %s "$text" | wc -c', {"text": text}))

    assert int(said) == len(text)


def test_five_megabytes_of_output_come_back_whole(host):
    line = "0123456789abcde"
    count = 5 * 2**20 // 16
    script = Script("print", 'yes "$line" | head -n "$count"', {"line": line, "count": count})

    assert host.read(script) == f"{line}\n" * count


def test_much_on_stderr_does_not_block_stdout(host):
    body = "yes complaint | head -c 4000000 >&2; echo done"

    result = host.change(Script("complain", body))

    assert result.stdout == "done\n"
    assert len(result.stderr) == 4_000_000


def test_bytes_that_are_no_text_do_not_stop_it(host):
    assert (
        host.read(Script("print", "printf 'a\\377\\000b\\n'")) == "a\N{REPLACEMENT CHARACTER}\0b\n"
    )


def test_a_program_in_the_script_cannot_eat_the_rest_of_it(host):
    said = host.read(Script("read on", "cat >/dev/null\necho after"))

    assert said == "after\n"


def test_a_secret_is_in_no_process_list_and_in_no_environment(host):
    value = "correct-horse-battery"
    body = """
    for process in /proc/[0-9]*; do
      tr '\\0' ' ' <"$process/cmdline"; tr '\\0' ' ' <"$process/environ"; echo
    done 2>/dev/null
    [ "$password" = "$expected" ] && echo "the script has it"
    """
    variables = {"password": Secret(value), "expected": Secret(value)}

    seen = host.read(Script("list processes", body, variables))

    assert "the script has it" in seen
    assert "sh -s" in seen
    assert value not in seen


def test_one_connection_serves_the_whole_run(hosts, sshd):
    host = hosts()
    before = (sshd.folder / "log").read_text().count("Accepted publickey")

    for _ in range(5):
        host.read(Script("nothing", "true"))

    assert (sshd.folder / "log").read_text().count("Accepted publickey") == before + 1


def test_scripts_side_by_side_get_their_own_output(host):
    def ask(number: int) -> str:
        return host.read(Script("echo", 'sleep 0.05; echo "$number"', {"number": number}))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [f"{number}\n" for number in range(8)]


def test_a_command_without_end_is_given_up_at_its_timeout(host):
    with pytest.raises(Unreachable) as caught:
        host.read(Script("wait for ever", "sleep 600"), timeout=0.3)

    assert "no end after" in caught.value.message
    assert "wait for ever" in caught.value.message
    assert caught.value.host == "nas"


def test_the_timeout_holds_for_a_command_that_keeps_talking(host):
    with pytest.raises(Unreachable):
        host.read(Script("talk for ever", "while :; do echo on and on; done"), timeout=0.5)


def test_the_host_is_of_use_again_after_a_timeout(host):
    with pytest.raises(Unreachable):
        host.read(Script("wait", "sleep 600"), timeout=0.2)

    assert host.read(Script("say", "echo back")) == "back\n"


def test_a_background_process_that_keeps_the_output_open_is_bounded(host):
    """sshd ends the channel only when all writers are gone; the timeout ends the wait."""
    with pytest.raises(Unreachable):
        host.read(Script("leave one behind", "sleep 3 & echo left"), timeout=0.5)


def test_a_closed_host_leaves_no_thread_behind(hosts):
    before = set(threading.enumerate())
    host = hosts()
    host.read(Script("nothing", "true"))
    begun = set(threading.enumerate()) - before
    host.close()

    for thread in begun:
        thread.join(timeout=5)
    assert begun
    assert not [thread for thread in begun if thread.is_alive()]


def test_the_user_is_told(host, sshd):
    assert host.user == sshd.user


def test_invoke_files_of_the_working_directory_decide_nothing(hosts, sshd, tmp_path, monkeypatch):
    (tmp_path / "fabric.yaml").write_text("user: somebody-else\nport: 1\n")
    monkeypatch.chdir(tmp_path)

    assert hosts().read(Script("who", "id -un")).strip() == sshd.user
    assert Path.cwd() == tmp_path
