"""Mistakes in an inventory: all at once, each with its place and what would be right."""

import pytest

from moorage.config.validate import site_from
from moorage.errors import InventoryError
from moorage.exit_codes import ExitCode

MANY_MISTAKES = """\
schema: 1
hosts:
  nfs:
    nas: {address: 10.0.0.10, prot: 22}
  managers:
    swarm1: {address: 10.0.0.300}
    swarm1: {address: 10.0.0.3}
nexus:
  versoin: 3.94.0
  domain: nexus.example.com
registry:
  domain: registry.example.com
  repositories:
    own: {type: hostd}
storage:
  export: /srv/nexus
  clients: 10.0.0.0/33
ingress:
  version: 3.10
  routing: splt
"""


def test_all_in_one_go_with_their_places(problems_of):
    found, report = problems_of(MANY_MISTAKES)
    assert found == [
        '4:31: hosts.nfs.nas.prot: "prot" is not a key here (did you mean port?)',
        (
            '6:23: hosts.managers.swarm1.address: "10.0.0.300" is neither an IP address nor '
            "a host name"
        ),
        "7:5: hosts.managers.swarm1: swarm1 is there already, on line 6",
        "8:1: nexus.version: this key is missing",
        '9:3: nexus.versoin: "versoin" is not a key here (did you mean version?)',
        '14:17: registry.repositories.own.type: "hostd" is none of "hosted", "proxy", "group"',
        '17:12: storage.clients[0]: "10.0.0.0/33" is not a CIDR (prefix ≤ 32)',
        '19:12: ingress.version: a text is needed here, and 3.10 is none to YAML: write "3.10"',
        (
            '20:12: ingress.routing: "splt" is not "split", "split-safe", "namespaces", '
            '"two-names" or "path" (did you mean split?)'
        ),
    ]
    assert "9 mistakes in the inventory" in report
    assert "    clients: 10.0.0.0/33\n               ^" in report.replace("\n  ", "\n")


def test_the_file_as_the_operator_types_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InventoryError) as caught:
        site_from(tmp_path / "inventories" / "prod" / "site.yml", b"schema: 2")
    assert caught.value.lines()[-3].strip() == "schema: 2"
    assert "inventories/prod/site.yml:1:9: schema: 2 is not 1" in "\n".join(caught.value.lines())
    assert str(tmp_path) not in "\n".join(caught.value.lines())
    assert caught.value.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize(
    "old,new,said",
    [
        ("nas: {address: 10.0.0.10}", "nas: {address: 10.0.0.10, sudo: yes}",
         "4:37: hosts.nfs.nas.sudo: true or false is needed here: yes is a text in YAML 1.2"),
        ("nas: {address: 10.0.0.10}", "nas: {address: 10.0.0.10, port: 1:30}",
         ("4:37: hosts.nfs.nas.port: a whole number is needed here: 1:30 is a text in YAML 1.2, "
         "not a number to base 60")),
        ("nas: {address: 10.0.0.10}", "nas: {address: 10.0.0.10, port: '22'}",
         '4:37: hosts.nfs.nas.port: a whole number is needed here: "22" in quotes is a text'),
        ("nas: {address: 10.0.0.10}", "nas: {address: 10.0.0.10, port: many}",
         '4:37: hosts.nfs.nas.port: a whole number is needed here, not "many"'),
        ("nas: {address: 10.0.0.10}", "nas: {address: 10.0.0.10, port: 0}",
         "4:37: hosts.nfs.nas.port: 0 is out of range: at least 1"),
        ("nas: {address: 10.0.0.10}", "nas:",
         "5:3: hosts.nfs.nas: a map of keys is needed here, there is nothing"),
        ("nas: {address: 10.0.0.10}", "nas: {address: [10.0.0.10]}",
         "4:20: hosts.nfs.nas.address: a text is needed here, not a list"),
        ("  version: 3.94.0", "  version: 3.94",
         '8:12: nexus.version: a text is needed here, and 3.94 is none to YAML: write "3.94"'),
        ("  version: 3.94.0", "  version: latest",
         '8:12: nexus.version: "latest" is not a version of Nexus such as 3.94.0'),
        ("  export: /srv/nexus", "  export: /srv/nexus\n  mode: 0750",
         ('14:9: storage.mode: 0750 is read differently by different programs: write "0750" for '
         "a text, or a plain number without leading zeros, colons or underscores")),
        ("  export: /srv/nexus", "  export: /etc",
         ('13:11: storage.export: "/etc" is never exported: name a directory of its own, '
         "/srv/nexus say")),
        ("  export: /srv/nexus", "  export: /srv/nexus\n  clients: []",
         "14:12: storage.clients: at least 1 is needed here"),
        ('version: "3.7"', 'version: "4.0"',
         '15:12: ingress.version: "4.0" is not a version such as 1.7, 2.11 or 3.7, or auto'),
        ('version: "3.7"', 'version: "3.7"\n  network: pro xy',
         ('16:12: ingress.network: "pro xy" is not a name: letters, digits, ".", "_" and "-" '
          "only, a letter or digit first")),
        ('version: "3.7"', 'version: "3.7"\n  network: "proxy\\n"',
         ('16:12: ingress.network: "proxy\\n" is not a name: letters, digits, ".", "_" and "-" '
          "only, a letter or digit first")),
        ("schema: 1", "schema: !!binary x",
         "1:9: schema: a type with ! is not read here: leave it out"),
        ("schema: 1", "schema: 1\n<<: {api: direct}",
         "2:1: : << is not read here: write the keys out"),
        ("schema: 1", "schema: 1\n5: five",
         '2:1: 5: 5 is not a text to YAML: as a key write "5"'),
        ("    nas:", "    other: {address: a}\n    nas:",
         "4:5: hosts.nfs: at most 1 may stand here, there are more"),
    ],
)  # fmt: skip
def test_one_mistake_in_plain_words(problems_of, least, old, new, said):
    assert old in least
    found, _ = problems_of(least.replace(old, new, 1))
    assert found == [said]


