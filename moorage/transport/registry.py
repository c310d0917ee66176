"""The Docker Registry API, as far as pushing and pulling one image needs it.

Source: OCI distribution-spec, spec.md, "Endpoints"; Docker token authentication,
distribution/docs/spec/auth/token.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from moorage.errors import RequestRefused
from moorage.transport.http import Web, basic, refusal
from moorage.values import Secret

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_MANIFESTS = (
    MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


def digest_of(content: bytes) -> str:
    """A content's digest as registries write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """A registry by its public name, with one login.

    Args:
        web: the server, without a login of its own.
        user: who logs in; None for nobody.
        password: the user's password.
        prefix: path before ``/v2``, as in Nexus' ``/repository/NAME``.
    """

    def __init__(
        self, web: Web, user: str | None = None, password: Secret | None = None, prefix: str = ""
    ) -> None:
        self._web = web
        self._user = user
        self._password = password
        self._prefix = prefix
        self._sent = (password,) if password else ()
        self._tokens: dict[str, str] = {}

    def log_in(self) -> str:
        """What ``docker login`` does: ask ``/v2/``, answer its challenge, ask again.

        Returns:
            The kind of login: ``none``, ``Basic`` or ``Bearer``.

        Raises:
            RequestRefused: the login was not taken.
        """
        path = f"{self._prefix}/v2/"
        answer = self._web.ask("GET", path)
        kind = "none"
        if answer.status_code == requests.codes.unauthorized:
            kind = answer.headers.get("WWW-Authenticate", "").split(" ")[0].capitalize()
            answer = self._ask("GET", path, scope="")
        if answer.status_code != requests.codes.ok:
            raise refusal("GET", path, answer, self._sent)
        return kind

    def push(self, name: str, tag: str, layers: Mapping[str, bytes], config: bytes) -> str:
        """Push an image as ``docker push`` does: HEAD, POST, PATCH, PUT of each blob, PUT manifest.

        Args:
            name: repository in the registry, such as ``moorage-verify/probe``.
            tag: the image's tag.
            layers: gzipped layers by digest.
            config: the image's configuration as JSON.

        Returns:
            The manifest's digest.

        Raises:
            RequestRefused: what the registry refused.
        """
        for digest, content in {**layers, digest_of(config): config}.items():
            if not self.has(name, digest):
                self.upload(name, digest, content)
        manifest = json.dumps({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": len(config), "digest": digest_of(config),
            },
            "layers": [
                {
                    "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "size": len(content), "digest": digest,
                }
                for digest, content in layers.items()
            ],
        }).encode()  # fmt: skip
        path = f"{self._prefix}/v2/{name}/manifests/{tag}"
        self._call("PUT", path, name, ok=(201,), data=manifest, headers={"Content-Type": MANIFEST})
        return digest_of(manifest)

    def has(self, name: str, digest: str) -> bool:
        """Whether a blob is said to be there, as a push asks it."""
        path = f"{self._prefix}/v2/{name}/blobs/{digest}"
        answer = self._ask("HEAD", path, scope=_scope(name))
        return answer.status_code == int(requests.codes.ok)

    def begins_uploads(self, name: str) -> bool:
        """Whether an upload can be begun; it is given up at once."""
        begun = self._ask("POST", self._uploads(name), scope=_scope(name), data=b"")
        if begun.status_code != requests.codes.accepted:
            return False
        self._ask("DELETE", self._location(begun), scope=_scope(name))
        return True

    def upload(self, name: str, digest: str, content: bytes | Iterator[bytes]) -> None:
        """Upload a blob by POST, PATCH and PUT.

        Args:
            content: an iterator's parts are sent as they come.

        Raises:
            RequestRefused: what the registry refused.
        """
        upload = self._call("POST", self._uploads(name), name, ok=(202,), data=b"")
        octets = {"Content-Type": "application/octet-stream"}
        upload = self._call(
            "PATCH", self._location(upload), name, ok=(202,), data=content, headers=octets
        )
        self._call(
            "PUT", self._location(upload), name, ok=(201,), data=b"", params={"digest": digest}
        )

    def _uploads(self, name: str) -> str:
        return f"{self._prefix}/v2/{name}/blobs/uploads/"

    def _location(self, answer: requests.Response) -> str:
        location = answer.headers.get("Location", "")
        if location.startswith("http") and not location.startswith(self._web.base + "/"):
            place = location.split("?")[0]
            raise RequestRefused(
                f"the upload is to go on at {place}, which is another address{self._lost(place)}",
                request=f"{answer.request.method} {answer.request.path_url.split('?')[0]}",
                status=answer.status_code,
                hint=self._told(),
            )
        return location

    def _lost(self, address: str) -> str:
        """The mistake, where an address differs by its scheme alone."""
        scheme, _, place = self._web.base.partition("://")
        wrong, _, other = address.partition("://")
        if wrong == scheme or not f"{other}/".startswith(f"{place}/"):
            return ""
        return f": {scheme} scheme lost, Nexus is told {wrong}"

    def _told(self) -> str:
        """Nexus builds addresses from these headers (its base URL capability does not matter)."""
        return (
            f"Nexus must be told {self._web.base} by X-Forwarded-Proto and Host: no middleware may "
            "change them, and Traefik must trust a proxy in front of it "
            "(entryPoints.<name>.forwardedHeaders.trustedIPs)"
        )

    def manifest(self, name: str, reference: str) -> tuple[str, dict[str, Any]] | None:
        """Digest and content of a manifest; ``None`` where there is none.

        Raises:
            RequestRefused: any other answer than found or not found.
        """
        path = f"{self._prefix}/v2/{name}/manifests/{reference}"
        answer = self._call(
            "GET", path, name, ok=(200, 404), headers={"Accept": ", ".join(_MANIFESTS)}
        )
        if answer.status_code == requests.codes.not_found:
            return None
        return digest_of(answer.content), answer.json()

    def blob(self, name: str, digest: str) -> bytes:
        """A blob's content, its digest checked."""
        path = f"{self._prefix}/v2/{name}/blobs/{digest}"
        answer = self._call("GET", path, name, ok=(200,))
        if digest_of(answer.content) != digest:
            raise RequestRefused(
                "the content does not have the digest asked for",
                request=f"GET {path}",
                status=answer.status_code,
            )
        return answer.content

    def _call(
        self, method: str, path: str, name: str, *, ok: tuple[int, ...], **options: Any
    ) -> requests.Response:
        answer = self._ask(method, path, scope=_scope(name), **options)
        if answer.status_code not in ok:
            raise refusal(method, path.split("?", maxsplit=1)[0], answer, self._sent)
        return answer

    def _ask(self, method: str, path: str, *, scope: str, **options: Any) -> requests.Response:
        """Ask; where a login is wanted, log in as the challenge says and ask once more."""
        headers = {**options.pop("headers", {}), **self._authorization(scope)}
        answer = self._web.ask(method, path, headers=headers, **options)
        if answer.status_code != requests.codes.unauthorized or self._password is None:
            return answer
        challenge = answer.headers.get("WWW-Authenticate", "")
        if challenge.lower().startswith("bearer"):
            self._tokens[scope] = self._token(dict(_CHALLENGE.findall(challenge)), scope)
        else:
            self._tokens[scope] = ""
        headers = {**headers, **self._authorization(scope)}
        return self._web.ask(method, path, headers=headers, **options)

    def _authorization(self, scope: str) -> dict[str, str]:
        if scope not in self._tokens or self._user is None or self._password is None:
            return {}
        token = self._tokens[scope]
        if token:
            return {"Authorization": f"Bearer {token}"}
        return {"Authorization": basic(self._user, self._password)}

    def _token(self, challenge: Mapping[str, str], scope: str) -> str:
        realm = challenge.get("realm", "")
        if not realm.startswith(f"{self._web.base}/"):
            raise RequestRefused(
                f"the login is to go to {realm.split('?')[0] or 'nowhere'}, another address: "
                f"the password was not sent{self._lost(realm)}",
                request="GET /v2/",
                status=401,
                hint=self._told(),
            )
        params = {"service": challenge.get("service", ""), "account": self._user or ""}
        if scope:
            params["scope"] = scope
        headers = {}
        if self._user is not None and self._password is not None:
            headers["Authorization"] = basic(self._user, self._password)
        answer = self._web.ask("GET", realm, params=params, headers=headers)
        if answer.status_code != requests.codes.ok:
            raise refusal("GET", realm, answer, self._sent)
        body = answer.json()
        return str(body.get("token") or body.get("access_token") or "")


def _scope(name: str) -> str:
    return f"repository:{name}:pull,push"
