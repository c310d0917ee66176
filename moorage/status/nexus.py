"""What Nexus tells of itself by its public name: whether it writes, repositories, blob stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moorage.errors import MoorageError, RequestRefused
from moorage.status.model import BlobStoreSeen, NexusSeen, RepositorySeen
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status
from moorage.transport.parsing import parser
from moorage.values import Secret

_REST = "/service/rest/v1"
_READ_SECONDS = 5.0
_UNAUTHORIZED, _NOT_FOUND = 401, 404


class NexusLook:
    """Asks Nexus, and keeps what it has heard so far for whoever does not wait to the end.

    Args:
        web: Nexus by its name, without retries of its own.
        password: admin's, or why there is none.
        wanted: names of the inventory's repositories, which come first.
    """

    def __init__(self, web: Web, password: Secret | MoorageError, wanted: Sequence[str]) -> None:
        self._web = web
        self._password = password
        self._wanted = list(wanted)
        self.seen = NexusSeen(web.base)
        self.repositories: tuple[RepositorySeen, ...] | None = None
        self.blob_stores: tuple[BlobStoreSeen, ...] | None = None
        self.unknown = "Nexus does not answer in time"

    def ask(self) -> bool:
        """Whether it can be asked more as admin; one attempt of one password."""
        status = nexus_status(self._web, read_seconds=_READ_SECONDS)
        self.seen = NexusSeen(
            self._web.base, status.writable, status.phase, status.version, status.edition
        )
        if not status.writable and status.version is None:
            # another answers in its place, which is given no password
            self.unknown = status.phase
            return False
        if isinstance(self._password, MoorageError):
            self.unknown = self._password.message
            return False
        self._web.log_in("admin", self._password)
        try:
            self._read()
        except RequestRefused as failure:
            refused = failure.status == _UNAUTHORIZED
            self.unknown = "Nexus does not take the password of nexus.admin_password" if (
                refused) else failure.message  # fmt: skip
            return False
        except MoorageError as failure:
            self.unknown = failure.message
            return False
        except (ValueError, LookupError, TypeError, AttributeError):
            self.unknown = "what answers there does not answer as Nexus does"
            return False
        return status.writable

    def _read(self) -> None:
        """Both lists are older than the rest of the API (3.3, 3.24)."""
        found = self._get(f"{_REST}/repositories")
        self.repositories = repositories(found, self._wanted)
        self.unknown = ""
        stores = self._get(f"{_REST}/blobstores", missing=(_NOT_FOUND,))
        self.blob_stores = None if stores is None else blob_stores(stores)

    def _get(self, path: str, *, missing: tuple[int, ...] = ()) -> Any:
        answer = self._web.call("GET", path, ok=(200, *missing), read_seconds=_READ_SECONDS)
        return None if answer.status_code in missing else answer.json()


@parser("Nexus")
def repositories(
    found: Sequence[Mapping[str, Any]], wanted: Sequence[str]
) -> tuple[RepositorySeen, ...]:
    """Those for Docker, as ``/v1/repositories`` has them; the inventory's first.

    ``online`` and ``size`` are in the document of 3.94 and in none before it.
    """
    docker = {item["name"]: item for item in found if item.get("format") == "docker"}
    order = [name for name in wanted if name in docker]
    order += sorted(name for name in docker if name not in wanted)
    return tuple(
        RepositorySeen(name, str(docker[name].get("type", "")), docker[name].get("online"),
                       docker[name].get("size"))
        for name in order
    )  # fmt: skip


@parser("Nexus")
def blob_stores(found: Sequence[Mapping[str, Any]]) -> tuple[BlobStoreSeen, ...]:
    """As ``/v1/blobstores`` has them; what a store does not tell is negative or absent there."""

    def number(item: Mapping[str, Any], key: str) -> int | None:
        value = item.get(key)
        return value if isinstance(value, int) and value >= 0 else None

    return tuple(
        BlobStoreSeen(str(item["name"]), number(item, "blobCount"),
                      number(item, "totalSizeInBytes"), number(item, "availableSpaceInBytes"))
        for item in found
    )  # fmt: skip
