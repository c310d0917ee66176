"""What all models of the inventory share: strictness, and the small checked types."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

# pydantic would read the metadata of all packages for plugins, of which there are none to be
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core.core_schema import CoreSchema

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_SIZE = re.compile(r"([1-9]\d*)([kmgKMG])", re.ASCII)
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_A_NAME = 'a name: letters, digits, ".", "_" and "-" only, a letter or digit first'
_SECRET = re.compile(
    r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|age:\S.*#[A-Za-z0-9][A-Za-z0-9_.-]*"
    r"|keyring:[^/].*/.*[^/]|command:\S.*|prompt:.*"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_SECRETS = (
    "a secret's value does not belong in an inventory: refer to it as env:NAME, file:PATH, "
    "age:PATH#NAME, keyring:SERVICE/NAME, command:WORDS or prompt:"
)
_SIZE_FACTORS = {"k": 1024, "m": 1024**2, "g": 1024**3}


class Contradictions(ValueError):
    """What no single field can tell, each with its field; texts of the operator's may be in it."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in found))
        self.found = found


class Model(BaseModel):
    """A part of the inventory: no unknown keys, no silent conversions, never changed."""

    # without use_attribute_docstrings, which reads every class' source at each start;
    # config/keys.py does so when the words are wanted
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def as_pattern(expression: str) -> str:
    """A regular expression for whole texts of Python's, as JSON Schema has patterns."""
    return f"^(?:{expression})$".replace(r"\Z", "$")


@dataclass(frozen=True, eq=False)
class Form(AfterValidator):
    """A check of a text, and what editors are told of it by docs/site.schema.json.

    Args:
        pattern: regular expression of what passes; the check itself may be stricter.
        words: what the text is to be.
    """

    pattern: str
    words: str

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        told = {"pattern": as_pattern(self.pattern), "patternErrorMessage": f"not {self.words}"}
        return handler(core) | told


def form(pattern: str, words: str) -> Form:
    """Checks the form of a text; ``words`` say what it should have been."""

    def check(text: str) -> str:
        # compiled when the first text is checked: most forms meet none in a run
        # what no terminal shows could not be told from what it hides
        if re.fullmatch(pattern, text, re.ASCII) and text.isprintable():
            return text
        raise ValueError(f'"{text}" is not {words}')

    return Form(check, pattern, words)


@dataclass(frozen=True, eq=False)
class Shorter(BeforeValidator):
    """Takes a shorter way to write a value, and tells editors of it.

    Args:
        also: the JSON Schema of what else may be written; None: one item of the list.
    """

    also: Mapping[str, Any] | None = None

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        told = handler(core)
        return {"anyOf": [told["items"] if self.also is None else dict(self.also), told]}


def _duration(text: str) -> str:
    if not text or not _DURATION.fullmatch(text):
        raise ValueError(f'"{text}" is not a duration such as 30s, 15m or 1h30m')
    return text


def seconds(duration: str) -> int:
    """Length in seconds of a duration such as ``1h30m``."""
    found = _DURATION.fullmatch(duration)
    if not found:
        raise ValueError(f'"{duration}" is not a duration such as 30s, 15m or 1h30m')
    hours, minutes, secs = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + secs


def _size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise ValueError(f'"{text}" is not a size such as 512m or 4g')
    return text


def in_bytes(size: str) -> int:
    """Bytes of a size such as ``512m``, with powers of 1024 as Docker reads them."""
    found = _SIZE.fullmatch(size)
    if not found:
        raise ValueError(f'"{size}" is not a size such as 512m or 4g')
    return int(found[1]) * _SIZE_FACTORS[found[2].lower()]


def is_ip(text: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address(text: str) -> str:
    if is_ip(text) or (_HOSTNAME.fullmatch(text) and not re.fullmatch(r"[\d.]+", text)):
        return text
    raise ValueError(f'"{text}" is neither an IP address nor a host name')


def _client(text: str) -> str:
    if "/" not in text:
        return _address(text)
    prefix = text.rpartition("/")[2]
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError as cause:
        limit = 128 if ":" in text else 32
        if not prefix.isdigit() or int(prefix) > limit:
            raise ValueError(f'"{text}" is not a CIDR (prefix ≤ {limit})') from cause
        raise ValueError(f'"{text}" is not a CIDR: {cause}') from cause
    return text


def _network(text: str) -> str:
    if "/" not in text and not is_ip(text):
        raise ValueError(f'"{text}" is neither an IP address nor a CIDR')
    return _client(text)


def _domain(text: str) -> str:
    if _HOSTNAME.fullmatch(text) and "_" not in text and not is_ip(text):
        return text
    raise ValueError(f'"{text}" is not a domain name such as registry.example.com')


def plain_name(text: str) -> str:
    """A name, as it is.

    Raises:
        ValueError: it is none.
    """
    if _NAME.fullmatch(text):
        return text
    raise ValueError(f'"{text}" is not {_A_NAME}')


def _absolute(text: str) -> str:
    if not text.startswith("/") or "/../" in f"{text}/" or "\n" in text:
        raise ValueError(f'"{text}" is not an absolute path')
    return text.rstrip("/") or "/"


def secret_reference(text: Any) -> str:
    """A reference to a secret, as it is.

    Raises:
        ValueError: it is none.
    """
    if isinstance(text, str) and _SECRET.fullmatch(text) and not _CONTROL.search(text):
        return text
    raise ValueError(_NO_SECRETS)


_HOST = rf"{_HOSTNAME.pattern}|[0-9A-Fa-f:.]+"
_DOMAIN = _HOSTNAME.pattern.replace("_", "")

Duration = Annotated[
    str, Form(_duration, rf"(?=.){_DURATION.pattern}", "a duration such as 30s, 15m or 1h30m")
]
Size = Annotated[str, Form(_size, _SIZE.pattern, "a size such as 512m or 4g")]
Address = Annotated[str, Form(_address, _HOST, "an IP address or a host name")]
Client = Annotated[
    str, Form(_client, rf"(?:{_HOST})(/\d+)?", "an IP address, a host name or a CIDR")
]
Network = Annotated[str, Form(_network, r"[0-9A-Fa-f:.]+(/\d+)?", "an IP address or a CIDR")]
Domain = Annotated[str, Form(_domain, _DOMAIN, "a domain name such as registry.example.com")]
Name = Annotated[str, Form(plain_name, _NAME.pattern, _A_NAME)]
AbsolutePath = Annotated[str, Form(_absolute, r"/.*", "an absolute path")]
SecretReference = Annotated[
    str,
    BeforeValidator(secret_reference),
    Field(json_schema_extra={"pattern": as_pattern(_SECRET.pattern),
                             "patternErrorMessage": _NO_SECRETS}),
]  # fmt: skip


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OneOrMore = Shorter(_as_list)
"""Lets a list of names be written without brackets where it has one name only."""
Port = Annotated[int, Field(ge=1, le=65535)]
