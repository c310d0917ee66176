"""Who may do what: roles, and the people and robots that have them."""

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Model, OneOrMore, SecretReference, form

READY_MADE_ROLES = ("docker-pull", "docker-push")
"""Roles that a user may have without their being declared."""

_Names = Annotated[list[str], OneOrMore]


class Role(Model):
    """What who has it may do; a right that is not here is taken away."""

    description: str | None = None
    """What it is for."""
    pull: _Names = []
    """Repositories that may be pulled from."""
    push: _Names = []
    """Hosted repositories that may be pushed to, and pulled from."""
    delete: _Names = []
    """Hosted repositories whose images may be deleted."""
    privileges: _Names = []
    """Further privileges, by Nexus' own names."""
    roles: _Names = []
    """Roles that are part of it."""


class User(Model):
    """A person or a robot."""

    password: SecretReference
    """The password; tried once each run, and set where it is not taken."""
    roles: Annotated[_Names, Field(min_length=1)]
    """Roles by name: declared here, on the server, or `docker-pull` and `docker-push`."""
    first_name: Annotated[str, Field(min_length=1)] | None = None
    """Null leaves it as it is; a new user gets the name as first and last one."""
    last_name: Annotated[str, Field(min_length=1)] | None = None
    """Null leaves it as it is."""
    email: Annotated[str, form(r"[^@\s]+@[^@\s]+", "an address for mail")] | None = None
    """Null leaves it as it is; a new user gets `<name>@<nexus.domain>`."""
    status: Literal["active", "disabled"] = "active"
    """`disabled` keeps the user from logging in."""
