"""The registry client against a strict registry: login, push and pull as Docker does them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from authority import HttpsServer

from moorage.errors import RequestRefused
from moorage.transport.http import Web
from moorage.transport.registry import MANIFEST, Registry, digest_of
from moorage.values import Secret

LAYER = b"a layer"
CONFIG = b'{"architecture": "amd64"}'
LOGIN = "Basic " + base64.b64encode(b"admin:secret").decode()
TOKEN = "DockerToken.0123"


class StrictRegistry:
    """Refuses whatever the distribution specification does not allow, and says why.

    Args:
        kind: ``Bearer``, ``Basic`` or ``none``: the login that it asks for.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.scopes: list[str] = []
        self.logins = 0
        self.elsewhere = ""
        self.server = HttpsServer(None, self.answer)
        self.base = f"http://127.0.0.1:{self.server.port}"

    def answer(self, request):
        self.logins += "Authorization" in request.headers
        url = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/token":
            self.scopes.append(query.get("scope", ""))
            good = request.headers.get("Authorization") == LOGIN and query["service"] == "reg"
            token = json.dumps({"token": TOKEN}).encode()
            return (200, {}, token) if good else (401, {}, b"bad login")
        wanted = {"Bearer": f"Bearer {TOKEN}", "Basic": LOGIN}.get(self.kind)
        if wanted and request.headers.get("Authorization") != wanted:
            asks = {
                "Bearer": f'Bearer realm="{self.base}/token",service="reg"',
                "Basic": 'BASIC realm="Nexus"',
            }
            return 401, {"WWW-Authenticate": asks[self.kind]}, b""
        return self._api(request, url.path, query)

    def _api(self, request, path, query):  # noqa: PLR0911
        if path == "/v2/":
            return 200, {}, b"{}"
        if found := re.fullmatch(r"/v2/(.+)/blobs/uploads/", path):
            if request.command != "POST" or request.body:
                return 400, {}, b"an upload begins with an empty POST"
            self.uploads["1"] = b""
            return 202, {"Location": f"{self.elsewhere}/v2/{found[1]}/blobs/uploads/1?state=x"}, b""
        if found := re.fullmatch(r"/v2/(.+)/blobs/uploads/1", path):
            return self._upload(request, found[1], query)
        if found := re.fullmatch(r"/v2/.+/blobs/(sha256:[0-9a-f]{64})", path):
            blob = self.blobs.get(found[1])
            return (404, {}, b"") if blob is None else (200, {}, blob)
        if found := re.fullmatch(r"/v2/.+/manifests/(.+)", path):
            return self._manifest(request, found[1])
        return 404, {}, b""

    def _upload(self, request, name, query):
        if query.get("state") != "x":
            return 400, {}, b"the state of the upload was lost"
        if request.command == "PATCH":
            if request.headers["Content-Type"] != "application/octet-stream":
                return 400, {}, b"octets only"
            self.uploads["1"] += request.body
            return 202, {"Location": f"/v2/{name}/blobs/uploads/1?state=x"}, b""
        content = self.uploads["1"] + request.body
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        if query.get("digest") != digest:
            return 400, {}, b'{"errors": [{"code": "DIGEST_INVALID", "message": "other digest"}]}'
        self.blobs[digest] = content
        return 201, {}, b""

    def _manifest(self, request, reference):
        if request.command == "PUT":
            manifest = json.loads(request.body)
            if request.headers["Content-Type"] != manifest["mediaType"]:
                return 400, {}, b"Content-Type is not the mediaType"
            for part in (manifest["config"], *manifest["layers"]):
                if len(self.blobs.get(part["digest"], b"")) != part["size"]:
                    return 400, {}, b'{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}'
            self.manifests[reference] = request.body
            return 201, {}, b""
        content = self.manifests.get(reference)
        if content is None:
            return 404, {}, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}'
        return 200, {"Content-Type": MANIFEST}, content


@pytest.fixture(params=["Bearer", "Basic", "none"])
def strict(request):
    registry = StrictRegistry(request.param)
    yield registry
    registry.server.stop()


@pytest.fixture
def bearer():
    registry = StrictRegistry("Bearer")
    yield registry
    registry.server.stop()


def client(strict, password="secret"):
    return Registry(Web(strict.base, retry=False), "admin", Secret(password))


def push(strict):
    return client(strict).push("moorage/probe", "latest", {digest_of(LAYER): LAYER}, CONFIG)


def test_the_kind_of_login_is_told(strict):
    assert client(strict).log_in() == strict.kind


def test_what_was_pushed_is_pulled(strict):
    digest = push(strict)

    found = client(strict).manifest("moorage/probe", "latest")

    assert found is not None
    assert found[0] == digest
    assert [layer["digest"] for layer in found[1]["layers"]] == [digest_of(LAYER)]
    assert client(strict).blob("moorage/probe", digest_of(LAYER)) == LAYER
    assert strict.blobs[digest_of(CONFIG)] == CONFIG


def test_the_token_is_asked_for_the_repository_and_once(bearer):
    push(bearer)

    assert bearer.scopes == ["repository:moorage/probe:pull,push"]


@pytest.mark.parametrize("kind", ["Bearer", "Basic"])
def test_a_wrong_password_is_refused_after_one_attempt(kind):
    strict = StrictRegistry(kind)

    with pytest.raises(RequestRefused) as caught:
        client(strict, "wrong").log_in()

    assert caught.value.status == 401
    assert "wrong" not in "\n".join(caught.value.lines())
    assert strict.logins == 1
    strict.server.stop()


def test_a_blob_that_is_there_is_not_sent_again(bearer):
    push(bearer)
    bearer.server.seen.clear()

    push(bearer)

    assert not [path for method, path, _ in bearer.server.seen if method in {"POST", "PATCH"}]


def test_an_image_that_is_not_there_is_none(bearer):
    assert client(bearer).manifest("moorage/probe", "absent") is None


def test_content_that_does_not_have_its_digest_is_refused(bearer):
    push(bearer)
    bearer.blobs[digest_of(LAYER)] = b"tampered with"

    with pytest.raises(RequestRefused, match="digest"):
        client(bearer).blob("moorage/probe", digest_of(LAYER))


def test_an_upload_that_is_to_go_on_elsewhere_is_refused(bearer):
    """Behind an ingress that does not say https, Nexus names an address that cannot work."""
    bearer.elsewhere = "http://10.0.0.9:8083"

    with pytest.raises(RequestRefused) as caught:
        push(bearer)

    assert "http://10.0.0.9:8083" in caught.value.message
    assert "X-Forwarded-Proto" in caught.value.hint


def test_an_upload_address_whole_but_of_the_same_server_is_fine(bearer):
    bearer.elsewhere = bearer.base

    assert push(bearer)


def test_a_netrc_of_the_operator_does_not_take_the_tokens_place(bearer, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password other\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert client(bearer).log_in() == "Bearer"
