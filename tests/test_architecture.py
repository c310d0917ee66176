"""What holds the structure: who may import whom, who may see a secret, what starts at once."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ONLY_BY = {
    "fabric": {"moorage/__main__.py", "moorage/completion/table.py", "moorage/executor.py",
               "moorage/transport/aliases.py", "moorage/transport/ssh.py"},
    "requests": {
        "moorage/transport/http.py", "moorage/transport/registry.py",
        "moorage/transport/tunnel.py", "moorage/transport/nexus_status.py",
        "moorage/steps/nexus/rest.py",
    },
    "urllib3": {"moorage/transport/http.py", "moorage/transport/tunnel.py"},
    "stamina": {"moorage/steps/nexus/rest.py"},
    "rich": {"moorage/report/live.py"},
    "pyrage": {"moorage/config/age.py"},
    "keyring": {"moorage/config/secret_stores.py"},
    "ruamel": {"moorage/config/yamlfile.py", "moorage/config/scalars.py",
               "moorage/documents/check.py", "moorage/documents/further.py",
               "moorage/order_stack.py", "moorage/takeover/take.py",
               "moorage/checks/traefik_file.py"},
}  # fmt: skip
LATE = {
    "pydantic",
    "requests",
    "jinja2",
    "ruamel",
    "rich",
    "paramiko",
    "cryptography",
    "pyrage",
    "keyring",
    "urllib3",
    "stamina",
}


def files(*folders):
    """The project's Python files below some folders, by path from its root."""
    return sorted(
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


OURS = files("moorage")
ALL = [*OURS, *files("lab", "fabfile"), "tasks.py"]


def tree(file):
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def imported(file):
    """Top names of everything that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_arrows_between_the_packages_point_one_way():
    ran = subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize("library", ONLY_BY)
def test_a_library_is_imported_by_its_few_files_alone(library):
    assert {file for file in OURS if library in imported(file)} <= ONLY_BY[library]


def test_the_product_and_its_lab_know_nothing_of_each_other():
    assert [file for file in OURS if "lab" in imported(file)] == []
    assert [file for file in files("lab") if "moorage" in imported(file)] == []
    assert [file for file in [*OURS, *files("lab")] if "house" in imported(file)] == []


def test_steps_do_not_import_each_other():
    steps = {path.name for path in (ROOT / "moorage/steps").iterdir() if path.is_dir()}
    steps.discard("__pycache__")
    for file in files("moorage/steps"):
        own = Path(file).parts[2]
        text = (ROOT / file).read_text()
        assert not [step for step in steps - {own} if f"moorage.steps.{step}" in text], file


REVEALED_IN = {"moorage/quoting.py", "moorage/transport/http.py"}
PLAIN_FOR = {
    "moorage/certificates/authority.py": "the CA's key and its passphrase",
    "moorage/certificates/work.py": "the files of keys",
    "moorage/config/age.py": "the operator's encrypted file",
    "moorage/config/secret_places.py": "the operator's file or keyring",
    "moorage/steps/certificate/desired.py": "a hash of the key, for its name",
    "moorage/steps/certificate/pem.py": "the key that must fit the certificate",
    "moorage/docker_login.py": "a hash of 16 bits",
    "moorage/transport/channel.py": "sudo's prompt",
}


def _called(file):
    """Names of all functions and methods that a file calls."""
    return {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
    }


def test_secrets_are_revealed_in_two_files():
    assert {file for file in ALL if "reveal" in _called(file)} == REVEALED_IN
    # nor by another name, nor past the method
    named = {file for file in ALL for node in ast.walk(tree(file))
             if getattr(node, "attr", "") in {"reveal", "_Secret__value", "__value"}}  # fmt: skip
    assert named == {*REVEALED_IN, "moorage/values.py"}


def test_who_makes_a_secret_plain_for_a_stream_is_known():
    assert {file for file in ALL if "plain_bytes" in _called(file)} <= set(PLAIN_FOR)


def modules_after(code):
    """All that is in memory after some code."""
    program = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def loaded_by(code):
    """Top names of what is in memory after some code."""
    return {name.partition(".")[0] for name in modules_after(code)}


@pytest.mark.parametrize("module", ["moorage", "moorage.cli", "moorage.runner", "moorage.order"])
def test_the_product_itself_is_at_hand_without_its_libraries(module):
    heavy = {"moorage": LATE, "moorage.cli": LATE}.get(module, {"requests", "paramiko", "rich"})

    assert loaded_by(f"import {module}") & heavy == set()


def test_the_task_file_adds_nothing_to_what_fabric_loads():
    """So that ``fab -l`` is as quick as Fabric itself."""
    fabric = loaded_by("import fabric")

    assert (loaded_by("import fabfile") - fabric) & LATE == set()


def test_an_inventory_costs_only_the_models_of_what_it_has():
    code = (
        "from moorage.config.inventory import load_site; from pathlib import Path; "
        "load_site({!r}, root=Path(), environ={{}})"
    )
    names = ("blobstores", "people", "private_ca", "proxy_options", "upkeep")
    rare = {f"moorage.config.schema.{name}" for name in names}

    assert rare & {*modules_after(code.format("lab"))} == set()
    assert rare - {*modules_after(code.format("example"))} == set()


def test_nothing_starts_a_dry_run_but_the_runner():
    """Invoke's own dry run says that every command succeeded; ours plans and stops."""
    for file in files("moorage/steps", "moorage/transport"):
        assert "dry" not in (ROOT / file).read_text(), file


def test_no_check_is_switched_off_for_a_whole_file():
    for file in ALL:
        text = (ROOT / file).read_text()
        assert "# ruff: noqa" not in text, file
        assert "# type: ignore\n" not in text, file
