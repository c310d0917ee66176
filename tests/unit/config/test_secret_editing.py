"""An encrypted file in the operator's editor: what lies about meanwhile, and afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from moorage.config.age import AgeFile, new_identity
from moorage.config.secret_editing import edit, editor
from moorage.errors import Refused, SecretUnavailable

VALUE = "hunter2"


@pytest.fixture
def file(tmp_path):
    new_identity(tmp_path / "age.txt")
    made = AgeFile(tmp_path / "secrets.age", tmp_path / "age.txt")
    made.write(f"admin = {VALUE}\n".encode())
    return made


@pytest.fixture
def environ(tmp_path):
    """An editor that is a script, which tells where it worked, and a runtime folder."""
    (tmp_path / "run").mkdir()

    def make(body):
        path = tmp_path / "editor"
        path.write_text(f'#!/bin/sh\nstat -c %a "$1" "${{1%/*}}" >{tmp_path}/modes\n'
                        f'echo "$1" >>{tmp_path}/place\n{body}\n')  # fmt: skip
        path.chmod(0o755)
        return {"EDITOR": f"'{path}'", "XDG_RUNTIME_DIR": str(tmp_path / "run")}

    return make


def left(tmp_path):
    return list((tmp_path / "run").iterdir())


def test_what_was_saved_is_encrypted_and_nothing_is_left(file, environ, tmp_path):
    said = edit(file, environ('cp "$1" "$1~"; echo "ci = robot" >>"$1"'))

    assert file.text() == f"admin = {VALUE}\nci = robot\n"
    assert "written, with admin, ci" in said
    assert VALUE not in said
    assert (tmp_path / "modes").read_text().split() == ["600", "700"]
    assert Path((tmp_path / "place").read_text().strip()).is_relative_to(tmp_path / "run")
    assert left(tmp_path) == []


def test_an_unchanged_file_is_not_written(file, environ):
    before = file.path.read_bytes()
    assert "nothing was changed" in edit(file, environ("true"))
    assert file.path.read_bytes() == before


def test_a_new_file_tells_its_form(tmp_path, environ):
    new_identity(tmp_path / "age.txt")
    new = AgeFile(tmp_path / "secrets.age", tmp_path / "age.txt")
    edit(new, environ('echo "admin = x" >>"$1"'))
    assert "age:secrets.age#NAME" in new.text()
    assert new.text().endswith("admin = x\n")


def test_a_failed_editor_changes_nothing_and_leaves_nothing(file, environ, tmp_path):
    before = file.path.read_bytes()
    with pytest.raises(Refused, match="exit code 7"):
        edit(file, environ('echo spoiled >"$1"; exit 7'))
    assert file.path.read_bytes() == before
    assert left(tmp_path) == []


def test_a_line_that_is_none_is_told_by_number_and_edited_again(file, environ, tmp_path, capsys):
    edit(file, environ(f'[ -e {tmp_path}/twice ] && echo "ci = x" >"$1" || '
                       f'{{ touch {tmp_path}/twice; echo hunter2 >"$1"; }}'))  # fmt: skip
    assert file.text() == "ci = x\n"
    said = capsys.readouterr().out
    assert "line 1" in said
    assert VALUE not in said
    with pytest.raises(SecretUnavailable):
        edit(file, environ('echo hunter2 >"$1"'), again=False)
    assert left(tmp_path) == []


def test_what_is_overwritten_is_gone_before_its_name_is(file, environ, tmp_path):
    """A second name for the same file shows what became of its content."""
    edit(file, environ(f'ln "$1" {tmp_path}/second; echo "ci = robot" >>"$1"'))
    assert set((tmp_path / "second").read_bytes()) == {0}


def test_which_editor():
    assert editor({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor({"EDITOR": "vi"}) == ["vi"]
