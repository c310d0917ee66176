"""``inv new-site``: few questions, each answer judged at once, a file whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from invoke.exceptions import Exit
from jsonschema import Draft202012Validator

from moorage import cli_new_site
from moorage.config.inventory import SCHEMA, load_site
from moorage.config.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
NEEDED = {"nfs": "ops@10.0.0.10", "manager": "swarm1=10.0.0.11",
          "registry_domain": "registry.example.com"}  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project's folder with nothing in it but the example, and nobody to ask."""
    shutil.copytree(ROOT / "inventories/example", tmp_path / "inventories/example")
    monkeypatch.setattr(cli_new_site, "ROOT", tmp_path)
    monkeypatch.setattr(cli_new_site, "there_is_one", lambda: False)
    monkeypatch.setattr("moorage.terminal.there_is_one", lambda: False)
    monkeypatch.delenv("MOORAGE_YES", raising=False)
    monkeypatch.delenv("NEXUS_ADMIN_PASSWORD", raising=False)
    return tmp_path


def refused(name="prod", yes=True, **given):
    with pytest.raises(Exit) as caught:
        cli_new_site.new_site(name, given, yes=yes)
    assert caught.value.code == 3
    return caught.value.message


def written(project, name="prod", **given):
    cli_new_site.new_site(name, {**NEEDED, **given}, yes=True)
    site = load_site(name, root=project, environ={})
    text = site.path.read_text()
    schema = json.loads((ROOT / SCHEMA).read_text())
    assert list(Draft202012Validator(schema).iter_errors(read_yaml(text).data)) == []
    return site, text


def nothing_is_left(project):
    return [path.name for path in (project / "inventories").iterdir()] == ["example"]


def test_what_is_needed_and_yes_make_an_inventory_with_good_defaults(project, capsys):
    site, _ = written(project)

    assert site.hosts.nfs["nfs"].user == "ops"
    assert list(site.hosts.managers) == ["swarm1"]
    assert site.nexus.domain == "nexus.example.com"
    assert site.nexus.version == "3.94.0"
    assert (site.ingress.version, site.ingress.network) == ("auto", "proxy")
    assert site.ingress.tls is not None
    said = capsys.readouterr().out
    assert "inventories/prod/site.yml written" in said
    assert "set before use: NEXUS_ADMIN_PASSWORD" in said
    assert "fab doctor --inventory prod" in said


def test_its_comments_are_the_models_own_words_and_editors_find_the_schema(project):
    _, text = written(project)

    lines = text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../../docs/site.schema.json"
    above = lines[lines.index("  export: /srv/nexus") - 1]
    assert above == "  # Directory on the NFS host."
    assert stat_mode(project) == 0o644


def stat_mode(project):
    return (project / "inventories/prod/site.yml").stat().st_mode & 0o777


def test_the_hosts_get_names(project):
    site, _ = written(
        project, nfs="[fd00::1]:2222", manager="10.0.0.11,10.0.0.12",
        node="edge.example.com,big=ops@10.0.0.14:22",
    )  # fmt: skip

    found = {name: (role, host.address) for name, (role, host) in site.named_hosts().items()}
    assert found == {
        "nfs": ("nfs", "fd00::1"),
        "manager1": ("manager", "10.0.0.11"),
        "manager2": ("manager", "10.0.0.12"),
        "edge": ("node", "edge.example.com"),
        "big": ("node", "10.0.0.14"),
    }
    assert site.hosts.nfs["nfs"].port == 2222


@pytest.mark.parametrize(
    "way,seen",
    [
        ("own", {}),
        ("resolver:le", {"resolver": "le"}),
        ("ca:../ca.crt", {"ca": "../ca.crt"}),
        ("private", {"ca": "ca.crt"}),
        ("none", None),
    ],
)
def test_the_ways_of_tls(project, capsys, way, seen):
    site, _ = written(project, tls=way)

    tls = site.ingress.tls
    assert (tls.model_dump(exclude_unset=True) if tls else tls) == seen
    assert (site.private_ca is not None) == (way == "private")
    assert ("ca-create" in capsys.readouterr().out) == (way == "private")
    assert site.ingress.port == (80 if way == "none" else 443)


