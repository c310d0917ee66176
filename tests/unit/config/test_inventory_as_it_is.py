"""Keys that keep what was set up by hand as it is."""

from __future__ import annotations

import pytest

from moorage import documents
from moorage.choice import applicable
from moorage.errors import Refused


def test_the_image_is_none_of_them(problems_of, least):
    found, _ = problems_of(f"{least}stack: {{further: {{image: other}}}}\n")
    assert "stack.further.image" in found[0]


def test_a_given_image_needs_its_tag(problems_of, least):
    text = least.replace("version: 3.94.0", "version: 3.94.0\n  image: {distribution: given}")
    found, _ = problems_of(text)
    assert "nexus.image.tag" in found[0]


def test_the_servers_place_among_the_mount_options_is_kept(site_of, least, problems_of):
    volume = least.replace("export: /srv/nexus", "export: /srv/nexus\n  volume: {options: OPTIONS}")
    first, later, wrong = (volume.replace("OPTIONS", text) for text in (
        "[nolock, soft]", "[nolock, addr, soft]", '["addr=10.0.0.1"]'))  # fmt: skip

    assert documents.volume(site_of(first)).o == "addr=10.0.0.10,nolock,soft"
    assert documents.volume(site_of(later)).o == "nolock,addr=10.0.0.10,soft"
    assert "storage.volume.server" in problems_of(wrong)[0][0]


def test_a_given_image_is_no_step_of_its_own(site_of, least):
    given = "version: 3.94.0\n  image: {distribution: given, tag: '1'}"
    site = site_of(least.replace("version: 3.94.0", given))

    assert applicable(site, ["nfs", "image", "stack"]) == ["nfs", "stack"]
    with pytest.raises(Refused, match="is given"):
        applicable(site, ["image"])
