"""Finds the apt sources of this machine's own distribution, for the guests to use too."""

from __future__ import annotations

from pathlib import Path

from .errors import LabError

ETC = Path("/etc")
COMPONENTS = ("main", "universe")
"""Where Debian and Ubuntu keep what the guests need; third parties use other names mostly."""


def codename(etc: Path = ETC) -> str:
    """Code name of this machine's release, from os-release.

    Raises:
        LabError: os-release has no VERSION_CODENAME: not Debian or Ubuntu.
    """
    for line in (etc / "os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise LabError("/etc/os-release names no VERSION_CODENAME: the lab needs Debian or Ubuntu")


def host_sources(etc: Path = ETC) -> str:
    """The host's entries for its own release, in the one-line form of apt.

    Entries of other suites (third parties, backports of another release) stay out. Options
    beside Signed-By are dropped. The guests are of the same release as the host.

    Raises:
        LabError: Nothing in /etc/apt is for this release.
    """
    name = codename(etc)
    apt = etc / "apt"
    lines: list[str] = []
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]:
        lines += _one_line_entries(path, name)
    for path in sorted((apt / "sources.list.d").glob("*.sources")):
        for stanza in path.read_text().split("\n\n"):
            lines += _stanza_entries(stanza, name)
    if not lines:
        raise LabError(f"no apt source for {name} in {apt}")
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _one_line_entries(path: Path, name: str) -> list[str]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        words = line.split("#")[0].replace("[", "[ ").replace("]", " ]").split()
        if words[:1] != ["deb"]:
            continue
        options, rest = _options(words[1:])
        parts = [part for part in rest[2:] if part in COMPONENTS]
        if parts and _of_release(rest[1], name):
            found.append(_entry(rest[0], rest[1], parts, options.get("signed-by", "")))
    return found


def _options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    if words[:1] != ["["]:
        return {}, words
    end = words.index("]")
    pairs = (word.partition("=") for word in words[1:end])
    return {key.lower(): value for key, _, value in pairs}, words[end + 1 :]


def _stanza_entries(stanza: str, name: str) -> list[str]:
    lines = [line for line in stanza.splitlines() if not line.startswith("#")]
    fields = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if colon and not line.startswith(" "):
            fields[key.strip().lower()] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
        return []
    parts = [part for part in fields.get("components", "").split() if part in COMPONENTS]
    if not parts:
        return []
    return [
        _entry(uri, suite, parts, fields.get("signed-by", ""))
        for uri in fields.get("uris", "").split()
        for suite in fields.get("suites", "").split()
        if _of_release(suite, name)
    ]


def _of_release(suite: str, name: str) -> bool:
    return suite in {name, f"{name}-updates", f"{name}-security"}


def _entry(uri: str, suite: str, parts: list[str], signed_by: str) -> str:
    option = f"[signed-by={signed_by}] " if signed_by else ""
    return f"deb {option}{uri} {suite} {' '.join(parts)}"
