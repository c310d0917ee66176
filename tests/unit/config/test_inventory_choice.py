"""Which inventory is meant."""

import pytest

from moorage.config.inventory import available, load_site
from moorage.errors import Refused
from moorage.exit_codes import ExitCode


@pytest.fixture
def project(tmp_path, least):
    def make(*names):
        for name in names:
            folder = tmp_path / "inventories" / name
            folder.mkdir(parents=True)
            (folder / "site.yml").write_text(least)
        return tmp_path

    return make


def test_the_only_one_besides_those_shipped(project):
    root = project("example", "seed", "lab", "prod")
    assert available(root) == ["example", "lab", "prod", "seed"]
    assert load_site(None, root=root, environ={}).name == "prod"


def test_the_environment_then_the_choice(project):
    root = project("prod", "test")
    assert load_site(None, root=root, environ={"MOORAGE_INVENTORY": "test"}).name == "test"
    assert load_site("prod", root=root, environ={"MOORAGE_INVENTORY": "test"}).name == "prod"


def test_by_path_of_file_or_folder(project, tmp_path):
    root = project("prod")
    folder = root / "inventories" / "prod"
    elsewhere = tmp_path / "elsewhere"
    for choice in (folder, folder / "site.yml"):
        site = load_site(str(choice), root=elsewhere, environ={})
        assert site.path == folder / "site.yml"


def test_a_path_relative_to_the_current_directory(project, monkeypatch):
    root = project("prod")
    monkeypatch.chdir(root / "inventories")
    assert load_site("./prod", root=root / "none", environ={}).name == "prod"


@pytest.mark.parametrize("choice", [".", ".."])
def test_dots_are_folders_and_no_names(project, monkeypatch, tmp_path, choice):
    root = project("prod")
    (tmp_path / "inventories" / "site.yml").write_text("of nobody")
    monkeypatch.chdir(root / "inventories" / "prod")
    (tmp_path / "else" / "in").mkdir(parents=True)

    assert load_site(".", root=root, environ={}).name == "prod"
    monkeypatch.chdir(tmp_path / "else" / "in")
    with pytest.raises(Refused, match="there is no inventory") as caught:
        load_site(choice, root=root, environ={})
    assert "cp inventories" not in caught.value.hint


@pytest.mark.parametrize(
    "names,choice,environ,said",
    [
        (("prod", "test"), None, {}, ["more than one", "prod, test", "--inventory"]),
        (("example",), None, {}, ["no inventory of yours", "copy", "example"]),
        (("prod",), "prdo", {}, ['"prdo"', "did you mean prod?", "--inventory"]),
        (("prod",), None, {"MOORAGE_INVENTORY": "x"}, ["MOORAGE_INVENTORY", '"x"', "prod"]),
        ((), None, {}, ["no inventory of yours", "none"]),
    ],
)
def test_what_is_said_when_it_is_not_clear(project, names, choice, environ, said):
    with pytest.raises(Refused) as caught:
        load_site(choice, root=project(*names), environ=environ)
    text = "\n".join(caught.value.lines())
    assert [part for part in said if part not in text] == []
    assert caught.value.exit_code == ExitCode.REFUSED


def test_a_folder_without_site_yml(project):
    root = project("prod")
    (root / "inventories" / "new").mkdir()
    with pytest.raises(Refused, match=r"new has no site\.yml"):
        load_site("new", root=root, environ={})


def test_a_directory_in_the_place_of_the_file(project):
    root = project("prod")
    (root / "inventories" / "odd" / "site.yml").mkdir(parents=True)
    with pytest.raises(Refused):
        load_site("odd", root=root, environ={})
