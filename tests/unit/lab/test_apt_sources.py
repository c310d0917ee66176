"""The host's own package sources are found in both of apt's formats, and others' are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.apt_sources import codename, host_sources
from lab.errors import LabError

STANZA = """\
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://other.example/tool
Suites: bookworm
Components: stable

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "os-release").write_text('ID=debian\nVERSION_CODENAME="bookworm"\n')
    return tmp_path


def test_codename_without_quotes(etc):
    assert codename(etc) == "bookworm"


def test_a_release_without_a_codename_is_refused(etc):
    (etc / "os-release").write_text("ID=arch\n")
    with pytest.raises(LabError, match="Debian or Ubuntu"):
        codename(etc)


def test_stanzas_give_one_line_for_each_suite(etc):
    (etc / "apt/sources.list.d/debian.sources").write_text(STANZA)
    signed = "[signed-by=/usr/share/keyrings/some.gpg]"
    assert host_sources(etc).splitlines() == [
        f"deb {signed} http://mirror.example/debian bookworm main",
        f"deb {signed} http://mirror.example/debian bookworm-updates main",
    ]


def test_one_line_entries_keep_the_signing_key_alone(etc):
    (etc / "apt/sources.list").write_text(
        "deb [arch=amd64 signed-by=/k.gpg] http://a.example/u bookworm main universe # mine\n"
        "deb-src http://a.example/u bookworm main\n"
        "deb http://a.example/u bookworm-backports main\n"
        "# deb http://a.example/u bookworm main\n"
    )
    assert host_sources(etc) == "deb [signed-by=/k.gpg] http://a.example/u bookworm main universe\n"


def test_the_same_entry_twice_comes_once(etc):
    (etc / "apt/sources.list").write_text("deb http://a.example/u bookworm main\n" * 2)
    assert host_sources(etc) == "deb http://a.example/u bookworm main\n"


def test_no_source_for_this_release_is_an_error(etc):
    (etc / "apt/sources.list").write_text("deb http://a.example/u trixie main\n")
    with pytest.raises(LabError, match="no apt source for bookworm"):
        host_sources(etc)
