"""Parts of a proxy that few have: its login at the other registry, ECR, replication."""

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Model, SecretReference, form


class Username(Model):
    """Name and password, as most registries want them."""

    type: Literal["username"]
    """How the proxy logs in: `username`, `ntlm`, `bearer`, or `none` to take a login away."""
    user: str
    """User at the other registry."""
    password: SecretReference
    """The password; Nexus never gives it out, so it is sent with every change of the proxy."""
    preemptive: bool | None = None
    """Log in before the other registry asks for it; since 3.68.1."""


class Ntlm(Model):
    """A Windows domain's login."""

    type: Literal["ntlm"]
    """``ntlm``"""
    user: str
    """User at the other registry."""
    password: SecretReference
    """The password; Nexus never gives it out, so it is sent with every change of the proxy."""
    ntlm_host: str | None = None
    """Name of the machine that logs in."""
    ntlm_domain: str | None = None
    """Windows domain of the user."""


class Bearer(Model):
    """A token that is sent as it is."""

    type: Literal["bearer"]
    """``bearer``"""
    token: SecretReference
    """The token; since 3.81."""


class NoLogin(Model):
    """No login any more."""

    type: Literal["none"]
    """``none``"""


Login = Annotated[Username | Ntlm | Bearer | NoLogin, Field(discriminator="type")]


class Ecr(Model):
    """Amazon's registry, which Nexus gets a token for; since 3.94."""

    region: str
    """AWS region of the registry, such as eu-central-1."""
    registry_id: Annotated[str, form(r"\d{12}", "an AWS account's number of 12 digits")]
    """AWS account that the registry belongs to; in quotes."""
    access_key_id: str | None = None
    """Id of the AWS access key; null with an IAM role."""
    secret_access_key: SecretReference | None = None
    """The key's secret."""


class Replication(Model):
    """Images fetched before anybody asks (Nexus Pro)."""

    preemptive_pull: bool
    """Whether they are."""
    assets: str | None = None
    """Which, as a regular expression of their paths."""
