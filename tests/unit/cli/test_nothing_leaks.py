"""Every command, loud and failing, with a canary in every secret: none comes to light here.

No host answers, so this is the part that needs no lab: references, arguments, failures, tracebacks,
and what lies about afterwards. ``tests/lab/test_15_leaks.py`` is the other part.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary import CORE, canary, forms, leaks

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
NAMES = ("admin", "former", "ci", "hub", "store", "sudo", "image", "new")
SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: 127.0.0.1}}}}
  managers: {{swarm1: {{address: 127.0.0.1}}}}
ssh: {{port: {port}, connect_timeout: 1s, sudo_password: "{sudo}", config: null}}
nexus:
  version: 3.94.0
  domain: nexus.invalid
  image:
    name: registry.invalid/nexus
    distribution: registry
    login: {{user: ci, password: "{image}"}}
  admin_password: "{admin}"
  former_admin_password: "{former}"
  users: {{ci: {{password: "{ci}", roles: [docker-push]}}}}
  blob_stores:
    cold: {{type: s3, bucket: b, region: eu, access_key_id: ID, secret_access_key: "{store}"}}
registry:
  domain: registry.invalid
  repositories:
    docker-private: {{type: hosted, port: 8083}}
    docker-hub:
      type: proxy
      remote: https://hub.invalid
      login: {{type: username, user: bot, password: "{hub}"}}
    docker-all: {{type: group, port: 8082, members: [docker-private, docker-hub]}}
storage: {{export: /srv/nexus}}
ingress: {{version: "3.7"}}
"""
COMMANDS = [
    ("fab", "nfs-setup"), ("fab", "build-image"), ("fab", "deploy"), ("fab", "nexus-seed"),
    ("fab", "up"), ("fab", "plan", "--json"), ("fab", "verify"), ("fab", "doctor"),
    ("fab", "lock-status"), ("fab", "unlock", "--force"), ("fab", "history"),
    ("fab", "rotate", "admin"), ("fab", "rotate", "ci", "--to", "env:NEW"),
    ("inv", "render"), ("inv", "build-image"),
]  # fmt: skip
KINDS = {
    "env": lambda name: f"env:{name.upper()}",
    "variable that is not set": lambda name: f"env:{name.upper()}_X",
    "file": lambda name: f"file:{name}.secret",
    "command": lambda name: f"command:cat {name}.secret",
    "failing command": lambda name: f"command:sh -c 'cat {name}.secret; exit 3'",
    "file open to others": lambda name: f"file:{name}.open",
}


@pytest.fixture(scope="module")
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def run(tmp_path, closed_port):
    """Runs a command with all secrets by one kind of reference; gives what was said."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    for name in NAMES:
        for ending, mode in (("secret", 0o600), ("open", 0o644)):
            path = tmp_path / f"{name}.{ending}"
            path.write_text(canary(name) + "\n")
            path.chmod(mode)

    def go(kind, program, *words, site=SITE):
        references = {name: KINDS[kind](name) for name in NAMES}
        text = site.format(port=closed_port, **references)
        (tmp_path / "site.yml").write_text(text)
        environ = {
            **os.environ, **{name.upper(): canary(name) for name in NAMES},
            "MOORAGE_INVENTORY": str(tmp_path / "site.yml"), "MOORAGE_YES": "1",
            "MOORAGE_DEBUG": "1", "MOORAGE_VERBOSE": "1", "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "tmp"), "PATH": f"{BIN}:/usr/bin:/bin",
        }  # fmt: skip
        debug = ("--debug",) if program == "fab" else ()
        done = subprocess.run(
            [str(BIN / program), "--search-root", str(ROOT), *debug, *words], env=environ,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        lying = {str(path): path.read_text(errors="replace")
                 for folder in ("tmp", "home") for path in (tmp_path / folder).rglob("*")
                 if path.is_file()}  # fmt: skip
        return done, {"stdout": done.stdout, "stderr": done.stderr, **lying}

    return go


def found(texts):
    return leaks(texts, [canary(name) for name in NAMES], ["admin", "ci", "bot"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_that_fails_at_the_first_host_tells_one(run, command):
    done, texts = run("env", *command)

    assert done.returncode == (0 if command[1] == "render" else done.returncode)
    assert "Traceback" in done.stderr or done.returncode in {0, 1}
    assert found(texts) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_reference_tells_one(run, kind):
    done, texts = run(kind, "fab", "up")

    assert done.returncode != 0
    assert "Traceback" in done.stderr
    assert found(texts) == []


@pytest.mark.parametrize(
    "old,new",
    [('admin_password: "{admin}"', f"admin_password: '{CORE}'"),
     ('admin_password: "{admin}"', f"admin_pasword: '{CORE}'"),
     ('password: "{ci}"', f"password: {{value: {CORE}}}"),
     ("  admin_password:", f"  admin_password: !{CORE} x\n  admin_password:"),
     ("https://hub.invalid", f"https://me:{CORE}@hub.invalid")],
)  # fmt: skip
def test_a_secret_written_into_the_inventory_is_not_repeated(run, old, new):
    assert old in SITE
    site = SITE.replace(old, new.replace("{", "{{").replace("}", "}}"), 1)
    done, texts = run("env", "fab", "plan", site=site)

    assert done.returncode == 3, done.stderr
    assert found(texts) == []


def test_the_search_finds_each_form():
    """Or it would find nothing anywhere."""
    word = canary("admin")
    for text in (
        f"x{word}x", word[::-1], quote(word), json.dumps({"a": word}), repr(word),
        base64.b64encode(f"admin:{word}".encode()).decode(),
        base64.b64encode(f"a{word}".encode()).decode(),
        base64.b64encode(f"ab{word}".encode()).decode(),
        base64.b64encode(word[::-1].encode()).decode(),
    ):  # fmt: skip
        assert leaks({"x": text}, [word], ["admin"]), text
    assert len(set(forms(word, ["admin"]).values())) > 12
    assert not leaks({"x": "Kanari Zq7eiranaK"}, [word], ["admin"])
