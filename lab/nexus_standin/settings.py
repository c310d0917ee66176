"""What the environment says about this process; read once, at the start.

- ``NEXUS_DATA`` (/nexus-data): the data directory; all state is below it.
- ``NEXUS_STANDIN_VERSION`` (3.94.0): what is played, 3.16.2 to 3.94, with or without build.
- ``NEXUS_STANDIN_EDITION``: ``PRO``; left out: ``OSS`` before 3.77, then ``COMMUNITY``.
- ``NEXUS_STANDIN_PORT`` (8081): the application port; 0 is any that is free.
- ``NEXUS_STANDIN_CLOSED_SECONDS`` (2): how long the port stays closed.
- ``NEXUS_STANDIN_STARTING_SECONDS`` (3): how long everything is then 503.
- ``NEXUS_STANDIN_TASK_SECONDS`` (0): how long each run of a task takes.
- ``NEXUS_STANDIN_TASK_RESULT`` (OK): what each ends with: OK, FAILED, CANCELED or INTERRUPTED.
- ``NEXUS_STANDIN_WRITABLE`` (true): false never lets it be written to, as a migration that hangs.
- ``NEXUS_STANDIN_REGISTRY`` (docker-registry): the program behind the Docker repositories.
- ``NEXUS_STANDIN_JAVA`` (java): the program that runs scripts.
- ``NEXUS_STANDIN_GROOVY`` (that of Debian): the jar of Groovy; without one scripts fail to run.
- ``NEXUS_SECURITY_INITIAL_PASSWORD``: Nexus' own, from 3.39.
- ``NEXUS_SECURITY_RANDOMPASSWORD`` (true): Nexus' own, from 3.17.

Of ``<data>/etc/nexus.properties`` two lines are read, as Nexus reads them:
``nexus.scripts.allowCreation`` (needed from 3.21.2 on) and ``nexus.security.randompassword``.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .versions import UnknownVersionError, Version

_RESULTS = ("OK", "FAILED", "CANCELED", "INTERRUPTED")
_GROOVY = "/usr/share/java/groovy-all.jar"


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
        version: The Nexus version and edition that are played.
        initial_password: First password of ``admin``, used as it is; none: see below.
        random_password: False gives ``admin123`` on the first boot instead of a random password.
        registry_program: The ``docker-registry`` program; None where there is none.
        script_creation: Scripts may be made and changed.
        java_program: Runs scripts; None where there is none.
        groovy: The jar of Groovy; None where there is none.
        task_seconds: How long each run of a task takes.
        task_result: What each run of a task ends with.
        writable: False answers 503 for ever where it is asked whether it can be written to.
    """

    data: Path
    port: int
    closed_seconds: float
    starting_seconds: float
    version: Version
    initial_password: str | None
    random_password: bool
    registry_program: str | None
    script_creation: bool = False
    java_program: str | None = None
    groovy: Path | None = None
    task_seconds: float = 0.0
    task_result: str = "OK"
    writable: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings.

        The two ``NEXUS_SECURITY_*`` variables are Nexus' own, those with ``STANDIN`` are not.

        Raises:
            SettingsError: A number or a truth value cannot be read.
        """
        data = Path(environment.get("NEXUS_DATA", "/nexus-data"))
        own = _properties(data / "etc" / "nexus.properties")
        version = _version(environment)
        random = own.get("nexus.security.randompassword", "true") == "true"
        groovy = Path(environment.get("NEXUS_STANDIN_GROOVY", _GROOVY))
        return cls(
            data=data,
            port=int(_number(environment, "NEXUS_STANDIN_PORT", 8081)),
            closed_seconds=_number(environment, "NEXUS_STANDIN_CLOSED_SECONDS", 2),
            starting_seconds=_number(environment, "NEXUS_STANDIN_STARTING_SECONDS", 3),
            version=version,
            initial_password=environment.get("NEXUS_SECURITY_INITIAL_PASSWORD") or None,
            random_password=_truth(environment, "NEXUS_SECURITY_RANDOMPASSWORD", default=random),
            registry_program=_program(environment, "NEXUS_STANDIN_REGISTRY", "docker-registry"),
            script_creation=version.scripts_always
            or own.get("nexus.scripts.allowCreation") == "true",
            java_program=_program(environment, "NEXUS_STANDIN_JAVA", "java"),
            groovy=groovy if groovy.exists() else None,
            task_seconds=_number(environment, "NEXUS_STANDIN_TASK_SECONDS", 0),
            task_result=_result(environment),
            writable=_truth(environment, "NEXUS_STANDIN_WRITABLE", default=True),
        )


def _program(environment: Mapping[str, str], name: str, usual: str) -> str | None:
    return shutil.which(environment.get(name, usual))


def _version(environment: Mapping[str, str]) -> Version:
    text = environment.get("NEXUS_STANDIN_VERSION", "3.94.0")
    edition = environment.get("NEXUS_STANDIN_EDITION", "").upper()
    try:
        return Version.of(text, edition)
    except UnknownVersionError as error:
        name = "NEXUS_STANDIN_EDITION" if edition else "NEXUS_STANDIN_VERSION"
        raise SettingsError(f"{name}: {error}") from None


def _result(environment: Mapping[str, str]) -> str:
    text = environment.get("NEXUS_STANDIN_TASK_RESULT", "") or _RESULTS[0]
    if text not in _RESULTS:
        raise SettingsError(f"NEXUS_STANDIN_TASK_RESULT: {text!r} is none of {', '.join(_RESULTS)}")
    return text


def _properties(file: Path) -> dict[str, str]:
    """Read a properties file's plain lines; Nexus' has no others."""
    if not file.exists():
        return {}
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if line and line[0] not in "#!"]
    return {name.strip(): value.strip() for name, _, value in pairs}


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
