"""What doctor asks of a host: one script for its role, and the framed answers to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from moorage.config.schema.site import Site
from moorage.documents import exports_path, kernel_client
from moorage.quoting import Script
from moorage.steps.nfs.observe import probe as export_probe
from moorage.steps.nodes.observe import KERNEL, NOT_KNOWN
from moorage.transport.base import Section, probe_script, sections

NFS_PORT = 2049
"""The one port of NFS 4 (RFC 7530, section 3.1)."""

_JSON = re.compile(r"^[\[{]", re.MULTILINE)
_CLOCK = "date +%s.%N"
_MACHINE = {
    "os": '. /etc/os-release; echo "$ID|${VERSION_ID:-}|${ID_LIKE:-}|${PRETTY_NAME:-$ID}"',
    "account": 'echo "$(id -u)|$(id -un)|${SUDO_USER:-}"',
    "disk": (
        'there=$disk; while [ ! -e "$there" ]; do there=$(dirname -- "$there"); done\n'
        'df -Pk -- "$there" | tail -n 1; df -Pi -- "$there" | tail -n 1'
    ),
}
_NFS = {
    "candidate": (
        "command -v apt-cache >/dev/null || exit 99\n"
        "apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy nfs-kernel-server"
    ),
    # 0A is the state "listening"; the kernel's own server shows no process in any list
    "port": (
        "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |"
        " awk '$4 == \"0A\" && $2 ~ /:0801$/ { found = 1 } END { exit !found }'"
    ),
}
_DOCKER = {
    "docker": "timeout 20 docker info --format '{{json .}}'",
}
# a port of the mesh is in the endpoint, one that a node publishes itself in what was asked
_PUBLISHED = (
    "ids=$(timeout 20 docker service ls -q) || exit 1\n"
    '[ -z "$ids" ] || timeout 20 docker service inspect --format'
    " '{{.Spec.Name}}|{{range .Endpoint.Ports}}{{.PublishedPort}} {{end}}"
    "{{with .Spec.EndpointSpec}}{{range .Ports}}{{.PublishedPort}} {{end}}{{end}}' $ids"
)
# 0A is the state "listening"; ports are in hexadecimal
_LISTENING = (
    'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk \'$4 == "0A" { sub(/.*:/, "", $2);'
    " print $2 }' | sort -u"
)
_TRAEFIK_IDS = (
    "ids=$(timeout 20 docker service ls --format '{{.ID}} {{.Image}}'"
    " | awk 'tolower($2) ~ /traefik/ { print $1 }')\n"
    '[ -n "$ids" ] || exit 0\n'
)
_CONTAINER = ".Spec.TaskTemplate.ContainerSpec"
_MANAGER = {
    "api": "timeout 20 docker version --format '{{.Server.MinAPIVersion}}'",
    "nodes": (
        "ids=$(timeout 20 docker node ls -q) || exit 1\n"
        "timeout 20 docker node inspect $ids"
    ),
    "networks": (
        "timeout 20 docker network ls --no-trunc"
        " --format '{{.ID}}|{{.Name}}|{{.Driver}}|{{.Scope}}'"
    ),
    "services": (
        "timeout 20 docker service ls --format '{{.ID}}|{{.Name}}|{{.Image}}|{{.Replicas}}'"
    ),
    "traefik": f"{_TRAEFIK_IDS}timeout 20 docker service inspect $ids",
    "traefik configs": (
        f"{_TRAEFIK_IDS}"
        "configs=$(timeout 20 docker service inspect --format "
        f"'{{{{range {_CONTAINER}.Configs}}}}{{{{.ConfigID}}}} {{{{end}}}}' $ids) || exit 1\n"
        '[ -z "${configs%% *}" ] || timeout 20 docker config inspect $configs'
    ),
    # its static file, where it is a file of this host: sources of bind mounts, and what is in them
    "traefik files": (
        f"{_TRAEFIK_IDS}"
        "timeout 20 docker service inspect --format "
        f"'{{{{range {_CONTAINER}.Mounts}}}}{{{{if eq .Type \"bind\"}}}}{{{{println .Source}}}}"
        "{{end}}{{end}}' $ids | while IFS= read -r place; do\n"
        '  for file in "$place" "$place"/*.yml "$place"/*.yaml "$place"/*.toml; do\n'
        '    case $file in *.yml | *.yaml | *.toml) ;; *) continue ;; esac\n'
        '    if [ -f "$file" ] && [ -r "$file" ]; then\n'
        "      content=$(head -c 65536 -- \"$file\" | base64 | tr -d '\\n')\n"
        "      printf '%s|%s\\n' \"$file\" \"$content\"\n"
        "    fi\n"
        "  done\n"
        "done"
    ),
}  # fmt: skip


def reach(address: str, port: str, seconds: int = 5) -> str:
    """Shell that opens a TCP connection; both texts are names of shell variables.

    It ends with 99 where the host has no program for it.
    """
    target = f'"${address}" "${port}"'
    killed = seconds + 3
    return f"""
