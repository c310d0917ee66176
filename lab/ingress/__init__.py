"""Traefik in front of the lab's Swarm: the script that deploys its stack."""

from __future__ import annotations

from pathlib import Path

from lab.identity import Authority

_HERE = Path(__file__).parent
_DIRECTORY = "/root/traefik"


def deploy_script(authority: Authority) -> str:
    """Script for the manager that deploys the stack.

    It holds the private key, so it must go by standard input.

    Args:
        authority: Whose web certificate Traefik is to show.
    """
    files = {
        "stack.yml": _HERE / "stack.yml",
        "tls.yml": _HERE / "tls.yml",
        "server.crt": authority.server_certificate,
        "server.key": authority.server_key,
    }
    writes = [f"cat > {name} <<'END'\n{path.read_text()}END" for name, path in files.items()]
    deploy = "docker stack deploy --resolve-image never --compose-file stack.yml traefik"
    begin = f"set -e\numask 077\nmkdir -p {_DIRECTORY}\ncd {_DIRECTORY}"
    return "\n".join([begin, *writes, deploy, f"rm -r {_DIRECTORY}"]) + "\n"
