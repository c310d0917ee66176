"""ansible-core's sides: as it comes, and tuned as an expert would."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.environment import program
from bench.hosts.stage import EXPORT, Stage
from bench.side import Side

HERE = Path(__file__).resolve().parent
CLIENT = "10.0.0.0/8("
"""What ``exportfs -s`` must show of the export."""
_TUNED = {
    "ANSIBLE_PIPELINING": "True",  # no file a module over SFTP
    "ANSIBLE_GATHERING": "explicit",  # no facts, which the playbook does not use
    "ANSIBLE_FORKS": "50",
    "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",  # no search for it
}


@dataclass(frozen=True)
class Play:
    """What is played, where it is not the work item on all hosts.

    Args:
        playbook: the file.
        hosts: groups and variables of the inventory, as INI.
    """

    playbook: Path
    hosts: str


def default(stage: Stage, play: Play | None = None) -> Side:
    """With its own defaults: facts gathered, modules by SFTP, five forks."""
    return _side(stage, "ansible-core, default", {}, play=play)


def tuned(stage: Stage, *, warm: bool = False, play: Play | None = None) -> Side:
    """Pipelining, no facts, 50 forks, the interpreter named.

    Args:
        warm: keep the ControlMaster of the run before, which ControlPersist allows for a minute.
    """
    name = "ansible-core, tuned, its ControlMaster warm" if warm else "ansible-core, tuned"
    return _side(stage, name, _TUNED, keep=warm, play=play)


def _side(
    stage: Stage, name: str, tuning: dict[str, str], *, keep: bool = False,
    play: Play | None = None,
) -> Side:  # fmt: skip
    play = play or Play(HERE / "peers" / "playbook.yml", "")
    folder = stage.folder / ("warm" if keep else "cold" + ("-tuned" if tuning else ""))
    folder.mkdir(exist_ok=True)
    hosts = folder / "hosts.ini"
    hosts.write_text("".join(f"{address}\n" for address in stage.addresses) + (
        f"\n[all:vars]\nansible_user=root\nansible_port={stage.port}\n"
        f"export_path={EXPORT}\nexport_file={stage.export_file}\n"
        f"exports={stage.exports}\nexport_client={CLIENT}\n"
        f"{play.hosts}"
    ))  # fmt: skip
    (folder / "ansible.cfg").write_text("[defaults]\n")
    # a socket's path has little room, and ControlPath names host, port and user in it
    sockets = _sockets(stage) / folder.name
    environment = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_REMOTE_TEMP": "/srv/ansible",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets),
        "ANSIBLE_SSH_ARGS": f"-F {stage.login.ssh_config} -o ControlMaster=auto "
        "-o ControlPersist=60s",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        **tuning,
    }
    argv = [program("ansible-playbook"), "-i", str(hosts), str(play.playbook)]
    after = None if keep else partial(close_masters, sockets, stage)
    return Side(name, argv, environment, says=r"failed=0 ", after=after)


def _sockets(stage: Stage) -> Path:
    return Path(f"/tmp/moorage-bench-{stage.port}")  # noqa: S108  a path there must be short


def clean_up(stage: Stage) -> None:
    """End the warm connections too, and remove the folder of their sockets."""
    for folder in _sockets(stage).glob("*"):
        close_masters(folder, stage)
    shutil.rmtree(_sockets(stage), ignore_errors=True)


def close_masters(sockets: Path, stage: Stage) -> None:
    """End the connections that Ansible keeps, so that its next run begins as cold as ours."""
    for socket in sockets.glob("*"):
        subprocess.run(
            ["ssh", "-F", str(stage.login.ssh_config), "-o", f"ControlPath={socket}",
             "-O", "exit", "any"],
            capture_output=True, check=False,
        )  # fmt: skip
