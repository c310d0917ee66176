"""References to what other programs keep: commands, the keyring, files encrypted by age."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback

import pytest

from moorage.config.age import AgeFile, new_identity, parsed, replaced
from moorage.config.secret_stores import from_command
from moorage.config.secrets import resolve
from moorage.errors import InventoryError, SecretUnavailable
from moorage.values import Secret

VALUE = "hunter2"


@pytest.fixture
def site(site_of):
    return site_of()


def found(reference, site, **environ):
    return resolve(reference, site, environ=environ, ask=None).reveal()


def refusal(reference, site, **environ):
    with pytest.raises(SecretUnavailable) as caught:
        resolve(reference, site, environ=environ, ask=None)
    lines = "\n".join(caught.value.lines())
    shown = "".join(traceback.format_exception(caught.value))
    assert VALUE not in lines + shown
    return lines


@pytest.fixture
def program(tmp_path):
    """A program beside the inventory that prints what a test says."""

    def make(body, name="keeper"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return make


@pytest.mark.parametrize(
    "printed,value",
    [("hunter2", "hunter2"), ("hunter2\\n", "hunter2"), ("hunter2\\r\\n", "hunter2"),
     (" p w \\n\\n", " p w \n"), ("p\\303\\244ss", "päss")],
)  # fmt: skip
def test_all_that_a_command_prints_less_one_line_break(site, program, printed, value):
    program(f"printf '{printed}'")
    assert found("command:./keeper show it", site) == value


def test_a_command_is_split_like_a_shell_does_and_run_by_none(site, program, tmp_path):
    program("""printf '<%s>' "$@" """)
    shell = "command:./keeper 'two words' $HOME ; touch made | x `y` > z"
    assert found(shell, site) == "<two words><$HOME><;><touch><made><|><x><`y`><>><z>"
    assert not (tmp_path / "made").exists()


def test_a_command_runs_once_a_run_with_nothing_on_stdin(site, program, tmp_path):
    program("echo . >>ran; cat; printf x")
    assert [found("command:./keeper", site) for _ in range(3)] == ["x"] * 3
    assert (tmp_path / "ran").read_text() == ".\n"


def test_of_a_failed_command_stderr_is_shown_and_stdout_never(site, program):
    program(f"echo {VALUE}; seq 9 >&2; echo 'entry not in the store' >&2; exit 3")
    said = refusal("command:./keeper show it", site)
    assert "exit code 3" in said
    assert "9; entry not in the store" in said
    assert "; 4;" not in said
    assert "try it by hand, in the inventory's folder: ./keeper show it" in said


def test_commands_that_give_nothing(site, program):
    program("true")
    assert "prints nothing" in refusal("command:./keeper", site)
    program("printf 'hunter2\\377'", "bytes")
    assert "not UTF-8" in refusal("command:./bytes", site)
    assert "no-such-program" in refusal("command:no-such-program show it", site)
    assert "install no-such-program" in refusal("command:no-such-program show it", site)
    assert "closing quotation" in refusal("command:./keeper 'open", site)


def test_a_command_without_an_end_is_ended(program, tmp_path):
    program(f"echo {VALUE}; exec sleep 60")
    with pytest.raises(SecretUnavailable) as caught:
        from_command("command:./keeper", tmp_path, seconds=0.3)
    assert "no end within 0.3 s" in caught.value.message
    assert VALUE not in "".join(traceback.format_exception(caught.value))


class Keyring:
    """The package as far as it is used."""

    def __init__(self, error=None):
        self.kept = {("moorage", "admin"): VALUE, ("a/b", "c"): "other"}
        self.error = error

    def get_password(self, service, name):
        if self.error:
            raise self.error
        return self.kept.get((service, name))


@pytest.fixture
def keyring(monkeypatch):
    from types import ModuleType

    errors = ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    module = ModuleType("keyring")
    played = Keyring()
    module.get_password = played.get_password
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    played.KeyringError = errors.KeyringError
    return played


def test_from_the_keyring(site, keyring):
    assert found("keyring:moorage/admin", site) == VALUE
    assert found("keyring:a/b/c", site) == "other"
    said = refusal("keyring:moorage/nobody", site)
    assert "nothing for nobody of moorage" in said
    assert "keyring set moorage nobody" in said
    keyring.error = keyring.KeyringError("locked")
    assert "does not answer: locked" in refusal("keyring:moorage/admin", site)


def test_without_the_package_it_is_said_how_to_come_by_it(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    said = refusal("keyring:moorage/admin", site)
    assert "the package keyring is not installed" in said
    assert "pip install keyring" in said


@pytest.fixture
def identity(tmp_path):
    path = tmp_path / "own" / "age.txt"
    new_identity(path)
    return path


@pytest.fixture
def age(tmp_path, identity):
    file = AgeFile(tmp_path / "secrets.age", identity)
    file.write(f"# of the registry\nadmin = {VALUE}\nci=p#w = x \n".encode())
    return file


def test_from_an_encrypted_file(site, age, identity):
    assert VALUE.encode() not in age.path.read_bytes()
    assert age.path.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert age.path.stat().st_mode & 0o777 == 0o600
    own = {"MOORAGE_AGE_IDENTITY": str(identity)}
    assert found("age:secrets.age#admin", site, **own) == VALUE
    assert found("age:secrets.age#ci", site, **own) == "p#w = x"


def test_encrypted_files_that_give_nothing(site, age, identity, tmp_path):
    own = {"MOORAGE_AGE_IDENTITY": str(identity)}
    assert "nothing of the name nobody" in refusal("age:secrets.age#nobody", site, **own)
    said = refusal("age:other.age#admin", site, **own)
    assert "no such file" in said
    assert "inv secrets-edit" in said
    new_identity(tmp_path / "another.txt")
    other = {"MOORAGE_AGE_IDENTITY": str(tmp_path / "another.txt")}
    assert "does not open" in refusal("age:secrets.age#admin", site, **other)
    missing = {"MOORAGE_AGE_IDENTITY": str(tmp_path / "missing.txt")}
    assert "missing.txt: no such file" in refusal("age:secrets.age#admin", site, **missing)
    identity.chmod(0o644)
    assert "open to others" in refusal("age:secrets.age#admin", site, **own)
    (tmp_path / "no.txt").write_text("hunter2\n")
    (tmp_path / "no.txt").chmod(0o600)
    wrong = {"MOORAGE_AGE_IDENTITY": str(tmp_path / "no.txt")}
    assert "is no identity of age" in refusal("age:secrets.age#admin", site, **wrong)
    age.path.write_bytes(age.path.read_bytes()[:-60])
    identity.chmod(0o600)
    assert "does not open" in refusal("age:secrets.age#admin", site, **own)


def test_a_line_that_is_no_secret_is_not_shown(site, age, identity):
    age.write(f"admin = x\n{VALUE}\n".encode())
    said = refusal("age:secrets.age#admin", site, MOORAGE_AGE_IDENTITY=str(identity))
    assert "line 2" in said


def test_a_name_that_stands_twice_is_refused(site, age, identity):
    age.write(f"admin = x\nadmin = {VALUE}\n".encode())
    said = refusal("age:secrets.age#admin", site, MOORAGE_AGE_IDENTITY=str(identity))
    assert "stands in it twice (line 2)" in said


def test_it_is_encrypted_for_all_recipients(site, age, identity, tmp_path):
    public = [new_identity(tmp_path / name) for name in ("one", "two")]
    age.recipients_path.write_text("# who may\n" + "\n".join(public) + "\n")
    age.write(f"admin = {VALUE}\n".encode())
    for name in ("one", "two"):
        own = {"MOORAGE_AGE_IDENTITY": str(tmp_path / name)}
        assert found("age:secrets.age#admin", site, **own) == VALUE
    own = {"MOORAGE_AGE_IDENTITY": str(identity)}
    assert "does not open" in refusal("age:secrets.age#admin", site, **own)
    age.recipients_path.write_text("nobody\n")
    with pytest.raises(SecretUnavailable, match="no public key"):
        age.write(b"")


def test_an_ssh_key_is_an_identity_too(site, tmp_path):
    key = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    AgeFile(tmp_path / "secrets.age", key).write(f"admin = {VALUE}\n".encode())
    assert found("age:secrets.age#admin", site, MOORAGE_AGE_IDENTITY=str(key)) == VALUE


def test_one_secret_is_replaced_and_the_rest_stays():
    text = "# a comment\nadmin = old\n\nci = x\n"
    after = replaced(text, {"admin": Secret("new"), "ci": None, "more": Secret("y")})
    assert after == b"# a comment\nadmin = new\n\nmore = y\n"
    assert {name: one.reveal() for name, one in parsed(after.decode(), "x").items()} == {
        "admin": "new", "more": "y",
    }  # fmt: skip


def test_the_file_stays_whole_where_it_cannot_be_written(age, monkeypatch):
    before = age.path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretUnavailable, match="no space left"):
        age.write(b"admin = new\n")
    assert age.path.read_bytes() == before
    assert [path.name for path in age.path.parent.iterdir() if ".secrets.age" in path.name] == []


@pytest.mark.parametrize(
    "reference",
    ["age:secrets.age", "age:#admin", "age:a#b c", "keyring:moorage", "keyring:/x", "keyring:x/",
     "command:", "command: x", "env:A-B", "file:", "file:a\\0b", "command:a\\nb", "hunter2"],
)  # fmt: skip
def test_what_is_no_reference_is_refused_with_the_inventory(site_of, least, reference):
    with pytest.raises(InventoryError, match="mistake") as caught:
        site_of(least.replace("nexus:\n", f'nexus:\n  admin_password: "{reference}"\n', 1))
    assert [problem.field for problem in caught.value.problems] == ["nexus.admin_password"]
