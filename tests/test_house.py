"""What holds the house: short files that say what they are for, true links, names and locks."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from house import check, links, pictures

ROOT = Path(__file__).resolve().parents[1]


LONGEST_FILE = 300


LONGEST_FUNCTION = 40


NOT_OURS = links.NOT_OURS


# data, not code: written by others or by programs; what cannot have a comment
DATA = {".json", ".lock", ".svg", ".txt", ".md"}


WORD_FOR_WORD = {"LICENSE", "tests/data/seed-registry.yml"}


# every key there is, to be looked up in; a history
LONG_FOR_A_REASON = {"inventories/example/site.yml", "docs/inventory.md", "CHANGELOG.md"}


OUR_SITES = {"example", "lab", "seed"}


def of_an_operator(path):
    """Of a site that whoever works here has made: files in ``inventories/`` of any other name."""
    folder, *below = path.relative_to(ROOT).parts
    return folder == "inventories" and below[0] not in OUR_SITES


def files():
    """Every file of the project, by its path from the root."""
    return sorted(
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file()
        and not of_an_operator(path)
        and not NOT_OURS.intersection(path.relative_to(ROOT).parts)
        and not re.search(r"\.egg-info/", str(path))
    )


FILES = files()


PYTHON = [file for file in FILES if file.endswith(".py")]


CODE = [file for file in FILES if Path(file).suffix not in DATA and file not in WORD_FOR_WORD]


def text(file):
    return (ROOT / file).read_text(encoding="utf-8")


def test_what_is_made_here_is_looked_at_by_nobody():
    """`inv fuzz`, `inv audit` and `inv bench` make environments in the project's folder."""
    ignored = {line.strip("/") for line in text(".gitignore").splitlines() if line.endswith("/")}

    assert ignored - {"dist", "*.egg-info"} <= links.NOT_OURS


@cache
def tree(file):
    return ast.parse(text(file))


def first_words(file):
    """What the first line says; of a script with an interpreter's line, the next one."""
    if file.endswith(".py"):
        return (ast.get_docstring(tree(file)) or "").partition("\n")[0]
    lines = text(file).splitlines()
    start = lines[1] if lines[0].startswith("#!") else lines[0]
    if start in ("/*", "[Unit]"):
        start = {"/*": " *", "[Unit]": "Description="}[start] and lines[1]
    said = re.match(r"\s*(?:#|//|/?\*|\{#|Description=)\s*(.*?)\s*(?:#\})?$", start)
    return said[1] if said else ""


def length(function):
    """Lines of a function without its docstring."""
    said = ast.get_docstring(function, clean=False) or ""
    return function.end_lineno - function.lineno + 1 - (len(said.split("\n")) if said else 0)


def test_the_first_line_of_every_file_says_what_it_is_for():
    assert [file for file in CODE if text(file).strip() and len(first_words(file)) <= 10] == []


def test_every_file_can_be_seen_whole():
    seen = {*CODE, *(file for file in FILES if file.endswith(".md"))} - LONG_FOR_A_REASON
    lines = {file: len(text(file).splitlines()) for file in seen}

    assert {file: count for file, count in lines.items() if count > LONGEST_FILE} == {}


def test_every_function_fits_a_screen():
    functions = [
        (file, node)
        for file in PYTHON
        for node in ast.walk(tree(file))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]

    assert [(file, one.name) for file, one in functions if length(one) > LONGEST_FUNCTION] == []


def test_a_test_of_the_rules_can_fail(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "silent.py").write_text("x = 1\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n# Says what it is for.\n")
    (tmp_path / "silent.sh").write_text("#!/bin/sh\nset -e\n")

    assert [len(first_words(file)) > 10 for file in ("silent.py", "run.sh", "silent.sh")] == [
        False, True, False]  # fmt: skip


def tasks_of(file):
    """The tasks that a file declares, by the names that Invoke gives them."""
    return {
        node.name.strip("_").replace("_", "-")
        for node in tree(file).body
        if isinstance(node, ast.FunctionDef)
        and any(
            getattr(getattr(mark, "func", mark), "id", "") == "task" for mark in node.decorator_list
        )
    }


FAB = {task for file in PYTHON if file.startswith("fabfile/") for task in tasks_of(file)}


INV = tasks_of("tasks.py") | tasks_of("house/tasks.py") | tasks_of("moorage/tasks_begin.py")


DOCUMENTS = [file for file in FILES if file.endswith(".md") and not file.startswith("tests/")]


def told(file):
    """All texts of a file but those that only its readers see."""
    nodes = list(ast.walk(tree(file)))
    silent = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [node.value for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and id(node) not in silent]  # fmt: skip


