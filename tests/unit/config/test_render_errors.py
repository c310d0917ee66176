"""Templates that do not render: file, line, and what was probably meant."""

import pytest

from moorage.config.render import Templates, for_compose
from moorage.errors import TemplateError
from moorage.exit_codes import ExitCode


@pytest.fixture
def templates(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "templates"
    folder.mkdir()

    def make(text, name="stack.yml.j2"):
        (folder / name).write_text(text)
        return Templates(tmp_path)

    return make


def message(templates, **context):
    with pytest.raises(TemplateError) as caught:
        templates.render("stack.yml.j2", **context)
    assert caught.value.exit_code == ExitCode.REFUSED
    return caught.value.message


def test_an_undefined_attribute_on_its_line(templates):
    text = "\n" * 22 + "x: {{ stack.hostt }}\n"
    assert message(templates(text), stack={"host": "a", "name": "b"}) == (
        "templates/stack.yml.j2:23: 'hostt' is undefined on stack (did you mean host?)"
    )


def test_an_undefined_field_of_a_model(templates, site_of):
    said = message(templates("a\nb\n{{ site.nexus.domian }}\n"), site=site_of())
    assert said == (
        "templates/stack.yml.j2:3: 'domian' is undefined on site.nexus (did you mean domain?)"
    )


@pytest.mark.parametrize(
    "text,said",
    [
        ("{{ stak.name }}", "1: 'stak' is undefined (did you mean stack?)"),
        ("{{ zzz }}", "1: 'zzz' is undefined"),
        ("\n{% if stack.hostt %}x{% endif %}", "2: 'hostt' is undefined on stack"),
        ("\n{% for x in stack.hosts %}x{% endfor %}", "2: 'hosts' is undefined on stack"),
        ("{{ stack['nam'] }}", "1: 'nam' is undefined on stack (did you mean name?)"),
        ("{{ stack.zzz.yyy }}", "1: 'zzz' is undefined on stack"),
        ("a\n{% if %}\n", "2: Expected an expression"),
        ("a\n{% endfor %}\n", "2: Encountered unknown tag 'endfor'"),
        ("{{ 'a' | nofilter }}", "1: No filter named 'nofilter'"),
        ("\n\n{{ 1 / 0 }}", "3: division by zero"),
        ("\n{{ stack.name + 1 }}", '2: can only concatenate str (not "int") to str'),
        ("\n{{ none_there }}", "2: this is null in the inventory"),
        ("{% include 'other.j2' %}", "other.j2: there is no such template"),
    ],
)
def test_what_else_goes_wrong(templates, text, said):
    context = {"stack": {"name": "b"}, "none_there": None}
    assert said in message(templates(text), **context)


def test_a_template_that_is_not_there(templates):
    with pytest.raises(TemplateError, match=r"templates/none\.j2: there is no such template"):
        templates("x").render("none.j2")


def test_the_line_within_an_included_template(templates):
    templates("a\n\n{{ zzz }}\n", name="part.j2")
    found = templates("{% include 'part.j2' %}")
    with pytest.raises(TemplateError, match=r"templates/part\.j2:3: 'zzz' is undefined"):
        found.render("stack.yml.j2")


def test_defined_tests_and_newlines_are_kept(templates):
    text = "{% if stack.zzz is defined %}no{% else %}\nyes\n{% endif %}\nend\n"
    assert templates(text).render("stack.yml.j2", stack={}) == "yes\nend\n"


@pytest.mark.parametrize(
    "text,written",
    [
        ("plain-word.x/y", "plain-word.x/y"), ("no", '"no"'), ("3.8", '"3.8"'), ("", '""'),
        ("$HOME", '"$$HOME"'), ("a: b", '"a: b"'), ('say "x"', r'"say \"x\""'), ("a\nb", r'"a\nb"'),
        ("Null", '"Null"'), ("ü", '"ü"'),
    ],
)  # fmt: skip
def test_texts_for_a_compose_file(text, written):
    assert for_compose(text) == written


@pytest.mark.parametrize(
    "word", ["y", "N", "yes", "No", "on", "off", "OFF", "true", "False", "null", "NULL"]
)
def test_words_that_some_yaml_takes_for_booleans_are_quoted(word):
    assert for_compose(word) == f'"{word}"'
