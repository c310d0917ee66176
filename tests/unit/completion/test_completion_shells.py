"""Real shells complete with the scripts that ``inv completion`` prints."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from moorage.cli_completion import script
from moorage.completion.values import SHELLS
from moorage.errors import Refused

ROOT = Path(__file__).resolve().parents[3]
CASES = [
    ("./run f", "./run fab "),
    ("./run fab nfs-se", "./run fab nfs-setup "),
    ("./run fab deploy --inv", "./run fab deploy --inventory "),
    ("./run fab deploy --inventory exa", "./run fab deploy --inventory example "),
    ("./run fab deploy --inventory=exa", "./run fab deploy --inventory=example "),
    ("./run fab -H mana", "./run fab -H manager "),
    ("./run fab -H nfs,wor", "./run fab -H nfs,worker "),
    ("./run fab relocate --to wor", "./run fab relocate --to worker "),
    ("./run fab import --ca CHANGEL", "./run fab import --ca CHANGELOG.md "),
    ("./run inv site-s", "./run inv site-schema "),
    ("fab explain NotC", "fab explain NotConverged "),
    ("inv lab.stat", "inv lab.status "),
    ("true && fab nexus-s", "true && fab nexus-seed "),
]
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             """bind -x '"\\C-xd": printf %s "$READLINE_LINE" >"$DUMP"'"""),
    "zsh": (["zsh", "-f", "-i"],
            """dump() { print -rn -- "$BUFFER" >$DUMP }; zle -N dump; bindkey '^Xd' dump"""),
}  # fmt: skip
"""How a shell is started, and what writes the line that is being edited into a file."""


def needs(shell):
    missing = shutil.which(shell) is None
    return pytest.mark.skipif(missing, reason=f"{shell} is missing: ./run test installs it")


class Typist:
    """Types into a shell on a terminal and sees what becomes of the line."""

    def __init__(self, shell, folder):
        argv, dumping = START[shell]
        (folder / "script").write_text(script(shell))
        self.dump = folder / "dump"
        self.ours, theirs = pty.openpty()
        env = {**os.environ, "TERM": "dumb", "PS1": "> ", "INPUTRC": "/dev/null",
               "ZDOTDIR": str(folder), "HOME": str(folder), "DUMP": str(self.dump),
               "MOORAGE_INVENTORY": "lab"}  # fmt: skip
        self.ran = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
                                    env=env, start_new_session=True)  # fmt: skip
        os.close(theirs)
        ready = folder / "ready"
        self.type(f"source {folder / 'script'}; {dumping}; touch {ready}\n")
        self.wait(ready.exists)

    def type(self, text):
        os.write(self.ours, text.encode())

    def wait(self, there):
        until = time.monotonic() + 60
        while not there():
            assert time.monotonic() < until
            if select.select([self.ours], [], [], 0.02)[0]:
                os.read(self.ours, 65536)

    def tab(self, text):
        """The line after a text and the Tab key; the shell reads on when that is done."""
        self.dump.unlink(missing_ok=True)
        self.type(f"{text}\t")
        self.type("\x18d")
        self.wait(lambda: self.dump.exists() and self.dump.stat().st_size > 0)
        self.type("\x15")
        return self.dump.read_text()

    def end(self):
        self.ran.kill()
        self.ran.wait()
        os.close(self.ours)


@pytest.mark.parametrize("shell", [pytest.param(name, marks=needs(name)) for name in START])
def test_the_tab_key_of_a_real_shell(shell, tmp_path):
    typist = Typist(shell, tmp_path)
    try:
        became = [(text, typist.tab(text)) for text, _ in CASES]
    finally:
        typist.end()
    assert became == CASES


@needs("zsh")
def test_zsh_completes_the_variable_too(tmp_path):
    typist = Typist("zsh", tmp_path)
    try:
        assert typist.tab("MOORAGE_INVENTORY=exa").strip() == "MOORAGE_INVENTORY=example"
    finally:
        typist.end()


def test_bash_without_a_terminal():
    """As programs ask that show completions themselves."""
    asked = """
    eval "$SCRIPT"
    ask() {
      COMP_WORDS=($1) COMP_LINE=$1 COMP_POINT=${#1}
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _moorage "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}"
      echo "${COMPREPLY[*]}"
    }
    ask "./run fab nodes"; ask "fab deploy --inventory=ex"; ask "fab status --w"; ask "fab zzz"
    """
    ran = subprocess.run(["bash", "-c", asked], cwd=ROOT, text=True, capture_output=True,
                         check=True, env={**os.environ, "SCRIPT": script("bash")})  # fmt: skip
    assert ran.stdout.splitlines() == ["nodes-setup", "example", "--watch --within", ""]
    assert ran.stderr == ""


@needs("fish")
def test_fish(tmp_path):
    cases = [*CASES, ("set -x MOORAGE_INVENTORY exa", "set -x MOORAGE_INVENTORY example ")]
    lines = "\n".join(f"echo (complete -C '{text}')" for text, _ in cases)
    ran = subprocess.run(
        ["fish", "--no-config", "-c", f"{script('fish')}\n{lines}"], cwd=ROOT, text=True,
        capture_output=True, check=True,
        env={**os.environ, "MOORAGE_INVENTORY": "lab", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.stdout.splitlines() == [became.split()[-1] for _, became in cases]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_starts_the_environments_own_python(shell):
    text = script(shell)
    assert "@" not in text.replace("${(@", "").replace("(@f", "").replace("(@Q", "")
    assert str(ROOT / "moorage/completion/__main__.py") in text


def test_a_shell_that_is_not_known_is_refused():
    with pytest.raises(Refused) as caught:
        script("tcsh")
    assert "bash, zsh, fish" in caught.value.hint
