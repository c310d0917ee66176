"""Moorage's side and its peers', all set to the same work item on the same hosts."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.converge.ansible import CLIENT
from bench.environment import program
from bench.hosts.stage import EXPORT, ROOT, Stage
from bench.side import AS_RUN, MOORAGE, Side

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
FAB = Path(sys.executable).parent / "fab"
_CURVE = ["-o", "KexAlgorithms=curve25519-sha256"]
_EACH = """for address; do ssh "$address" sh -s <"$SCRIPT" & done; wait"""


def moorage(stage: Stage) -> Side:
    """The real ``fab nfs-setup``, with all that it checks."""
    argv = [*MOORAGE, "--search-root", str(ROOT), "nfs-setup", "--yes",
            "--inventory", str(stage.inventory)]  # fmt: skip
    says = r"nfs: (no changes|\d changes? made and verified)"
    return Side("Moorage", argv, says=says)


def moorage_many(stage: Stage) -> Side:
    """Moorage's step on every host, by a task of the bench's own; see ``many/fabfile.py``."""
    argv = [*MOORAGE, "--search-root", str(HERE / "many"), "nfs-everywhere",
            "--inventory", str(stage.inventory)]  # fmt: skip
    return Side("Moorage", argv, says=f"{len(stage.addresses)} hosts: no changes")


def pyinfra(stage: Stage) -> Side:
    """The peer pyinfra with checked host keys; it asks before it goes on, so ``-y``."""
    inventory = stage.folder / "pyinfra_hosts.py"
    inventory.write_text(f"hosts = ({list(stage.addresses)!r}, {pyinfra_data(stage)!r})\n")
    argv = [program("pyinfra"), "-y", str(inventory), str(PEERS / "deploy.py")]
    return Side("pyinfra", argv)


def pyinfra_data(stage: Stage) -> dict[str, object]:
    """How pyinfra logs in, and the work item."""
    return {
        "ssh_user": "root",
        "ssh_port": stage.port,
        "ssh_key": str(stage.login.key),
        "ssh_known_hosts_file": str(stage.login.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "ssh_look_for_keys": False,
        "ssh_allow_agent": False,
        "export_path": EXPORT,
        "export_file": stage.export_file,
        "exports": str(stage.exports),
        "export_client": CLIENT,
    }


def plain_fabric(stage: Stage) -> Side:
    """Plain Fabric through ``fab``: three commands where nothing is to be done."""
    argv = [str(FAB), *AS_RUN, "--search-root", str(PEERS),
            "-S", str(stage.login.ssh_config), "-H", f"root@{stage.addresses[0]}:{stage.port}",
            "item"]  # fmt: skip
    environment = {"EXPORT_PATH": EXPORT, "EXPORT_FILE": stage.export_file,
                   "EXPORTS": str(stage.exports), "EXPORT_CLIENT": CLIENT}  # fmt: skip
    return Side("plain Fabric, three commands", argv, environment, says="all as asked")


def ssh(stage: Stage, *, curve: bool = False) -> Side:
    """``ssh HOST sh -s`` with the work item as one script; see :func:`ssh_with`."""
    return ssh_with(stage, script(stage), curve=curve)


def ssh_with(stage: Stage, item: Path, *, curve: bool) -> Side:
    """``ssh HOST sh -s`` on all hosts at once.

    Args:
        item: the script; it says ``all as asked`` where all is.
        curve: the key exchange that paramiko takes too, instead of OpenSSH's own first choice.
    """
    name = "ssh with curve25519, one script" if curve else "ssh, one script"
    options = ["-F", str(stage.login.ssh_config), "-p", str(stage.port), *(_CURVE if curve else [])]
    if len(stage.addresses) == 1:
        argv = ["ssh", *options, stage.addresses[0], "sh", "-s"]
        return Side(name, argv, stdin=item, says="all as asked")
    words = " ".join(["ssh", *options])
    argv = ["sh", "-c", _EACH.replace("ssh ", f"{words} ", 1), "each", *stage.addresses]
    says = rf"(all as asked\n){{{len(stage.addresses)}}}"
    return Side(name, argv, {"SCRIPT": str(item)}, says=says)


def prototype(stage: Stage) -> Side:
    """One exec of one script a host by paramiko, without checks; see ``peers/prototype.py``."""
    argv = [sys.executable, str(PEERS / "prototype.py"), str(stage.port), str(stage.login.key),
            str(script(stage)), *stage.addresses]  # fmt: skip
    return Side("a bare prototype, one command a host", argv, says="all as asked")


def script(stage: Stage) -> Path:
    """The work item as one script, with its values."""
    import shlex

    path = stage.folder / "item.sh"
    values = {"EXPORT_PATH": EXPORT, "EXPORT_FILE": stage.export_file, "EXPORT_CLIENT": CLIENT,
              "EXPORT_TEXT": stage.exports.read_text().rstrip("\n")}  # fmt: skip
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items()]
    path.write_text("PATH=$PATH:/usr/sbin:/sbin\n" + "".join(lines)
                    + (PEERS / "item.sh").read_text())  # fmt: skip
    return path


def converged(stage: Stage) -> str:
    """What is not as the work item asks on the hosts; empty where all is."""
    root = stage.hosts.root
    directory, file = root / EXPORT.lstrip("/"), root / stage.export_file.lstrip("/")
    if not directory.is_dir():
        return f"no directory {EXPORT}"
    seen = directory.stat()
    if (seen.st_uid, seen.st_gid, seen.st_mode & 0o7777) != (200, 200, 0o750):
        return f"{EXPORT} has another owner or mode"
    if not file.is_file() or file.read_text() != stage.exports.read_text():
        return f"{stage.export_file} has another text"
    table = root / "srv/etab"
    if not table.is_file() or CLIENT not in table.read_text():
        return "the export is not live"
    return ""
