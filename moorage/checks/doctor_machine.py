"""Findings about any host as a machine: account, system, clock, disk. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from moorage.checks.base import HERE, About, Finding
from moorage.checks.doctor_probe import Answers
from moorage.transport.base import Section

_TESTED = {
    "debian": ("12", "13"),
    "ubuntu": ("22.04", "24.04"),
    "rhel": ("9",),
}
_CLOCK_WARNING = 5.0
_CLOCK_FAILURE = 60.0
_DISK_WARNING = 15
_DISK_FAILURE = 5
_TIME_SERVICE = "run a time service on the hosts and here (chrony or systemd-timesyncd)"


def login(host: str, answers: Answers, *, needs_root: bool) -> Iterator[Finding]:
    """Which account the commands run as."""
    uid, user, by = [*answers.words("account"), "", "", ""][:3]
    yield About(host, "ssh").ok("login works, host key known")
    about = About(host, "sudo")
    if uid == "0":
        yield about.ok(f"root by sudo of {by}" if by else "not needed: the login is root's")
    elif needs_root:
        yield about.failure(
            f"commands run as {user or 'an unknown account'}, not as root",
            "set ssh.sudo (or this host's sudo) to true",
        )
    else:
        yield about.ok(f"off: commands run as {user}")


def system(host: str, answers: Answers) -> Finding:
    """Whether the operating system is one that is tested."""
    about = About(host, "system")
    name, version, like, pretty = [*answers.words("os"), "", "", "", ""][:4]
    families = [name, *like.split()]
    family = next((one for one in ("debian", "ubuntu") if one == name), "")
    if not family and {"rhel", "centos", "fedora"} & set(families):
        family = "rhel"
    release = version.partition(".")[0] if family == "rhel" else version
    if release and release in _TESTED.get(family, ()):
        return about.ok(pretty)
    return about.warning(
        f"{pretty or 'an unknown system'} is not tested",
        "tested are Debian 12 and 13, Ubuntu 22.04 and 24.04, and systems like RHEL 9",
    )


def clock_offset(answers: Answers) -> tuple[float, float] | None:
    """How far a host's clock is ahead, as least and most seconds; None where not known.

    The host read its clock after the question left and before the answer came: what lies
    between counts as the way there and back, not as an offset.
    """
    try:
        begin, end = (float(answers.words(part)[0]) for part in ("begin", "end"))
    except (IndexError, ValueError):
        return None
    if not (math.isfinite(begin) and math.isfinite(end)):
        return None
    least, most = end - answers.received, begin - answers.sent
    return (least, most) if least <= most else (most, most)


def clock(host: str, offset: tuple[float, float] | None) -> Finding:
    """A host's clock against this machine's."""
    about = About(host, "clock")
    if offset is None:
        return about.warning("not known: the host's date gave nothing", _TIME_SERVICE)
    least, most = offset
    # the least that the two clocks must be apart
    apart = max(least, -most, 0.0)
    if apart <= _CLOCK_WARNING:
        return about.ok("agrees with this machine's")
    message = f"{apart:.0f} s {'ahead of' if least > 0 else 'behind'} this machine's"
    say = about.failure if apart > _CLOCK_FAILURE else about.warning
    return say(message, _TIME_SERVICE)


def clocks(offsets: Mapping[str, tuple[float, float]]) -> Iterator[Finding]:
    """The hosts' clocks against each other."""
    if len(offsets) < 2:  # noqa: PLR2004
        return
    ahead = max(offsets, key=lambda name: offsets[name][0])
    behind = min(offsets, key=lambda name: offsets[name][1])
    apart = offsets[ahead][0] - offsets[behind][1]
    about = About(HERE, "clock")
    if apart <= _CLOCK_WARNING:
        yield about.ok("the hosts' clocks agree with each other")
        return
    say = about.failure if apart > _CLOCK_FAILURE else about.warning
    yield say(f"{ahead} is {apart:.0f} s ahead of {behind}", _TIME_SERVICE)


def disk(host: str, section: Section) -> Iterator[Finding]:
    """Free space and inodes where a host keeps what matters."""
    about = About(host, "disk")
    lines = [line.split() for line in section.text.splitlines()] if section.ok else []
    if len(lines) != 2 or any(len(words) < 6 for words in lines):  # noqa: PLR2004
        yield about.warning("not known: df gave nothing", "run df there by hand")
        return
    space, inodes = lines
    mount = " ".join(space[5:])
    free = f"{_gib(space[3])} of {_gib(space[1])} GiB free on {mount}"
    for what, words, told in (
        ("space", space, free),
        ("inodes", inodes, f"{inodes[3]} of {inodes[1]} inodes free on {mount}"),
    ):
        used = words[4].rstrip("%")
        # some file systems, such as Btrfs, do not count inodes
        percent = 100 - int(used) if used.isdigit() else 100
        if percent < _DISK_WARNING:
            say = about.failure if percent < _DISK_FAILURE else about.warning
            yield say(
                f"{percent} % of its {what} left: {told}",
                f"make room there until {_DISK_WARNING} % are free",
            )
        elif what == "space":
            yield about.ok(told)


def _gib(kibibytes: str) -> str:
    return f"{int(kibibytes) / 1024**2:.1f}" if kibibytes.isdigit() else "?"
