"""The ways to a repository: its connector, ``/repository/<name>`` and the name in the path."""

from __future__ import annotations

from dataclasses import dataclass

from ..web.message import Request, Response


@dataclass(frozen=True, slots=True)
class Door:
    """How a client reached a repository, so that it can be sent back the same way.

    Attributes:
        repository: The repository's name; None for the root of path based routing.
        prefix: What stands before ``/v2/``.
        image_prefix: What stands before the image's name inside ``/v2/``.
        path: What follows ``/v2/`` and the image prefix.
    """

    repository: str | None
    prefix: str
    image_prefix: str
    path: str

    def base(self, request: Request) -> str:
        """Return the address of the registry as the client sees it, without ``/v2/``."""
        return f"{request.base_url}{self.prefix}"

    def send_back(self, request: Request, response: Response) -> None:
        """Turn the addresses in an answer into ones that lead through this door again.

        Location is absolute, with the client's scheme and host, as Nexus builds it; Link stays
        relative, as the specification wants it.
        """
        inner, outer = "/v2/", f"/v2/{self.image_prefix}"
        for index, (name, value) in enumerate(response.headers):
            if name == "Location" and value.startswith(inner):
                there = f"{self.base(request)}{outer}{value.removeprefix(inner)}"
                response.headers[index] = (name, there)
            elif name == "Link" and value.startswith(f"<{inner}"):
                there = f"<{self.prefix}{outer}{value.removeprefix(f'<{inner}')}"
                response.headers[index] = (name, there)


def connector_door(repository: str, path: str) -> Door | None:
    """Return the door of a connector, None where the path is not the registry's."""
    if not path.startswith("/v2/"):
        return None
    return Door(repository, "", "", path.removeprefix("/v2/"))


def application_door(path: str) -> Door | None:
    """Return the door on the application port, None where the path is not a registry's.

    ``/repository/<name>/v2/`` is on every version; ``/v2/<name>/`` where ``pathEnabled`` is set.
    """
    if path.startswith("/repository/"):
        name, _, rest = path.removeprefix("/repository/").partition("/")
        is_registry = rest.startswith("v2/")
        return Door(name, f"/repository/{name}", "", rest[3:]) if is_registry else None
    if not path.startswith("/v2/"):
        return None
    rest = path.removeprefix("/v2/")
    name, slash, image = rest.partition("/")
    return Door(name, "", f"{name}/", image) if slash else Door(None, "", "", rest)
