"""What sudo must allow on each host, in the words of sudoers(5).

Moorage's scripts go by stdin to a shell that sudo starts, so what this allows is root. It says so
itself: a list of small commands would only look like less, since mount, docker and exportfs are
root each. What it does keep is one file, one account, no password, and no other command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from moorage.config.schema.site import Role, Site
from moorage.errors import Refused
from moorage.quoting import after_ready

SHELL = ("sh", "-s")
"""What reads a script."""
LOAD = ("docker", "load", "-q")
_PLACES = {"sh": ("/bin/sh", "/usr/bin/sh"), "docker": ("/usr/bin/docker", "/usr/local/bin/docker")}
_ESCAPED = (",", ":", "=", "\\")
"""Characters that sudoers(5) wants a backslash before, in a command's arguments."""
_ACCOUNT = re.compile(r"(?!ALL\Z)[A-Za-z_][A-Za-z0-9_.-]*(@[A-Za-z0-9.-]+)?\$?")
"""What is one account to sudoers(5), and never all, a group, a list or a line of its own."""
_HEAD = """\
# sudoers for Moorage, account {account}, on: {hosts}
# Install it as root, checked first:
#   visudo -c -f FILE && install -m 0440 FILE /etc/sudoers.d/moorage
# This is root: "sh -s" runs whatever the account sends. Guard its SSH key as you would root's.
"""


def sudoers(site: Site, *, account: str | None = None, host: str | None = None) -> str:
    """The file for each host; one text where it is the same for several.

    Args:
        account: who logs in, where the inventory does not say.
        host: inventory name of the only host that is asked for.

    Raises:
        Refused: there is no such host, none needs sudo, or nobody says who logs in by a plain name.
    """
    named = site.named_hosts()
    if host is not None and host not in named:
        raise Refused(f"{host} is no host of the inventory", hint=f"it has {', '.join(named)}")
    rules: dict[tuple[str, str], list[str]] = {}
    for name in [host] if host else named:
        role, machine = named[name]
        user = next(
            (one for one in (machine.user, site.ssh.user, account) if one is not None), None
        )
        if user is None:
            raise Refused(f"the inventory does not say who logs in on {name}",
                          hint="set ssh.user, or add --account")  # fmt: skip
        if not _ACCOUNT.fullmatch(user):
            raise Refused(f'"{user}" is no name of an account that sudoers(5) takes for one',
                          hint="set ssh.user to one of letters, digits, _, - and .")  # fmt: skip
        sudo = site.ssh.sudo if machine.sudo is None else machine.sudo
        if sudo and user != "root":
            rules.setdefault((user, _rules(site, role, user)), []).append(name)
    if not rules:
        raise Refused("no host needs sudo: the account is root, or ssh.sudo is false",
                      hint="set ssh.user to the account that is to be used")  # fmt: skip
    return "\n".join(_HEAD.format(account=user, hosts=", ".join(names)) + text
                     for (user, text), names in rules.items())  # fmt: skip


def _rules(site: Site, role: Role, user: str) -> str:
    """The lines for a role; sudo tells the password by a prompt of its own where there is one."""
    asks = site.ssh.sudo_password is not None
    lines = [f"Defaults:{user} !requiretty"]
    for argv in _commands(site, role):
        tag = "" if asks else "NOPASSWD: "
        lines += [f"{user} ALL=(root) {tag}{command}" for command in _written(argv, asks=asks)]
    return "\n".join(lines) + "\n"


def _commands(site: Site, role: Role) -> Iterator[tuple[str, ...]]:
    """The command lines of a role; a star stands for the image's tag, which changes with it."""
    yield SHELL
    if site.nexus.image.distribution != "load" or role not in ("manager", "node"):
        return
    if role == "manager":
        yield ("docker", "save", f"{site.nexus.image.name}:*")
    yield LOAD


def _written(argv: Sequence[str], *, asks: bool) -> list[str]:
    """A command as sudoers has it, in each place where its program may be."""
    program, *arguments = after_ready(argv, quoted=False) if asks else argv
    text = " ".join(arguments)
    for char in reversed(_ESCAPED):
        text = text.replace(char, f"\\{char}")
    return [f"{place} {text}" for place in _PLACES[program]]