@pytest.mark.parametrize(("program", "known"), [("fab", FAB), ("inv", INV)])
def test_every_task_that_is_spoken_of_is_one(program, known):
    """In documents by their marks of code, in the program wherever it tells the operator."""
    assert known
    written = re.compile(rf"`(?:\./run )?{program} ([a-z][a-z-]+)")
    said = re.compile(rf"\b{program} ([a-z]+(?:-[a-z]+)*)\b")
    spoken = {(file, name) for file in DOCUMENTS for name in written.findall(text(file))}
    for file in PYTHON:
        if file.startswith(("moorage/", "fabfile/", "lab/", "house/")) or file == "tasks.py":
            spoken |= {(file, name) for words in told(file) for name in said.findall(words)}

    spoken.discard(("lab/tasks.py", "lab"))  # the lab's own tasks: inv lab.up
    assert {one for one in spoken if one[1] not in known} == set()


@pytest.mark.parametrize(("program", "known"), [("fab", FAB), ("inv", INV)])
def test_the_readme_or_contributing_names_every_task(program, known):
    both = text("README.md") + text("CONTRIBUTING.md")

    assert [name for name in sorted(known)
            if not re.search(rf"({program}( -H \w+)?|\./run) {name}\b", both)] == []  # fmt: skip


def test_every_step_is_among_the_words():
    names = {
        node.value.value
        for file in PYTHON if file.startswith("moorage/steps/")
        for one in ast.walk(tree(file)) if isinstance(one, ast.ClassDef)
        for node in one.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "name"
    }  # fmt: skip
    words = text("docs/architecture.md").partition("## Words")[2].partition("\n## ")[0]
    shown = {name for part in re.findall(r"([a-z, ]+?)\s+`fab", words) for name in part.split(", ")}

    assert len(names) > 15
    assert names - {name.strip() for name in shown} == set()


# the figures have their own program, and limits are what is not claimed
PROVEN_OTHERWISE = {"How fast it is": "./run inv bench", "Limits": "not"}


def test_every_part_of_the_readme_has_its_proof_beside_it():
    heading, *parts = re.split(r"^##+ ", text("README.md"), flags=re.MULTILINE)
    assert "▸" in heading
    for part in parts:
        name = part.partition("\n")[0]
        assert PROVEN_OTHERWISE.get(name, "▸ [") in part, name


def test_every_task_of_the_readme_has_the_test_that_proves_it():
    table = text("README.md").partition("| command | what it does | ▸ |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]

    assert len(rows) > 25
    for row in rows:
        proofs = re.findall(r"\]\((tests/[^)]+\.py)\)", row.split(" | ")[-1])
        assert proofs, row
        assert all((ROOT / proof).is_file() for proof in proofs), row


def test_every_link_in_the_documents_leads_somewhere():
    assert links.broken(ROOT) == []


def test_what_a_lab_has_left_is_no_link(tmp_path):
    (tmp_path / ".lab").mkdir()
    (tmp_path / "a.md").write_text("its log is `.lab/chaos/seed-N.log`\n")

    assert links.broken(tmp_path) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "other.md").write_text("# One thing, `twice`\n\n## Again\n## Again\n")
    (tmp_path / "some.md").write_text(
        "[a](other.md) [b](other.md#one-thing-twice) [c](other.md#again-1) [d](https://example.com)\n"
        "`lab/` `example.com/x.y` `[no](link.md)`\n\n```\n[e](fenced.md)\n```\n"
        '[f](gone.md) [g](other.md#gone) [h](#gone) <img src="gone.svg">\n'
        "`lab/gone.py` `lab/gone.py::test_x`\n"
    )

    assert sorted(links.broken(tmp_path)) == [
        f"some.md: {link}" for link in ("#gone", "gone.md", "gone.svg", "lab/gone.py",
                                        "lab/gone.py::test_x", "other.md#gone")]  # fmt: skip


def test_checks_run_side_by_side_and_what_fails_is_shown(capsys):
    quiet = check.Check("quiet", ("python", "-c", "print('nothing to see')"))
    loud = check.Check("loud", ("python", "-c", "print('this is why'); raise SystemExit(3)"))

    assert check.run([quiet]) == 0
    assert check.run([quiet, loud]) == 1
    said = capsys.readouterr().out
    assert "this is why" in said
    assert "failed (3)" in said
    assert "nothing to see" not in said
    assert "1 of 2 failed" in said


def test_the_pictures_are_what_the_recorded_output_gives():
    """And the plan is what is planned today: ./run inv pictures draws them anew."""
    for path, content in pictures.drawn().items():
        assert path.read_text(encoding="utf-8") == content, path.name


def test_a_picture_says_what_it_leaves_out_and_asks_nobody_for_anything():
    long = "=== long\n" + "\n".join(f"line {number}" for number in range(20))
    shown = pictures.demo_text(f"{long}\n\n=== short\nall of it\n")

    assert "line 0" in shown
    assert "line 19" in shown
    assert "line 9\n" not in shown
    assert "15 lines more" in shown
    assert "all of it" in shown
    assert "url(" not in pictures.svg(shown, title="t", name="n").replace("url(#", "")
