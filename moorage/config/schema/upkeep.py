"""What keeps a registry from growing for ever: cleanup policies, and tasks that act on them."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from moorage.config.schema.base import Duration, Model, Shorter, form, seconds

_DAY = Annotated[int, Field(ge=1, le=24855)]
_WEEKDAYS = Literal["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_TIME = form(r"([01]\d|2[0-3]):[0-5]\d", 'a time of day such as "03:00"')
_HOUR = 3600
_LAST_DAY = 31


class CleanupPolicy(Model):
    """Which images a cleanup takes away: those that meet every criterion."""

    notes: str | None = None
    """What it is for."""
    last_downloaded: _DAY | None = None
    """Days since it was pulled last."""
    last_published: _DAY | None = None
    """Days since it was pushed, or fetched by a proxy."""
    asset_regex: str | None = None
    """Regular expression of the path, such as `/v2/team/.*`."""
    retain: Annotated[int, Field(ge=1)] | None = None
    """Newest versions of each image that stay in any case; where the edition has it."""
    sort_by: Literal["version", "date"] | None = None
    """What makes a version new, with `retain`; since 3.94, or where the edition has it."""

    @model_validator(mode="after")
    def _not_all(self) -> Self:
        if not (self.last_downloaded or self.last_published or self.asset_regex):
            raise ValueError(
                "a policy without a criterion takes everything away: "
                "give last_downloaded, last_published or asset_regex"
            )
        if self.sort_by and not self.retain:
            raise ValueError("sort_by\tthis goes with retain")
        return self


class Weekly(Model):
    """Once a week."""

    day: _WEEKDAYS
    """Day of the week."""
    at: Annotated[str, _TIME]
    """Time of day in Nexus' own time zone, in quotes."""


def _day_of_month(value: Any) -> Any:
    if value == "last" or (type(value) is int and 1 <= value <= _LAST_DAY):
        return value
    raise ValueError("a day of the month is a number from 1 to 31, or last")


class Monthly(Model):
    """Once a month."""

    day: Annotated[int | Literal["last"], BeforeValidator(_day_of_month)]
    """Day of the month; `last` for its last one."""
    at: Annotated[str, _TIME]
    """Time of day in Nexus' own time zone, in quotes."""


_CRON = re.compile(r"\S+( \S+){5,6}")


def _cron(text: str) -> str:
    """Quartz: seconds, minutes, hours, day of month, month, day of week, and perhaps a year."""
    if not _CRON.fullmatch(text):
        raise ValueError(
            f'"{text}" has not the 6 or 7 words of a cron expression, such as 0 0 3 * * ?'
        )
    days = text.split(" ")[3], text.split(" ")[5]
    if days.count("?") != 1:
        raise ValueError(f'"{text}" needs ? for one of day of month and day of week, and only one')
    return text


class Schedule(Model):
    """When a task runs; `manual` for only when somebody starts it."""

    hourly: Annotated[int, Field(ge=0, le=59)] | None = None
    """Every hour, at this minute."""
    daily: Annotated[str, _TIME] | None = None
    """Every day at this time in Nexus' own time zone, in quotes: "03:00"."""
    weekly: Weekly | None = None
    """Once a week."""
    monthly: Monthly | None = None
    """Once a month."""
    cron: Annotated[str, AfterValidator(_cron)] | None = None
    """A cron expression of 6 or 7 words, seconds first: `0 0 3 * * ?`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name, value in self if value is not None]
        if len(given) > 1:
            raise ValueError(f"one schedule is enough, there are {' and '.join(given)}")
        return self

    @property
    def expression(self) -> str | None:
        """As a cron expression; None for manual."""
        if self.hourly is not None:
            return f"0 {self.hourly} * * * ?"
        if self.daily is not None:
            return f"{_at(self.daily)} * * ?"
        if self.weekly is not None:
            return f"{_at(self.weekly.at)} ? * {self.weekly.day[:3].upper()}"
        if self.monthly is not None:
            day = "L" if self.monthly.day == "last" else self.monthly.day
            return f"{_at(self.monthly.at)} {day} * ?"
        return self.cron


def _at(time: str) -> str:
    hours, minutes = time.split(":")
    return f"0 {int(minutes)} {int(hours)}"


def _manual(value: Any) -> Any:
    if isinstance(value, str) and value != "manual":
        raise ValueError(f'"{value}" is not manual, nor a map such as {{daily: "03:00"}}')
    return {} if value == "manual" else value


def _whole_hours(text: str) -> str:
    if seconds(text) < _HOUR or seconds(text) % _HOUR:
        raise ValueError(f'"{text}" is not whole hours such as 24h')
    return text


_Hours = Annotated[Duration, AfterValidator(_whole_hours)]


class _Task(Model):
    schedule: Annotated[Schedule, Shorter(_manual, also={"const": "manual"})] = Schedule()
    """When a task runs; `manual` for only when somebody starts it."""
    enabled: bool = True
    """False keeps it from running."""
    alert_email: str | None = None
    """Who is told; null: as it is, and nobody of a new task."""
    notify: Literal["failure", "always"] = "failure"
    """When mail is sent: after a failure, or always."""


class DockerGc(_Task):
    """Takes away layers that no image has any more."""

    type: Literal["docker-gc"]
    """``docker-gc``: takes away layers that no image of `repository` has any more."""
    repository: str
    """Hosted or proxy repository that is cleaned."""
    deploy_offset: _Hours | None = None
    """Layers that are younger stay, for a push may still need them; whole hours."""


class DockerUploads(_Task):
    """Takes away uploads that were never finished."""

    type: Literal["docker-uploads"]
    """``docker-uploads``: takes away uploads that were never finished."""
    age: _Hours = "24h"
    """How old an upload must be; whole hours."""


class CompactBlobStore(_Task):
    """Gives the space of deleted blobs back."""

    type: Literal["compact-blob-store"]
    """``compact-blob-store``: gives the space of deleted blobs back; nothing else does."""
    blob_store: str = "default"
    """Which blob store."""


UpkeepTask = Annotated[DockerGc | DockerUploads | CompactBlobStore, Field(discriminator="type")]
