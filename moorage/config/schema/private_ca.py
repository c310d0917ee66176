"""A CA of the site's own, which Moorage makes and signs with."""

from typing import Annotated

from pydantic import Field

from moorage.config.schema.base import Domain, Model, OneOrMore, SecretReference


class PrivateCa(Model):
    """Files, and for how long. The CA's own certificate is the file of ``ingress.tls.ca``."""

    passphrase: SecretReference
    """What the CA's key is encrypted with."""
    key: str = "ca.key"
    """File of the CA's key."""
    certificate: str = "registry.crt"
    """File of the certificate that Traefik is to show."""
    certificate_key: str = "registry.key"
    """File of that certificate's key."""
    names: Annotated[list[Domain], OneOrMore] = []
    """Further names of the certificate, besides `registry.domain` and `nexus.domain`."""
    days: Annotated[int, Field(ge=1, le=825)] = 365
    """How long a certificate counts; Apple's systems take no more than 825 days."""
    ca_days: Annotated[int, Field(ge=1)] = 3650
    """How long a new CA counts."""
