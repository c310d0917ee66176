"""Moorage's side and its peers', all looking at the same three hosts and the same Nexus."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict

from bench.converge import ansible
from bench.converge.sides import PEERS, pyinfra_data
from bench.converge.whole.site import Whole
from bench.environment import program
from bench.hosts.stage import ROOT
from bench.side import MOORAGE, Side

STEPS = "nfs,image,stack"


def moorage(site: Whole) -> Side:
    """The real ``fab plan --check``, which ends with another code where anything would change."""
    argv = [*MOORAGE, "--search-root", str(ROOT), "plan", "--check", "--step", STEPS,
            "--inventory", str(site.stage.inventory)]  # fmt: skip
    return Side("Moorage", argv, says=r"plan: no changes")


def ansible_default(site: Whole) -> Side:
    """Ansible with its own defaults."""
    return ansible.default(site.stage, _play(site))


def ansible_tuned(site: Whole) -> Side:
    """Ansible with pipelining, no facts and 50 forks."""
    return ansible.tuned(site.stage, play=_play(site))


def _play(site: Whole) -> ansible.Play:
    looks = site.stage.folder / "looks.json"
    looks.write_text(json.dumps({address: [asdict(look) for look in found]
                                 for address, found in site.looks.items()}))  # fmt: skip
    nfs, manager, worker = site.stage.addresses
    hosts = (f"[nfs]\n{nfs}\n[docker]\n{manager}\n{worker}\n[all:vars]\nexport_hosts=nfs\n"
             f"looks_file={looks}\nnexus_url={site.url}\n")  # fmt: skip
    return ansible.Play(PEERS / "whole.yml", hosts)


def pyinfra(site: Whole) -> Side:
    """The peer pyinfra: its looks are commands of ``server.shell``."""
    common = pyinfra_data(site.stage)
    nfs, *docker = site.stage.addresses
    hosts = [
        (address, {"nexus_url": site.url if at == 0 else "",
                   "looks": [_piped(look.shell, look.says) for look in site.looks[address]]})
        for at, address in enumerate(docker)
    ]  # fmt: skip
    inventory = site.stage.folder / "pyinfra_whole.py"
    inventory.write_text(f"nfs = ([{nfs!r}], {common!r})\ndocker = ({hosts!r}, {common!r})\n")
    return Side("pyinfra", [program("pyinfra"), "-y", str(inventory), str(PEERS / "whole.py")])


def _piped(shell: str, says: str) -> str:
    return f"(\n{shell}\n) | grep -qF -- {shlex.quote(says)}" if says else shell
