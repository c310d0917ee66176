"""Nexus itself: version, image, memory, first boot."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Address, Domain, Duration, Model, SecretReference, Size, form
from moorage.config.schema.later import later

if TYPE_CHECKING:
    from moorage.config.schema.blobstores import BlobStore
    from moorage.config.schema.people import Role, User
    from moorage.config.schema.upkeep import CleanupPolicy, UpkeepTask
else:
    BlobStore = later("blobstores", "BlobStore")
    Role = later("people", "Role")
    User = later("people", "User")
    CleanupPolicy = later("upkeep", "CleanupPolicy")
    UpkeepTask = later("upkeep", "UpkeepTask")

HTTP_PORT = 8081
"""Where Nexus serves its pages and its API in the container (the image's ``EXPOSE``)."""
VM_PARAMETERS = "INSTALL4J_ADD_VM_PARAMS"
"""Environment variable with the flags for Java (sonatype/docker-nexus3, Dockerfile)."""

_IMAGE_NAME = form(
    r"[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+(?=/))?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "an image's name without a tag, such as moorage/nexus or registry.example.com:5000/nexus",
)
_VARIABLE = form(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")
_URL = form(r"auto|https?://[^\s/]+\S*", "auto or an address, https://…")
_THING = form(r"[A-Za-z0-9-][A-Za-z0-9_.-]*", 'a name: letters, digits, ".", "_" and "-" only')
# it becomes a part of an address, in which servers give ; and dots a meaning of their own
_ID = form(r"(?!\.\.?\Z)[^\s/?#%;\\]+", "a name without spaces, slashes, ?, #, % and ;")
# in Basic authentication a colon ends the user's name (RFC 7617, section 2)
_USER = form(
    r"(?!\.\.?\Z)[^\s/?#%;:\\]+", "a user's name without spaces, slashes, ?, #, %, : and ;"
)
_TAG = form(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "an image's tag")


class ImageLogin(Model):
    """Who pushes the image to its registry, and as whom the nodes pull it."""

    user: Annotated[str, form(r"[^\s:\x00-\x1f\x7f]+", "a user's name without spaces and colons")]
    """The user; nodes need to pull, the builder to push."""
    password: SecretReference
    """The password; after it has changed, the service is updated with it."""


class Image(Model):
    """The image that is built from ``templates/Dockerfile.j2``."""

    name: Annotated[str, _IMAGE_NAME] = "moorage/nexus"
    """Without a tag; with a registry's name in front where it is pushed to one."""
    tag: Annotated[str, _TAG] | None = None
    """Default: the version and a hash of the rendered Dockerfile, so that it never moves."""
    base: Annotated[str, form(r"[^\s]+", "an image")] = "sonatype/nexus3"
    """``FROM``: the version is added as its tag unless a tag or digest is given here."""
    distribution: Literal["load", "registry", "given"] = "load"
    """``load``: by SSH to every node; ``registry``: pushed to the registry in its name; ``given``:
    not built, it is on the nodes or they pull it."""
    login: ImageLogin | None = None
    """Not with ``load``; null: the login of the account on the manager, if any."""


EXTERNAL_DATABASE = "NEXUS_DATASTORE_NEXUS_JDBCURL"
"""Variable with which the database is on a server of its own (nexus-public, MyBatisDataStore)."""


class Memory(Model):
    """What Nexus may use. ``null`` leaves it to the image or to Docker."""

    heap: Size | None = "2703m"
    """Java's heap: both ``-Xms`` and ``-Xmx``."""
    direct: Size | None = "2703m"
    """Java's direct memory: ``-XX:MaxDirectMemorySize``."""
    limit: Size | None = "6g"
    """The container's limit; more than heap and direct memory together."""


class Nexus(Model):
    """The service that keeps the images."""

    version: Annotated[str, form(r"3\.\d+\.\d+", "a version of Nexus such as 3.94.0")]
    """Version of Nexus Repository, such as 3.94.0; the tag of the image built upon."""
    domain: Domain
    """Name of Nexus' web pages and REST API, such as nexus.example.com."""
    image: Image = Image()
    """The image that is built and deployed."""
    memory: Memory = Memory()
    """What Nexus may use."""
    uid: Annotated[int, Field(ge=1)] = 200
    """Numeric user of the process; owns the exported directory."""
    environment: dict[Annotated[str, _VARIABLE], str] = {}
    """Further environment variables of the container; never for secrets."""
    admin_password: SecretReference = "env:NEXUS_ADMIN_PASSWORD"  # noqa: S105  a reference
    """Where the password of Nexus' ``admin`` is kept; docs/secrets.md has the forms."""
    former_admin_password: SecretReference | None = None
    """The one that admin had before: tried where `admin_password` is not taken, then changed."""
    accept_eula: bool = False
    """True accepts the licence of the Community Edition in your name (3.77 and later ask)."""
    anonymous: bool = False
    """Whether images may be pulled without a login."""
    allowed_remotes: list[Address] = []
    """Private addresses and names that proxies may ask: from 3.92 on Nexus refuses others."""
    base_url: Annotated[str, _URL] | None = "auto"
    """Address that Nexus gives for itself; `auto`: by its domain; null leaves it as it is."""
    blob_stores: dict[Annotated[str, _THING], BlobStore] = {}
    """Blob stores by name; `default` is there anyway."""
    cleanup_policies: dict[Annotated[str, _THING], CleanupPolicy] = {}
    """Cleanup policies by name, for `cleanup` of repositories."""
    tasks: dict[Annotated[str, Field(min_length=1)], UpkeepTask] = {}
    """Tasks by name."""
    roles: dict[Annotated[str, _ID], Role] = {}
    """Roles by name."""
    users: dict[Annotated[str, _USER], User] = {}
    """Users by name, besides `admin`."""
    startup_timeout: Duration = "20m"
    """How long Nexus may take from its container's start until it can be written to."""
    seed_timeout: Duration = "30m"
    """How long seeding may take, all requests together, once Nexus can be written to."""
