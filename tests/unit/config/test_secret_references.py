"""References to secrets: where they lead, and what is said when they lead nowhere."""

import threading
import time
from pathlib import Path

import pytest

from moorage.config.secrets import resolve
from moorage.errors import SecretUnavailable

VALUE = "hunter2"


@pytest.fixture
def site(site_of):
    return site_of()


@pytest.fixture
def secret_file(tmp_path):
    def write(content=b"hunter2\n", mode=0o600, name="secret"):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


def refusal(reference, site, environ=None, ask=None):
    with pytest.raises(SecretUnavailable) as caught:
        resolve(reference, site, environ=environ or {}, ask=ask)
    text = "\n".join(caught.value.lines())
    assert VALUE not in text
    return text


def test_from_the_environment(site):
    assert resolve("env:A", site, environ={"A": VALUE}, ask=None).reveal() == VALUE
    assert "env:A leads nowhere: A is not set" in refusal("env:A", site, {"B": VALUE})
    assert "A is empty" in refusal("env:A", site, {"A": ""})
    assert "export A" in refusal("env:A", site)


@pytest.mark.parametrize(
    "content,value",
    [(b"hunter2", "hunter2"), (b"hunter2\n", "hunter2"), (b"hunter2\r\n", "hunter2"),
     (b"hunter2\n\n", "hunter2\n"), (b" hunter2 \n", " hunter2 "),
     ("pässwörd".encode(), "pässwörd")],
)  # fmt: skip
def test_from_a_file_less_one_line_break(site, secret_file, content, value):
    path = secret_file(content)
    assert resolve(f"file:{path}", site, environ={}, ask=None).reveal() == value


def test_a_relative_path_starts_at_the_inventory(site, secret_file, monkeypatch, tmp_path):
    secret_file(name="admin.secret")
    monkeypatch.chdir("/")
    assert site.path.parent == tmp_path
    assert resolve("file:admin.secret", site, environ={}, ask=None).reveal() == VALUE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_open_to_others_is_refused(site, secret_file, mode):
    path = secret_file(mode=mode)
    text = refusal(f"file:{path}", site)
    assert f"chmod 600 {path}" in text
    assert f"mode {mode:04o}" in text


def test_files_that_give_nothing(site, secret_file, tmp_path):
    assert "is empty" in refusal(f"file:{secret_file(b'')}", site)
    line_break = secret_file(b"\n")
    assert "is empty" in refusal(f"file:{line_break}", site)
    assert "no such file" in refusal("file:missing", site)
    assert str(tmp_path) in refusal("file:missing", site)
    assert "is a directory" in refusal(f"file:{tmp_path}", site)
    no_text = secret_file(b"hunter2\xff")
    assert "not UTF-8" in refusal(f"file:{no_text}", site)


def test_a_question_is_put_once_a_run(site):
    asked = []

    def ask(text):
        asked.append(text)
        return VALUE + text

    values = [
        resolve(f"prompt:{text}", site, environ={}, ask=ask).reveal()
        for text in ("sudo password", "sudo password", "", "other", "")
    ]
    assert asked == ["sudo password", "Password", "other"]
    assert values[0] == values[1]


def test_hosts_in_parallel_put_it_once(site):
    asked = []
    barrier = threading.Barrier(8)

    def ask(text):
        asked.append(text)
        time.sleep(0.05)  # an operator types while the other hosts arrive
        return VALUE

    def one():
        barrier.wait()
        resolve("prompt:in parallel", site, environ={}, ask=ask)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["in parallel"]


def test_no_terminal_and_no_answer(site):
    assert "no terminal" in refusal("prompt:nobody there", site)
    assert "nothing was typed" in refusal("prompt:silence", site, ask=lambda _: "")


def test_another_inventory_asks_anew(site_of, tmp_path):
    first = site_of()
    second = site_of().read_from(Path(tmp_path / "other" / "site.yml"))
    answers = iter(["one", "two"])
    for site, answer in ((first, "one"), (second, "two")):
        found = resolve("prompt:each", site, environ={}, ask=lambda _: next(answers))
        assert found.reveal() == answer
