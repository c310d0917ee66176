"""Mangles inventories, and says what their loader may do with them: the one judge of all fuzzing.

A site, or an error of Moorage's own with file, line and hint, in bounded time; nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from moorage.config.schema.site import Site
from moorage.config.validate import site_from
from moorage.errors import InventoryError

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = [path.read_bytes() for path in sorted((ROOT / "inventories").glob("*/site.yml"))]
SECONDS = 20.0
"""Of a processor, for one file: many times what the largest one takes on a machine at work."""

TRAPS = [
    b"yes", b"no", b"on", b"~", b"null", b"", b"017", b"0x1f", b"0o17", b"1:30", b"1_000", b"1e3",
    b".inf", b".nan", b"2026-01-01", b"=", b"<<", b"-", b"?", b"!!python/object:os.system x",
    b"!!binary aGk=", b"!!set {a}", b"!x y", b"!<>", b"&a x", b"*a", b"&a [*a]", b"&a {b: *a}",
    b"|", b">-", b"|9", b"'", b'"', b'"\\x"', b'"\\UFFFFFFFF"', b"{a: b", b"[a, b", b"[[[]]]",
    b"{}", b"[]", b"{a: {b: {c: {}}}}", b"a: b: c", b"#", b"x #", b"%YAML 1.1", b"---", b"...",
    b"-1", b"0", b"9" * 30, b"9" * 5000, b"1" + b"0" * 400 + b".0", b"x" * 5000, b"$HOME",
    b"{{ x }}", b"10.0.0.0/8", b"10.0.0.1", b"::1", b"..", b"a@b", b"env:", b"env:X",
    b"file:/etc/passwd", b"prompt:x", b"https://u:p@h/", b"http://[::1", b"http://h:99999/", b"1h",
    b"99999999999999h", b"1GiB", b"1e400", b"3.94.0", b"\xc3\xa9" * 40, b"\xe2\x80\xae",
    b"\xf0\x9f\x92\xa9", b"\xe2\x80\xa8", b"\xc2\x85", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xed\xa0\x80", b"\x00", b"\x07", b"\x1b[2J", b"\x7f", b"\t", b"\r", b"\xd9\xa3",
    b"[" * 200, b"{a: " * 200, b"- " * 200,
]  # fmt: skip
_BOMB = b"\n".join([
    b"a0: &a0 [x, x, x, x, x, x, x, x, x]",
    *(b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)),
])  # fmt: skip
_CHAIN = b"\n".join([b"c0: &c0 x", *(b"c%d: &c%d [*c%d]" % (n, n, n - 1) for n in range(1, 300))])


def judged(content: bytes) -> Site | InventoryError:
    """What the loader makes of a file.

    Raises:
        AssertionError: neither a site nor an error that says where and what to do.
        Exception: whatever else the loader raises, which is a fault of it.
    """
    begun = time.process_time()
    found: Site | InventoryError
    try:
        found = site_from(Path("site.yml"), content)
    except InventoryError as refusal:
        found = refusal
    if isinstance(found, InventoryError):
        assert found.problems, "no mistake is named"
        assert found.hint, "no hint"
        for problem in found.problems:
            assert problem.file == "site.yml", "no file"
            assert problem.line > 0, f"no line: {problem.message}"
            assert problem.message, "no message"
        assert all(line.isprintable() for line in found.lines()), "it cannot be shown"
    spent = time.process_time() - begun
    assert spent < SECONDS, f"it took {spent:.0f} s"
    return found


def mangled(random: Random, content: bytes) -> bytes:
    """The same file after a few accidents; always the same for one state of ``random``."""
    for _ in range(random.randint(1, 4)):
        content = random.choice(_ACCIDENTS)(random, content)
    return content


def _line_lost(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    del lines[random.randrange(len(lines))]
    return b"\n".join(lines)


def _line_doubled(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
    return b"\n".join(lines)


def _lines_swapped(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _indented(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = random.choice([b" ", b"  ", b"\t", b"- ", b"? "]) + lines[at]
    return b"\n".join(lines)


def _key_renamed(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    key, colon, rest = lines[at].partition(b":")
    lines[at] = key + random.choice([b"s", b"x", b" ", b"\xc3\xa4", b"."]) + colon + rest
    return b"\n".join(lines)


def _value_replaced(random: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    key, _, _ = lines[at].partition(b":")
    lines[at] = key + b": " + random.choice(TRAPS)
    return b"\n".join(lines)


def _trap_put_in(random: Random, content: bytes) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.choice(TRAPS) + content[at:]


def _bytes_changed(random: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(min(random.randint(1, 8), len(changed))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, content: bytes) -> bytes:
    at = random.randrange(len(content) + 1)
    return random.choice([content[:at], content[at:]])


def _as_a_whole(random: Random, content: bytes) -> bytes:
    """What editors and tools do to a file: marks, line ends, encodings, a second document."""
    return random.choice([
        lambda: b"\xef\xbb\xbf" + content,
        lambda: content.replace(b"\n", b"\r\n"),
        lambda: content.replace(b"\n", b"\r"),
        lambda: content.replace(b"  ", b"\t"),
        lambda: content + b"\n---\n" + content,
        lambda: content + b"\n...\ntrailing",
        lambda: content + b"\n" + _BOMB,
        lambda: content + b"\n" + _CHAIN,
        lambda: content.decode("utf-8", "replace").encode("utf-16"),
        lambda: content.decode("utf-8", "replace").encode("latin-1", "replace") + b"\xe9",
        lambda: content.replace(b"\n", b"\x00\n", 1),
    ])()  # fmt: skip


_ACCIDENTS: list[Callable[[Random, bytes], bytes]] = [
    _line_lost, _line_doubled, _lines_swapped, _indented, _key_renamed, _value_replaced,
    _value_replaced, _trap_put_in, _bytes_changed, _cut, _as_a_whole,
]  # fmt: skip
