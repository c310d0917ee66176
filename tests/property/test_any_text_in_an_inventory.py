"""Whatever stands in an inventory's fields: refused with a clear error, or arriving as it is.

Every text and every name of the example is replaced, one at a time, by what shells, YAML, templates
and URLs trip over. What the schema takes must be in the documents byte for byte without changing
anything else of them, and in each script's variables as a real shell reads them.
"""

from __future__ import annotations

import copy
import io
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import requests
from hypothesis import HealthCheck, example, given, settings, strategies
from ruamel.yaml import YAML

from moorage import documents
from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.errors import InventoryError, TemplateError
from moorage.order import Assembly
from moorage.steps.nexus.api import REST
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Templates(ROOT)
AWKWARD = [
    "'", '"', "\\", "$HOME", "$(touch /tmp/made)", "`touch made`", "; touch made", "a\nb", "\r\n",
    "{{ 7*7 }}", "{% raw %}", "#", "a: b", "- x", "&a", "*a", "!!python/object", "%s", "%2e%2e",
    "../../etc", "..", ".", "é\N{PILE OF POO}", "\u202e", "\u0000", "\x1b[2J", "\u2028", "\ufeff",
    "~", "null", "yes", "0x1", "1e3", "a,b", "a b", "--flag", "*(rw,no_root_squash)", "|", ">",
    "Host(`x`) || Host(`y`)", "x" * 10_240, "'" * 10_240, "$" * 9, "a@b", "http://u:p@h/", "",
]  # fmt: skip
texts = strategies.sampled_from(AWKWARD) | strategies.text(
    strategies.characters(exclude_categories=("Cs",)), max_size=40
)


@cache
def example_data():
    yaml = YAML(typ="safe", pure=True)
    return yaml.load((ROOT / "inventories/example/site.yml").read_text(encoding="utf-8"))


def ways(value, way=()):
    """The ways to all texts, with True, and to all names of things, with False."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*way, key), False
            yield from ways(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from ways(inner, (*way, number))
    elif isinstance(value, str):
        yield way, True


WAYS = list(ways(example_data()))


def with_text(way, text, *, value):
    """The example with another text at one place."""
    data = copy.deepcopy(example_data())
    at = data
    for step in way[:-1]:
        at = at[step]
    if value:
        at[way[-1]] = text
    else:
        renamed = {(text if key == way[-1] else key): inner for key, inner in at.items()}
        at.clear()
        at.update(renamed)
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    return out.getvalue()


def shape(value):
    """Which keys there are, and how many of each list."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return len(value) if isinstance(value, list) else None


def leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield str(value)


def instructions(dockerfile):
    return [line.split(" ")[0] for line in dockerfile.splitlines() if line[:1].isupper()]


def compose(site):
    image = documents.image_reference(site, documents.dockerfile(site, TEMPLATES))
    return YAML(typ="safe", pure=True).load(documents.stack(site, TEMPLATES, image))


@cache
def usual():
    site = load_site("example", root=ROOT, environ={})
    return (
        compose(site), documents.dockerfile(site, TEMPLATES), documents.exports(site, TEMPLATES),
    )  # fmt: skip


def check_documents(site, way, text):
    stack, dockerfile, exports = usual()
    try:
        seen = compose(site)
        made = documents.dockerfile(site, TEMPLATES)
        table = documents.exports(site, TEMPLATES)
    except TemplateError:
        return
    if way[0] in {"nexus", "storage", "ingress"} and way[1] not in {"environment", "labels"}:
        # a name in the file is one of its keys, so only values are compared by shape
        assert shape(seen) == shape(stack)
    assert instructions(made) == instructions(dockerfile)
    assert len(table.splitlines()) == len(exports.splitlines())
    if way[:2] == ("nexus", "environment") and len(way) == 3:
        found = [leaf.replace("$$", "$") for leaf in leaves(seen)]
        names = {name for service in seen["services"].values()
                 for name in service.get("environment") or {}}  # fmt: skip
        assert text in found or text in names


def check_scripts(site):
    """What a real shell reads from the variables of all that is asked of hosts."""
    fleet = type("Fleet", (), {"web": lambda *_, **__: None})()
    assembly = Assembly(site, fleet, TEMPLATES, lambda _: Secret("x"), next(iter(
        site.hosts.managers)))  # fmt: skip
    for name in ("nfs", "image", "stack"):
        for probe in set(map(id, (probes := assembly.step(name).probes()).values())):
            script = next(one for one in probes.values() if id(one) == probe).script()
            head, _, _ = script.text().partition("\nmoorage() {")
            names = list(script.variables)
            asked = "\n".join(f"printf '%s\\0' \"${word}\"" for word in names)
            done = subprocess.run(["sh", "-s"], input=f"{head}\n{asked}\n".encode(),
                                  capture_output=True, check=False)  # fmt: skip
            assert done.stderr == b""
            values = dict(zip(names, done.stdout.decode().split("\0"), strict=False))
            for word, value in script.variables.items():
                if isinstance(value, str):
                    assert values[word] == value
            parsed = subprocess.run(["sh", "-n"], input=script.text().encode(),
                                    capture_output=True, check=False)  # fmt: skip
            assert parsed.returncode == 0, parsed.stderr


def check_addresses(site):
    """Names that stand in the path of a request arrive as one part of it."""
    for name in (*site.nexus.users, *site.nexus.roles, *site.nexus.blob_stores,
                 *site.registry.repositories):  # fmt: skip
        path = f"{REST}/security/users/{name}"
        address = requests.Request("PUT", f"http://nexus.test{path}").prepare()
        parts = address.path_url.split("/")
        assert len(parts) == len(REST.split("/")) + 3
        assert unquote(parts[-1]) == name
        assert not {";", "?", "#"} & set(parts[-1])
        assert parts[-1] not in {".", ".."}
        assert name.isprintable()


@example((("nexus", "users", "ci"), False), "..")
@example((("nexus", "users", "ci"), False), "a;b")
@example((("nexus", "users", "ci"), False), "a\x1b[2Jb")
@example((("nexus", "roles", "developers"), False), ".")
@example((("storage", "export"), True), "/srv/a b\nc")
@example((("storage", "export_options", 0), True), "a\rb")
@example((("storage", "volume", "options", 0), True), "a\x7fb")
@given(strategies.sampled_from(WAYS), texts)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_text_is_refused_or_arrives(place, text):
    way, value = place
    site, problems = None, ()
    try:
        content = with_text(way, text, value=value).encode()
        site = site_from(Path("site.yml"), content)
    except InventoryError as refusal:
        problems = refusal.problems
    if site is None:
        assert problems
        assert all(problem.message and problem.line for problem in problems)
        return
    check_documents(site, way, text)
    check_addresses(site)
    check_scripts(site)