CROSS = [
    ("swarm1:", "nas:", '6:10: hosts.managers.nas: "nas" is already a host of hosts.nfs'),
    ("  domain: registry", "  domain: nexus", "registry.domain:"),
    ("  domain: registry.example.com\n",
     ("  domain: registry.example.com\n  repositories: {own: {type: hosted, port: 5}, "
     "all: {type: group, port: 6, members: [own, hub]}}\n"),
     'registry.repositories.all.members[1]: "hub" is not a repository here: known are own'),
    ("  domain: registry.example.com\n",
     "  domain: registry.example.com\n  repositories: {own: {type: hosted, port: 8081}}\n",
     "12:44: registry.repositories.own.port: 8081 is already the port of Nexus itself"),
    ("ingress:", "stack: {placement: {nodes: swarm7}}\ningress:",
     '14:28: stack.placement.nodes[0]: "swarm7" is not a manager or node here'),
    ("ingress:", 'stack: {compose_version: "3.6"}\ningress:',
     "14:26: stack.compose_version: stack.update needs at least 3.7"),
    ("nexus:\n", "nexus:\n  environment: {INSTALL4J_ADD_VM_PARAMS: -Xmx1g}\n",
     "8:42: nexus.environment.INSTALL4J_ADD_VM_PARAMS: nexus.memory sets it already"),
]  # fmt: skip


@pytest.mark.parametrize("old,new,said", CROSS)
def test_contradictions_between_parts(problems_of, least, old, new, said):
    found, _ = problems_of(least.replace(old, new, 1))
    assert [problem for problem in found if said in problem], found


@pytest.mark.parametrize(
    "text,said",
    [
        ("", "1:0: : this file is empty: copy inventories/example/site.yml and edit it"),
        ("# nothing\n", ("1:1: : there is no key in this file: copy inventories/example/site.yml "
         "and edit it")),
        ("- a\n", "1:1: : an inventory is a map of keys such as hosts: and nexus:, not a list"),
        ("a: 1\n\tb: 2\n", "2:1: : a tab cannot indent in YAML: use spaces"),
        ("a: 1\n---\nb: 2\n", "2:1: : a second document begins here: one file is one site"),
        ("a: 1\nb: 'x\nc: 2\n", "2:4: : this is not YAML: what begins here has no end"),
        ("a: b: c\n", "1:5: : this is not YAML: mapping values are not allowed here"),
        ("a: \x07\n", "1:4: : this is not YAML: the control character U+0007 is not allowed"),
        ("%YAML 1.1\n---\na: yes\n", ("1:1: : this is not YAML: leave the line with % out: "
         "YAML 1.2 is read here")),
        (b"a: 1\nb: \xe9\n", "2:4: : this file is not UTF-8: byte 0xe9 is not text"),
        ("[" * 5000, "1:41: : this is not YAML: lists and maps are nested too deeply"),
        ('a: "\\UFFFFFFFF"', "1:3: : this is not YAML: an escape or tag in it is not YAML"),
    ],
)  # fmt: skip
def test_files_that_are_no_inventory_at_all(problems_of, text, said):
    assert problems_of(text)[0] == [said]


def test_aliases_are_read_but_not_circles_or_bombs(problems_of, site_of, least):
    shared = least.replace("{address: 10.0.0.11}", "&m {address: 10.0.0.11}").replace(
        "nexus:\n", "  nodes: {swarm2: *m}\nnexus:\n", 1
    )
    assert site_of(shared).hosts.nodes["swarm2"].address == "10.0.0.11"
    assert "1:4: a[0]: this alias leads back to itself" in problems_of("a: &a [*a]")[0]
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
        for old, new in zip("abcdef", "bcdefg", strict=True)
    )
    assert "more than 20000 values" in problems_of(bomb)[0][0]


@pytest.mark.parametrize("text", ["a\\tb", "a\\nb\\tc", "\\n"])
def test_line_breaks_and_tabs_of_the_operators_stay_in_one_problem(problems_of, least, text):
    """Both in a field's own check and in that of the whole."""
    whole = least.replace("  domain: registry.example.com\n", (
        "  domain: registry.example.com\n  repositories:\n    private: {type: hosted, port: 1}\n"
        f'    all: {{type: group, port: 2, members: ["{text}"]}}\n'))  # fmt: skip
    for content, field in (
        (least.replace("/srv/nexus", f'"{text}"'), "storage.export"),
        (whole, "registry.repositories.all.members[0]"),
    ):
        found, _ = problems_of(content)
        (problem,) = found
        assert f": {field}: " in problem
        assert text in problem


def test_a_contradiction_points_into_a_thing_whose_name_has_a_dash(problems_of, least):
    content = least.replace("  domain: registry.example.com\n", (
        "  domain: registry.example.com\n  repositories:\n    a-1: {type: hosted, port: 1}\n"
        "    b-2: {type: hosted, port: 1}\n"))  # fmt: skip
    found, _ = problems_of(content)
    assert any(": registry.repositories.b-2.port: 1 is already the port of a-1" in one
               for one in found)  # fmt: skip
