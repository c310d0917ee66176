"""Whatever the parts of a probe print, each comes back as its own."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings, strategies

from moorage.transport.base import probe_script, sections

outputs = strategies.text(
    strategies.characters(codec="utf-8", exclude_characters="\0\r"), max_size=80
)
parts = strategies.lists(
    strategies.tuples(outputs, strategies.integers(0, 255)), min_size=1, max_size=5
)


@given(parts)
@settings(max_examples=60, deadline=None)
def test_output_and_exit_code_of_every_part_come_back(given_parts):
    values = {f"v{number}": output for number, (output, _) in enumerate(given_parts)}
    script = probe_script(
        "look",
        {
            f"part{number}": f'printf %s "$v{number}"; exit {code}'
            for number, (_, code) in enumerate(given_parts)
        },
        **values,
    )

    done = subprocess.run(["sh"], input=script.text().encode(), capture_output=True, check=True)
    found = sections(done.stdout.decode())

    assert list(found) == [f"part{number}" for number in range(len(given_parts))]
    for section, (output, code) in zip(found.values(), given_parts, strict=True):
        assert section.exit_code == code
        assert section.text == output.rstrip("\n")


@given(parts, strategies.data())
@settings(max_examples=60, deadline=None)
def test_output_that_was_cut_off_gives_no_part_that_is_wrong(given_parts, data):
    boundary = "0123456789abcdef"
    whole = f"{boundary}\n" + "".join(
        f"--{boundary} part{number}\n{output}\n--{boundary} = {code}\n"
        for number, (output, code) in enumerate(given_parts)
    )
    expected = sections(whole)
    cut = data.draw(strategies.integers(0, len(whole)))

    found = sections(whole[:cut])

    assert all(expected[name] == section for name, section in found.items())
