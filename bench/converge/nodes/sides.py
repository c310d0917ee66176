"""Moorage's side and its peers', all looking at the same machines with Docker."""

from __future__ import annotations

from dataclasses import replace

from bench.converge import ansible
from bench.converge.nodes.site import HOSTS_FILE, Nodes
from bench.converge.sides import PEERS, pyinfra_data, ssh_with
from bench.environment import program
from bench.hosts.stage import ROOT
from bench.side import MOORAGE, Side

_FILES = """\
[ "$(sha256sum <"$CA_FILE")" = "$CA_DIGEST  -" ]
grep -qxF -e "$HOSTS_LINE" "$HOSTS_FILE"
"""
"""What Ansible and pyinfra have modules for."""


def moorage(site: Nodes) -> Side:
    """The real ``fab nodes-setup``, with its look at the logins too.

    Without ``--yes``: where nothing is to be done it has no question, and elsewhere it ends there.
    """
    argv = [*MOORAGE, "--search-root", str(ROOT), "nodes-setup",
            "--inventory", str(site.stage.inventory)]  # fmt: skip
    return Side("Moorage", argv, says=r"nodes: no changes.*\nlogins: no changes")


def ansible_tuned(site: Nodes) -> Side:
    """Ansible with pipelining, no facts and 50 forks."""
    values = "".join(f"{name}={value}\n" for name, value in _common(site).items())
    play = ansible.Play(PEERS / "nodes.yml", values)
    recap = r"\S+ +: ok=3 +changed=0 +unreachable=0 +failed=0 .*\s+"
    says = rf"({recap}){{{len(site.stage.addresses)}}}"
    return replace(ansible.tuned(site.stage, play=play), says=says)


def pyinfra(site: Nodes) -> Side:
    """The peer pyinfra."""
    data = pyinfra_data(site.stage) | _common(site)
    inventory = site.stage.folder / "pyinfra_nodes.py"
    inventory.write_text(f"hosts = ({list(site.stage.addresses)!r}, {data!r})\n")
    argv = [program("pyinfra"), "-y", str(inventory), str(PEERS / "nodes.py")]
    many = len(site.stage.addresses)
    unchanged = rf" +{many} +- +- +{many} +\n"
    return Side("pyinfra", argv, says=rf"CA{unchanged} +Names{unchanged}")


def ssh(site: Nodes) -> Side:
    """``ssh HOST sh -s`` with one script."""
    script = site.stage.folder / "nodes.sh"
    script.write_text(_script(site, _FILES) + "echo 'all as asked'\n")
    return ssh_with(site.stage, script, curve=True)


def _common(site: Nodes) -> dict[str, str]:
    """The values of Ansible and pyinfra."""
    asked = site.asked
    looks = site.stage.folder / "looks.sh"
    looks.write_text(_script(site, ""))
    return {"ca": str(asked.ca), "ca_file": asked.ca_file, "hosts_file": HOSTS_FILE,
            "hosts_line": asked.line, "looks": str(looks)}  # fmt: skip


def _script(site: Nodes, files: str) -> str:
    """The looks that are shell for every peer, after some at files."""
    return f"set -eu\n{site.asked.shell_values}{files}{(PEERS / 'nodes.sh').read_text()}"
