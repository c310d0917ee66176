"""Where Nexus keeps blobs: directories and S3 buckets."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from moorage.config.schema.base import Model, SecretReference, Size
from moorage.config.schema.proxy import Address

_LARGEST = 2**31 - 1


class Quota(Model):
    """When Nexus warns that a blob store grows; it never stops a push."""

    type: Literal["remaining", "used"]
    """`remaining`: less than the limit is free; `used`: more than the limit is used."""
    limit: Size
    """The limit, such as 10g."""


class FileStore(Model):
    """A directory."""

    type: Literal["file"]
    """``file``: a directory."""
    path: Annotated[str, Field(min_length=1)]
    """Directory: absolute, or below `/nexus-data/blobs`; cannot be changed later."""
    quota: Quota | None = None
    """When Nexus warns that a blob store grows; null leaves it as it is."""


class Encryption(Model):
    """How S3 encrypts."""

    type: Literal["s3", "kms"]
    """`s3`: with S3's own keys; `kms`: with a key of AWS KMS."""
    key: str | None = None
    """Id of the KMS key; null: the account's default key."""


class S3Store(Model):
    """A bucket."""

    type: Literal["s3"]
    """``s3``: a bucket, of Amazon's or of a server that speaks its API."""
    bucket: Annotated[str, Field(min_length=1)]
    """Name of the bucket; cannot be changed later."""
    region: Annotated[str, Field(min_length=1)] = "DEFAULT"
    """AWS region of the bucket; `DEFAULT`: the one that Nexus runs in."""
    prefix: str | None = None
    """Put before each object's key; cannot be changed later."""
    expiration: Annotated[int, Field(ge=-1, le=_LARGEST)] = 3
    """Days until a deleted blob is gone from the bucket, -1 for never; before 3.84 only."""
    access_key_id: str | None = None
    """Id of the access key; null with an IAM role of the machine."""
    secret_access_key: SecretReference | None = None
    """The key's secret."""
    session_token: SecretReference | None = None
    """Token of temporary credentials."""
    role: str | None = None
    """IAM role to take on."""
    encryption: Encryption | None = None
    """How S3 encrypts; null leaves it as it is."""
    endpoint: Address | None = None
    """Address of a server that speaks S3's API, where it is not Amazon's."""
    path_style: bool | None = None
    """The bucket in the path and not in the host name, as most other servers want it."""
    signer: str | None = None
    """Version of the signature, where the server wants an old one: S3SignerType."""
    max_connections: Annotated[int, Field(ge=1, le=_LARGEST)] | None = None
    """Connections to S3 at once."""
    pre_signed_urls: bool | None = None
    """Clients fetch blobs from S3 themselves (Nexus Pro); since 3.84."""
    quota: Quota | None = None
    """When Nexus warns that a blob store grows; null leaves it as it is."""

    @model_validator(mode="after")
    def _whole_key(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id\tan access key is access_key_id and secret_access_key")
        return self


BlobStore = Annotated[FileStore | S3Store, Field(discriminator="type")]
