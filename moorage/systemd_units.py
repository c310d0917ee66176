"""Timers of systemd for what is to run by itself: backup, a look for drift, status.

Sources: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.timer(5), systemd.time(7),
systemd-escape(1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from moorage.config.references import references
from moorage.config.schema.site import Site
from moorage.errors import Refused

_NAME = re.compile(r"[A-Za-z0-9:_.-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HARDENING = """\
# None of these is in the way of SSH. ProtectHome= is left out: keys and known_hosts are there.
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0077
"""


@dataclass(frozen=True)
class Job:
    """Something that runs by itself.

    Args:
        task: words of the command, after ``fab``.
        what: it in the words of a description.
        when: OnCalendar=; spread: how far it may be put off, so that many sites do not meet.
        limit: the longest that it may take.
        changes: whether it changes something, and needs the answer to a question before it.
        lines: further lines of its service.
    """

    name: str
    task: str
    what: str
    when: str
    spread: str
    limit: str
    changes: bool = False
    lines: str = ""


JOBS = (
    Job("backup", "backup --wait 2h", "backup of the registry", "*-*-* 01:30:00", "45min", "12h",
        changes=True),
    Job("drift", "plan --check", "look for drift", "*-*-* 06:15:00", "15min", "30min", lines="""\
# 2 is drift. It counts as a failure here, so that OnFailure= tells of it. Where the journal is
# enough: SuccessExitStatus=2
"""),
    Job("status", "status", "status of the registry", "*:0/15", "2min", "10min"),
)  # fmt: skip


def units(site: Site, root: Path, user: str) -> dict[str, str]:
    """Texts of all units by their file names.

    Args:
        site: whose inventory they name.
        root: the project's folder, which has ``run``.
        user: account that they run as; its SSH keys are used.

    Raises:
        Refused: a path or name has characters that no unit file takes.
    """
    named = {"the project's folder": root, "the inventory's path": site.path, "the account": user}
    for what, text in ((what, str(value)) for what, value in named.items()):
        if _CONTROL.search(text):
            raise Refused(f"{what} has a line break or a control character in it",
                          hint="systemd takes none in a unit")  # fmt: skip
    prefix = f"moorage-{escaped(site.name)}"
    found: dict[str, str] = {}
    for job in JOBS:
        found[f"{prefix}-{job.name}.service"] = _service(site, root, user, prefix, job)
        found[f"{prefix}-{job.name}.timer"] = _timer(site, job)
    found[f"{prefix}-failed@.service"] = _failed(site)
    return found


def escaped(name: str) -> str:
    r"""A text as a part of a unit's name: what may not stand there byte by byte as ``\x00``.

    Source: systemd.unit(5), "String Escaping for Inclusion in Unit Names".
    """
    return "".join(
        char if _NAME.fullmatch(char) else "".join(f"\\x{byte:02x}" for byte in char.encode())
        for char in name
    )  # fmt: skip


def plain(text: str) -> str:
    """A text with no specifiers in it: ``%`` begins one (systemd.unit(5), "Specifiers")."""
    return text.replace("%", "%%")


def quoted(text: str) -> str:
    """A text as one word (systemd.syntax(7), "Quoting")."""
    escaped_text = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped_text}"'


def _service(site: Site, root: Path, user: str, prefix: str, job: Job) -> str:
    inventory = str(site.path.resolve())
    words = [f"MOORAGE_INVENTORY={inventory}", "PYTHONUNBUFFERED=1", "TERM=dumb"]
    words += ["MOORAGE_YES=1"] if job.changes else []
    environment = "".join(f"Environment={quoted(word)}\n" for word in words)
    return f"""\
# Made by: inv systemd-units. What is to be otherwise goes into a drop-in: systemctl edit.
[Unit]
Description=Moorage {plain(site.name)}: {job.what}
Documentation=file://{plain(quote(str(root)))}/docs/lifecycle.md
Wants=network-online.target
After=network-online.target
OnFailure={prefix}-failed@%n.service

[Service]
Type=oneshot
User={plain(user)}
WorkingDirectory={plain(str(root))}
{environment}{_secrets(site)}\
ExecStart=/bin/sh ./run fab {job.task}
TimeoutStartSec={job.limit}
{job.lines}{_HARDENING}"""


def _timer(site: Site, job: Job) -> str:
    return f"""\
[Unit]
Description=Moorage {plain(site.name)}: {job.what}

[Timer]
OnCalendar={job.when}
RandomizedDelaySec={job.spread}
# what was missed while this machine was off is made up for
Persistent=true

[Install]
WantedBy=timers.target
"""


def _failed(site: Site) -> str:
    return f"""\
# Told of each failure, by OnFailure= of the others. Let it do what reaches you, such as mail.
[Unit]
Description=Moorage {plain(site.name)}: %i failed

[Service]
Type=oneshot
ExecStart=/usr/bin/logger --tag moorage --priority user.err -- \\
  "%i failed; see: journalctl --unit %i"
"""


def _secrets(site: Site) -> str:
    """Where the secrets come from that the inventory refers to."""
    found = sorted(set(references(site)))
    names = [text.partition(":")[2] for text in found if text.startswith("env:")]
    asked = [text for text in found if text.startswith(("prompt:", "keyring:"))]
    name = escaped(site.name)
    lines = []
    if names:
        lines += [
            "# NAME=value lines in root's own file (mode 0600): what the inventory refers to as",
            f"# env: {', '.join(names)}",
            f"EnvironmentFile=-/etc/moorage/{plain(name)}.env",
        ]
    lines += [f"# {plain(text)} cannot be had by a timer: let the inventory refer to it otherwise"
              for text in asked]  # fmt: skip
    lines += [
        "# Or as a credential, which only this unit sees (systemd 247):",
        f"#   LoadCredential=admin:/etc/moorage/{plain(name)}-admin",
        "# and in the inventory: command:sh -c 'cat \"$CREDENTIALS_DIRECTORY/admin\"'",
    ]
    return "\n".join(lines) + "\n"
