"""``inv systemd-units``: timers for what is to run by itself."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

from moorage.cli import ROOT, said, site, told
from moorage.errors import Refused


def units(*, inventory: str | None, output: str | None, user: str | None) -> None:
    """Print or write the units; no host is touched.

    Args:
        output: folder to write them to; None for standard output.
        user: account that they run as; None for the one that runs this.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with told(debug=said("MOORAGE_DEBUG")):
        from moorage import systemd_units

        files = systemd_units.units(site(inventory), ROOT, user or _account())
        if output is None:
            for name, text in files.items():
                print(f"# {name}\n{text}")
            return
        folder = Path(output).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            print(folder / name)
        timers = " ".join(f"'{name}'" for name in files if name.endswith(".timer"))
        print(f"# install them: cp {shlex.quote(str(folder))}/* /etc/systemd/system/ && "
              f"systemctl daemon-reload && systemctl enable --now {timers}")  # fmt: skip


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise Refused("this account has no name", hint="say it by --user") from None
