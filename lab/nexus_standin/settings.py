"""What the environment says about this process; read once, at the start."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable of the environment has a value that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one stand-in process behaves.

    Attributes:
        data: Nexus' data directory; all state is below it.
        port: The application port, for the REST API and ``/repository``.
        closed_seconds: How long the application port stays closed after the start.
        starting_seconds: How long every path then answers 503 with an empty body.
        version: The Nexus version that is played.
        initial_password: First password of ``admin``, used as it is; none: see below.
        random_password: False gives ``admin123`` on the first boot instead of a random password.
        registry_program: The ``docker-registry`` program; None where there is none.
    """

    data: Path
    port: int
    closed_seconds: float
    starting_seconds: float
    version: str
    initial_password: str | None
    random_password: bool
    registry_program: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings.

        The two ``NEXUS_SECURITY_*`` variables are Nexus' own, those with ``STANDIN`` are not.

        Raises:
            SettingsError: A number or a truth value cannot be read.
        """
        program = environment.get("NEXUS_STANDIN_REGISTRY", "docker-registry")
        return cls(
            data=Path(environment.get("NEXUS_DATA", "/nexus-data")),
            port=int(_number(environment, "NEXUS_STANDIN_PORT", 8081)),
            closed_seconds=_number(environment, "NEXUS_STANDIN_CLOSED_SECONDS", 2),
            starting_seconds=_number(environment, "NEXUS_STANDIN_STARTING_SECONDS", 3),
            version=environment.get("NEXUS_STANDIN_VERSION", "3.94.0"),
            initial_password=environment.get("NEXUS_SECURITY_INITIAL_PASSWORD") or None,
            random_password=_truth(environment, "NEXUS_SECURITY_RANDOMPASSWORD", default=True),
            registry_program=shutil.which(program),
        )


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        raise SettingsError(f"{name}: {text!r} is not a number") from None
    if number < 0:
        raise SettingsError(f"{name}: {text!r} is below zero")
    return number


def _truth(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name, "").lower()
    if text not in {"", "true", "false"}:
        raise SettingsError(f"{name}: {text!r} is neither true nor false")
    return default if not text else text == "true"
