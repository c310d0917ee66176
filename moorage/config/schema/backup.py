"""Backups of Nexus' data: where they go, and how many stay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from moorage.config.schema.base import (
    AbsolutePath,
    Model,
    Port,
    SecretReference,
    Shorter,
    Size,
    form,
)

RESTIC = "restic:"
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._+@,/-]*[A-Za-z0-9._+@,-]")
_LOGIN = re.compile(r"([A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:]+\])")


@dataclass(frozen=True)
class Place:
    """What ``to`` means.

    Args:
        kind: a directory of the NFS host, one of another host by SSH, or a restic repository.
        login: with ``ssh``, the other host as SSH takes it.
        path: the directory, or the repository as restic takes it.
    """

    kind: Literal["directory", "ssh", "restic"]
    login: str
    path: str


def place(text: str) -> Place:
    """Where a text of ``to`` leads.

    Raises:
        ValueError: nowhere.
    """
    if text.startswith(RESTIC):
        repository = text.removeprefix(RESTIC)
        if repository and repository.isprintable() and " " not in repository:
            return Place("restic", "", repository)
        raise ValueError(f'"{text}" names no repository: restic:/srv/restic, restic:sftp:… say')
    login, colon, path = ("", "", text) if text.startswith("/") else text.rpartition(":/")
    path = path if text.startswith("/") else f"/{path}"
    path = path.rstrip("/")
    plain = _PLAIN_PATH.fullmatch(path) and "/../" not in f"{path}/" and "//" not in path
    if not plain or (not text.startswith("/") and not (colon and _LOGIN.fullmatch(login))):
        raise ValueError(
            f'"{text}" is neither a directory (/srv/backup), nor one by SSH '
            "(ops@host.example.com:/srv/backup), nor restic:REPOSITORY"
        )
    return Place("ssh" if login else "directory", login, path)


def _to(text: str) -> str:
    place(text)
    return text.rstrip("/") if not text.startswith(RESTIC) else text


_Count = Annotated[int, Field(ge=0)]


class Keep(Model):
    """How many backups stay. The newest one that was proven stays in any case."""

    last: _Count = 0
    """The newest ones; a number alone, `keep: 7`, means this."""
    daily: _Count = 0
    """The newest one of each of so many days that have any."""
    weekly: _Count = 0
    """The newest one of each of so many weeks that have any."""
    monthly: _Count = 0
    """The newest one of each of so many months that have any."""

    @model_validator(mode="after")
    def _some(self) -> Keep:
        if not (self.last or self.daily or self.weekly or self.monthly):
            raise ValueError("at least one backup is to stay: keep: 1")
        return self


def _number(value: Any) -> Any:
    return {"last": value} if type(value) is int else value


class Backup(Model):
    """Where backups go, and what becomes of them."""

    to: Annotated[str, AfterValidator(_to)]
    """A directory on the NFS host; `USER@HOST:/PATH`, a directory on another host, which the NFS
    host reaches by SSH; or `restic:REPOSITORY`."""
    password: SecretReference | None = None
    """Used with `restic:` alone: the repository's password."""
    ssh_key: Annotated[AbsolutePath, form(r"""/[^\s'"]+""", "a path without spaces and quotes")] | (
        None
    ) = None
    """Private key file on the NFS host, for `USER@HOST:/PATH`; default: the usual ones of root."""
    ssh_port: Port | None = None
    """Port of SSH there; default: what root's ssh-config says, else 22."""
    keep: Annotated[Keep, Shorter(_number, also={"type": "integer", "minimum": 1})] = Keep(last=7)
    """How many stay."""
    floor: Size = "1g"
    """Free space that is left at the target in any case: a backup that would need it is refused."""
    snapshot: Literal["auto", "never"] = "auto"
    """`auto`: where the export is a btrfs subvolume, Nexus stands still for a snapshot alone."""
    sample: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many files of the repositories, taken by chance, a backup's proof compares."""

    @property
    def place(self) -> Place:
        return place(self.to)
