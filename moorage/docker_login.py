"""Runs Docker commands with a registry's login that nobody finds afterwards.

``docker login`` writes user and password, in base64, into the account's ``config.json`` (Docker CLI
reference, "docker login", Credential stores). So it is given a folder of its own, in memory where
there is a place for that, which is removed when the commands end, however they end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from moorage.quoting import Script, Value, plain_bytes
from moorage.values import Secret

LABEL = "moorage.registry-login"
"""Label of a service that tells which login Swarm was given, by a few bits of its hash."""
_COST, _BLOCK, _BYTES = 2**14, 8, 2
_WRAPPED = """
(
folder=/dev/shm
[ -d "$folder" ] && [ -w "$folder" ] || folder=${TMPDIR:-/tmp}
# what a run left behind that was killed
find "$folder" -maxdepth 1 -name 'moorage-docker.*' -user "$(id -u)" -mmin +60 \\
  -exec rm -rf -- {} + 2>/dev/null
here=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)}
login_folder=$(mktemp -d "$folder/moorage-docker.XXXXXX") || exit 1
trap 'rm -rf -- "$login_folder"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export DOCKER_CONFIG="$login_folder"
# the account's own choice of a context is not in the new folder
[ -z "$here" ] || export DOCKER_HOST="$here"
set -- ${login_registry:+"$login_registry"}
said=$(printf %s "$login_password" | docker login --username "$login_user" --password-stdin "$@" \\
  2>&1 >/dev/null) || { printf '%s\\n' "$said" >&2; exit 1; }
"""


@dataclass(frozen=True)
class DockerLogin:
    """What a registry is logged in to with.

    Args:
        registry: host and port as they stand in front of an image's name; empty for Docker Hub.
        user: the user.
        password: the password.
    """

    registry: str
    user: str
    password: Secret

    def around(self, script: Script) -> Script:
        """The same script, logged in while it runs and not before or after."""
        values: Mapping[str, Value] = {
            **script.variables,
            "login_registry": self.registry,
            "login_user": self.user,
            "login_password": self.password,
        }
        body = f"{_WRAPPED}{script.body}\n)"
        return Script(script.summary, body, values, shown=script.command)

    def mark(self, stack: str) -> str:
        """A word that changes with the login, for a service's label.

        Swarm shows nobody which login it keeps, so after a rotation nothing else would tell that
        it is the old one. It is 16 bits of a slow hash: enough to see a change, too little to find
        a password by.
        """
        salt = f"moorage\n{stack}\n{self.registry}\n{self.user}".encode()
        secret = plain_bytes(self.password)
        return hashlib.scrypt(secret, salt=salt, n=_COST, r=_BLOCK, p=1, dklen=_BYTES).hex()


def registry_of(image: str) -> str:
    """The registry in front of an image's name; empty for Docker Hub.

    Source: distribution/reference, ``splitDockerDomain``: the first part is a host where it has a
    dot or a colon, or is ``localhost``.
    """
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""
