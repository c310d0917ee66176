"""The export file: one line, and never open to the world by a slip in the template."""

import pytest

from moorage import documents
from moorage.config.render import Templates
from moorage.errors import TemplateError


def test_one_line_for_the_one_path(site, render_all):
    found = site(
        storage={
            "clients": ["10.0.0.11", "fd00::/64", "10.0.0.11", "node.example.com"],
            "export_options": ["rw", "sync"],
        }
    )
    text = render_all(found)[2]
    comment, line = text.splitlines()
    assert comment.startswith("# Managed by Moorage for the stack registry")
    assert line == "/srv/nexus 10.0.0.11(rw,sync) fd00::/64(rw,sync) node.example.com(rw,sync)"
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_its_path_has_the_stack_in_it(site):
    found = site(stack={"name": "nexus2"})
    assert documents.exports_path(found) == "/etc/exports.d/moorage-nexus2.exports"


@pytest.mark.parametrize(
    "template,said",
    [
        ("{{ path }} 10.0.0.1 ({{ options }})\n", "client(options)"),
        ("{{ path }} *({{ options }})\n", "client(options)"),
        ("{{ path }} ({{ options }})\n", "client(options)"),
        ("{{ path }} 10.0.0.1()\n", "client(options)"),
        ("{{ path }} 10.0.0.1\n", "client(options)"),
        ("{{ path }}\n", "client(options)"),
        ("{{ path }} a(rw)\n/other a(rw)\n", "one line, for /srv/nexus"),
        ("/other a(rw)\n", "one line, for /srv/nexus"),
        ("# nothing\n", "one line, for /srv/nexus"),
    ],
)
def test_a_template_that_would_export_too_much_is_refused(site, tmp_path, template, said):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "exports.j2").write_text(template)
    with pytest.raises(TemplateError) as caught:
        documents.exports(site(), Templates(tmp_path))
    assert "exports.j2: " in caught.value.message
    assert said in caught.value.message