if command -v python3 >/dev/null; then
  timeout {killed} python3 -I -S -c 'import socket, sys
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), {seconds}).close()
except OSError as cause: sys.exit(str(cause))' {target}
elif command -v nc >/dev/null; then timeout {killed} nc -z -v -w {seconds} {target}
elif command -v bash >/dev/null; then timeout {seconds} bash -c ': >"/dev/tcp/$0/$1"' {target}
else exit 99; fi
"""


def nfs_server(site: Site) -> str:
    """The address that volumes are mounted from."""
    return site.storage.volume.server or site.nfs_address


def _ingress(site: Site, manager: str) -> dict[str, str]:
    """Traefik's addresses as seen from a manager, by the shell variables they are put in."""
    addresses = enumerate(site.ingress_addresses(manager))
    return {f"ingress_{number}": address for number, address in addresses}


def host_probe(site: Site, name: str) -> Script:
    """The script for one host: the parts of its role between two looks at its clock."""
    role, _ = site.named_hosts()[name]
    parts = {"begin": _CLOCK, **_MACHINE}
    if role == "nfs":
        export = export_probe(site.storage.export, exports_path(site))
        # framed within the frame: its own parser reads it
        parts |= {"export": export.script().body, **_NFS}
    else:
        parts |= _DOCKER
    if role == "manager":
        ways = (f"({reach(variable, 'ingress_port')})" for variable in _ingress(site, name))
        parts |= {**_MANAGER, "ingress": " ||\n".join(ways)}
    if role == "manager" and site.ingress.kind == "ports":
        parts["published"] = _PUBLISHED
    if name in site.publishing_hosts():
        parts["listening"] = _LISTENING
    if name in site.eligible_nodes():
        parts |= {"kernel": KERNEL, "server": reach("server", "nfs_port")}
    parts["end"] = _CLOCK
    filesystem, module = kernel_client(site)
    return probe_script(
        f"look at {name}",
        parts,
        disk=site.storage.export if role == "nfs" else "/var/lib/docker",
        path=site.storage.export,
        file=exports_path(site),
        **(_ingress(site, name) if role == "manager" else {}),
        ingress_port=str(site.ingress.port),
        server=nfs_server(site),
        nfs_port=str(NFS_PORT),
        filesystem=filesystem,
        module=module,
    )


@dataclass(frozen=True)
class Answers:
    """A host's answers.

    Args:
        parts: by name; one that was cut off is missing.
        sent: this machine's clock before the question, in seconds since 1970.
        received: the same after the answer.
    """

    parts: dict[str, Section]
    sent: float = 0
    received: float = 0

    @classmethod
    def read(cls, output: str, sent: float, received: float) -> Answers:
        """The answers in a probe's output."""
        return cls(sections(output), sent, received)

    def part(self, name: str) -> Section:
        """One part; a missing one counts as failed."""
        return self.parts.get(name) or Section(NOT_KNOWN, "")

    def words(self, name: str) -> list[str]:
        """Fields of a part's first line, between bars; empty where the part failed."""
        part = self.part(name)
        lines = part.text.splitlines() if part.ok else []
        return lines[0].split("|") if lines else []

    def rows(self, name: str) -> list[list[str]]:
        """Fields of all lines of a part; none where it failed."""
        part = self.part(name)
        return [line.split("|") for line in part.text.splitlines()] if part.ok else []

    def json(self, name: str, *, even_failed: bool = False) -> Any:
        """What a part printed as JSON; None where it failed or printed something else.

        Docker's client may print a warning first, since stderr comes in the same stream.
        """
        part = self.part(name)
        start = _JSON.search(part.text)
        try:
            found, _ = json.JSONDecoder().raw_decode(part.text, start.start() if start else 0)
        except ValueError:
            return None
        return found if part.ok or even_failed else None


def last_line(section: Section) -> str:
    """The last thing that a part said."""
    lines = [line for line in section.text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no answer"
