"""Whatever is wrong with an inventory, a secret that was written into it is not shown."""

import pytest

from moorage.errors import InventoryError

SECRET = "hunter2"


@pytest.mark.parametrize(
    "old,new",
    [
        ("nexus:\n", "nexus:\n  admin_password: hunter2\n"),
        ("nexus:\n", "nexus:\n  admin_password: env:X hunter2\n"),
        ("nexus:\n", "nexus:\n  admin_password: {value: hunter2}\n"),
        ("nexus:\n", "nexus:\n  admin_password: [hunter2]\n"),
        ("nexus:\n", "nexus:\n  admin_password: !hunter2 x\n"),
        ("nexus:\n", "nexus:\n  admin_password: *hunter2\n"),
        ("nexus:\n", "nexus:\n  admin_password: 'hunter2\n"),
        ("nexus:\n", 'nexus:\n  admin_password: "hunter2\\q"\n'),
        ("nexus:\n", "nexus:\n  admin_password: |\n    hunter2\n  uid: x\n"),
        ("nexus:\n", "nexus:\n  admin_password: >-\n    hunter2\n\tuid: x\n"),
        ("nexus:\n", "nexus:\n  admin_pasword: hunter2\n"),
        ("nexus:\n", "nexus:\n  password: hunter2\n"),
        ("nexus:\n", "nexus:\n  admin_password: env:A\n  admin_password: hunter2\n"),
        ("nexus:\n", "nexus:\n  environment: {DB_PASSWORD: [hunter2]}\n"),
        ("nexus:\n", "nexus:\n  environment: {DB_TOKEN: hunter2, OTHER: 1}\n"),
        ("nexus:\n  version: 3.94.0", "nexus: {version: 3, admin_password:\n  hunter2, domian: x}"),
        ("nexus:\n  version: 3.94.0", "nexus: {version: 3, admin_password: hunter2, x: 1}"),
        (
            "nexus:\n  version: 3.94.0\n  domain: nexus.example.com",
            "nexus: {version: 3.94.0, admin_password: env:A, admin_password:\n  hunter2, x: 1}",
        ),
        (
            "nexus:\n  version: 3.94.0\n  domain: nexus.example.com",
            "nexus: {version: 3, domain: -, admin_password:\n  hunter2, x: 1}",
        ),
        ('  version: "3.7"', '  version: "3.7"\n  routing: https://me:hunter2@example.com'),
        ("schema: 1", "schema: 1\nsudo_password: hunter2"),
        ("schema: 1", "schema: 1\nx: &p hunter2\nssh: {sudo_password: *p}"),
        ("{address: 10.0.0.11}", "{address: 10.0.0.11, sudo_password: hunter2}"),
        ("  domain: registry.example.com",
         ("  domain: registry.example.com\n  repositories:\n"
         "    hub: {type: proxy, remote: 'https://me:hunter2@hub.example.com'}")),
        ("  domain: registry.example.com",
         ("  domain: registry.example.com\n  repositories:\n"
         "    hub: {type: proxy, remote: 'ftp://me:hunter2@hub.example.com'}")),
    ],
)  # fmt: skip
def test_no_message_or_excerpt_has_it(site_of, least, old, new):
    assert old in least
    text = least.replace(old, new, 1)
    assert SECRET in text
    with pytest.raises(InventoryError) as caught:
        site_of(text)
    assert SECRET not in "\n".join(caught.value.lines())


def test_other_lines_are_still_quoted(problems_of, least):
    text = least.replace("nexus:\n", "nexus:\n  admin_password: env:ADMIN\n  uid: x\n", 1)
    assert "      uid: x\n" in problems_of(text)[1]


def test_what_a_terminal_would_obey_is_written_out(problems_of, least):
    _, report = problems_of(least + 'odd: "\\e[31m"\n"\\e[2J": 1\n')
    assert "\x1b" not in report