@pytest.mark.parametrize(
    "flag,answer,said",
    [
        ("nfs", "a b", "--nfs: a b is no address: such as ops@10.0.0.10"),
        ("nfs", "a,b", "--nfs: at most 1 may stand here"),
        ("manager", "10.0.0.300", '--manager: "10.0.0.300" is neither an IP address nor a host'),
        ("manager", "", "--manager: "),
        ("node", "swarm1=10.0.0.9", '--node: "swarm1" is already a host of hosts.managers'),
        ("node", "a=10.0.0.8,a=10.0.0.9", '--node: "a" is there twice'),
        ("registry_domain", "a/b", '--registry-domain: "a/b" is not a domain name such as'),
        ("nexus_domain", "registry.example.com", "is nexus.domain already: two names"),
        ("nexus_version", "3.94", '--nexus-version: "3.94" is not a version of Nexus such as'),
        ("export", "/etc", '--export: "/etc" is never exported'),
        ("traefik_version", "4", '--traefik-version: "4" is not a version such as'),
        ("network", "a b", '--network: "a b" is not a name'),
        ("tls", "maybe", '--tls: "maybe" is none of own, resolver:NAME'),
        ("tls", "resolver:a b", '--tls: "a b" is not a name'),
    ],
)
def test_a_wrong_answer_is_refused_in_the_inventorys_words(project, flag, answer, said):
    assert said in refused(**{**NEEDED, flag: answer})
    assert nothing_is_left(project)


def test_a_password_in_the_place_of_its_reference_is_not_shown(project):
    said = refused(**NEEDED, admin_password="hunter2")
    assert "does not belong in an inventory" in said
    assert "hunter2" not in said


def test_all_wrong_flags_are_told_at_once(project):
    said = refused(nfs="a b", manager="10.0.0.300", registry_domain="-")
    assert re.findall(r"^  (--\S+): ", said, re.MULTILINE) == [
        "--manager", "--nfs", "--registry-domain"]  # fmt: skip


@pytest.mark.parametrize("name", ["../prod", "a/b", "", ".hidden", "a b"])
def test_a_name_that_is_none_is_refused(project, name):
    assert "is not a name" in refused(name, **NEEDED)
    assert nothing_is_left(project)


def test_what_is_there_is_never_written_over(project):
    before = (project / "inventories/example/site.yml").read_bytes()
    assert "is there already" in refused("example", **NEEDED)
    assert (project / "inventories/example/site.yml").read_bytes() == before

    (project / "inventories/prod").mkdir()
    (project / "inventories/prod/site.yml").symlink_to("nowhere")
    assert "is there already" in refused(**NEEDED)
    assert not (project / "inventories/prod/nowhere").exists()


def test_one_that_comes_to_be_there_meanwhile_stays(project, monkeypatch):
    path = project / "inventories/prod/site.yml"
    tried = cli_new_site._answers

    def slowly(*args, **more):
        path.parent.mkdir()
        path.write_text("somebody else's")
        return tried(*args, **more)

    monkeypatch.setattr(cli_new_site, "_answers", slowly)
    assert "is there already" in refused(**NEEDED)
    assert path.read_text() == "somebody else's"
    assert [file.name for file in path.parent.iterdir()] == ["site.yml"]


def test_without_a_terminal_the_flags_that_are_missing_are_named(project):
    said = refused(nfs="10.0.0.10")
    assert "say --manager, --registry-domain" in said
    said = refused(yes=False, **NEEDED)
    assert "say --yes" in said
    assert nothing_is_left(project)


def test_a_default_that_an_answer_spoils_is_told_by_its_flag(project):
    said = refused(**{**NEEDED, "registry_domain": "registry"})

    assert '--nexus-domain: "nexus." is not a domain name' in said
    assert "correct the flags named; nothing was written" in said
    assert "site.yml" not in said, "there is no such file"
    assert nothing_is_left(project)


def test_a_file_in_the_place_of_the_sites_folder_is_named(project):
    (project / "inventories" / "prod").write_text("a note")

    said = refused(**NEEDED)
    assert "inventories/prod is there and no folder" in said
    assert (project / "inventories" / "prod").read_text() == "a note"
