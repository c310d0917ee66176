"""How a proxy reaches the registry that it stands for."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from moorage.config.schema.base import Model, OneOrMore, form
from moorage.config.schema.later import later
from moorage.config.schema.suggest import suggestion

if TYPE_CHECKING:
    from moorage.config.schema.proxy_options import Ecr, Login, Replication
else:
    Ecr = later("proxy_options", "Ecr")
    Login = later("proxy_options", "Login")
    Replication = later("proxy_options", "Replication")

READY_MADE = {
    "docker-hub": "https://registry-1.docker.io",
    "ghcr": "https://ghcr.io",
    "quay": "https://quay.io",
    "mcr": "https://mcr.microsoft.com",
    "registry-k8s": "https://registry.k8s.io",
    "gcr": "https://gcr.io",
    "ecr-public": "https://public.ecr.aws",
}
"""Public registries by the name that they may be called by."""
_HUB = READY_MADE["docker-hub"]
_LARGEST = 2**31 - 1

Minutes = Annotated[int, Field(ge=-1, le=_LARGEST)]


def _remote(text: str) -> str:
    if text in READY_MADE:
        return text
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise ValueError(
            f'"{text}" is neither an address, https://…, nor one of the registries known by name'
            f"{suggestion(text, READY_MADE)}"
        )
    if scheme not in ("http", "https") or not rest.partition("/")[0] or " " in rest:
        raise ValueError(f'"{text}" is not the address of a registry, https://…')
    if "@" in rest.partition("/")[0]:
        raise ValueError("a user and password do not belong into an address")
    return text


Remote = Annotated[str, AfterValidator(_remote)]
Address = Annotated[str, form(r"https?://[^\s/@]+[^\s@]*", "an address, https://…")]


def address(remote: str) -> str:
    """The address that a registry's name stands for, or the address itself."""
    return READY_MADE.get(remote, remote)


def index_of(remote: str) -> Literal["hub", "registry"]:
    """The kind of index that belongs to a remote."""
    return "hub" if address(remote).rstrip("/") == _HUB else "registry"


class Http(Model):
    """The connections to the other registry."""

    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    """Further attempts when one is not answered in time."""
    timeout: Annotated[int, Field(ge=1, le=3600)] | None = None
    """Seconds that the other registry may be silent."""
    user_agent_suffix: str | None = None
    """Added to the User-Agent header."""
    circular_redirects: bool | None = None
    """Follow a redirect to the same place again."""
    cookies: bool | None = None
    """Keep cookies."""
    use_trust_store: bool | None = None
    """Trust the certificates in Nexus' own trust store; for https only."""


class ProxySettings(Model):
    """What only a proxy has."""

    remote: Remote
    """Address of the other registry, or `docker-hub`, `ghcr`, `quay`, `mcr`, `registry-k8s`,
    `gcr` or `ecr-public`."""
    index: Literal["hub", "registry", "custom"] | None = None
    """`hub`: Docker Hub, where `hello-world` means `library/hello-world`; `custom`: `index_url`;
    default: as the remote is."""
    index_url: Address | None = None
    """Address of the index; with `custom` alone."""
    content_max_age: Minutes = 1440
    """Minutes that what was fetched counts as fresh; -1 for ever."""
    metadata_max_age: Minutes = 1440
    """Minutes that tags count as fresh."""
    negative_cache: Annotated[int, Field(ge=0, le=_LARGEST)] = 1440
    """Minutes that "not there" is remembered; 0 switches it off."""
    auto_block: bool = True
    """Stop asking a remote that does not answer."""
    blocked: bool = False
    """True asks the remote for nothing; what is kept is served."""
    foreign_layers: bool | None = None
    """Fetch layers that an image has elsewhere, as Windows images do."""
    foreign_layer_urls: Annotated[list[str], OneOrMore] | None = None
    """Where from, as regular expressions of addresses."""
    login: Login | None = None
    """Login at the other registry; null leaves it as it is."""
    http: Http = Http()
    """The connections to the other registry."""
    ecr: Ecr | None = None
    """Amazon's registry, which Nexus gets a token for; since 3.94."""
    firewall: Literal["disabled", "audit", "quarantine", "pccs"] | None = None
    """What Sonatype's firewall does with what it fetches; since 3.94."""
    routing_rule: str | None = None
    """Nexus' routing rule, by name, that says which requests are answered."""
    preserve_encoded_characters: bool | None = None
    """Send characters such as %2B on as they are; since 3.90."""
    replication: Replication | None = None
    """Images fetched before anybody asks (Nexus Pro)."""

    @property
    def remote_address(self) -> str:
        return address(self.remote)

    @property
    def index_type(self) -> Literal["hub", "registry", "custom"]:
        return self.index or index_of(self.remote)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.index == "custom") != (self.index_url is not None):
            raise ValueError("index_url\tan index of its own needs index: custom and index_url")
        if self.http.use_trust_store and self.remote_address.startswith("http:"):
            raise ValueError("http.use_trust_store\tthe trust store is for https:// only")
        if self.ecr and self.login and self.login.type != "none":
            raise ValueError("login\tecr is a login already: one of both")
        return self
