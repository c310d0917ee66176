"""Nexus with a hosted repository, a proxy and a group, behind an ingress that can have mistakes.

The ingress takes requests by the model's own routes and answers as Traefik does where it has none.
"""

import hashlib
import http.server
import json
import re
import socket
import threading
import time
from urllib.parse import parse_qs, urlsplit

from moorage.ingress.model import Path, routes
from moorage.transport.http import Web
from moorage.transport.registry import MANIFEST, digest_of

_KINDS = {Path.UPLOADS: "/blobs/uploads/", Path.BLOBS: "/blobs/sha256:"}
_PORTS = {8082: "docker-all", 8083: "docker-private"}
_PATH = re.compile(r"/v2/(docker-[a-z]+)/(.*)")
_REPOSITORY = re.compile(r"/repository/([a-z-]+)(/v2/.*)")
NEXUS = {"Server": "Nexus/3.94.0-00 (COMMUNITY)"}


class FakeSite:
    """Stands in for the fleet too: ``web`` leads to it, whatever the name.

    Args:
        ports: where requests to a port of Nexus really go.
        dropped: routes that Traefik left out.
        silent: the status that Traefik gives instead of Nexus' answer.
        scheme: what Nexus is told by X-Forwarded-Proto.
        cut_after: seconds after which Traefik cuts a request.
        upstream: layers of the proxy's hello-world.
    """

    def __init__(self, site, *, ports=None, dropped=(), silent=None, scheme="http",
                 cut_after=None, upstream=()):  # fmt: skip
        self.site, self.ports, self.dropped = site, ports or {}, dropped
        self.silent, self.scheme, self.cut_after = silent, scheme, cut_after
        self.hosted, self.proxied, self.manifests, self.upload = {}, {}, {}, b""
        self.upstream = {}
        if upstream:
            self._offer(upstream)
        outer = self

        class Each(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self):
                outer.serve(self)

            do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Each)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _offer(self, layers):
        config = b'{"of": "upstream"}'
        self.proxied = {digest_of(blob): blob for blob in (*layers, config)}
        manifest = {"config": {"digest": digest_of(config)},
                    "layers": [{"digest": digest_of(layer)} for layer in layers]}  # fmt: skip
        self.upstream["hello-world", "latest"] = json.dumps(manifest).encode()

    def web(self, domain, *, retry=True):
        address = self._server.server_address
        return Web(f"http://{domain}", retry=retry, dial=lambda: _Stream(address))

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def serve(self, request):
        request.query = {key: values[0] for key, values in
                         parse_qs(urlsplit(request.path).query).items()}  # fmt: skip
        request.route = urlsplit(request.path).path
        begun = time.monotonic()
        request.body = _body(request)
        if self.cut_after is not None and time.monotonic() - begun > self.cut_after:
            request.close_connection = True
            return
        status, headers, content = self._ingress(request)
        request.send_response_only(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)

    def _ingress(self, request):
        if self.silent:
            return self.silent, {}, b"of Traefik's own"
        found = [route for route in routes(self.site) if route.name not in self.dropped
                 and route.host == request.headers["Host"]
                 and any(_fits(match, request) for match in route.matches)]  # fmt: skip
        if not found:
            return 404, {"Content-Type": "text/plain"}, b"404 page not found\n"
        port = max(found, key=lambda route: route.priority).port
        status, headers, content = self._nexus(self.ports.get(port, port), request)
        return status, {**NEXUS, **headers}, content

    def _nexus(self, port, request):
        if port in _PORTS:
            return self._registry(_PORTS[port], request, request.route)
        if inside := _REPOSITORY.fullmatch(request.route):
            return self._registry(inside[1], request, inside[2])
        if request.route in {"/v2/", "/v2/token"}:
            return self._registry("docker-all", request, request.route)
        if inside := _PATH.fullmatch(request.route):
            return self._registry(inside[1], request, f"/v2/{inside[2]}")
        return 200, {}, b""

    def _registry(self, repository, request, path):  # noqa: PLR0911
        if "Authorization" not in request.headers:
            before = request.route.removesuffix(path)
            before = before if before.startswith("/repository/") else ""
            realm = f"{self.scheme}://{request.headers['Host']}{before}/v2/token"
            return 401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="reg"'}, b""
        if path == "/v2/token":
            return 200, {}, b'{"token": "t"}'
        if repository != "docker-private" and request.command not in {"GET", "HEAD"}:
            return 405, {}, b'{"errors": [{"code": "UNSUPPORTED"}]}'
        _, name, kind, last = re.fullmatch(r"(/v2/)(?:(.+)/(blobs|manifests)/(.+))?",
                                           path).groups()  # fmt: skip
        if name is None:
            return 200, {}, b"{}"
        if last.startswith("uploads/"):
            return self._uploaded(request, path)
        if request.command == "PUT":
            return self._put(request, name, last)
        return self._read(repository, name, kind, last)

    def _read(self, repository, name, kind, last):
        with_hosted = repository in {"docker-private", "docker-all"}
        with_proxy = repository in {"docker-hub", "docker-all"}
        places = [self.hosted] * with_hosted + [self.proxied] * with_proxy
        if kind == "manifests":
            places, last = (
                [self.manifests] * with_hosted + [self.upstream] * with_proxy,
                (name, last),
            )
        found = next((place[last] for place in places if last in place), None)
        return (404, {}, b"{}") if found is None else (200, {}, found)

    def _uploaded(self, request, path):
        if request.command == "POST":
            self.upload = b""
            place = f"{self.scheme}://{request.headers['Host']}{request.route}1"
            return 202, {"Location": place}, b""
        if request.command == "PATCH":
            self.upload += request.body
            return 202, {"Location": request.route}, b""
        if request.command == "DELETE":
            return 204, {}, b""
        digest = "sha256:" + hashlib.sha256(self.upload).hexdigest()
        if request.query["digest"] != digest:
            return 400, {}, b"another digest"
        self.hosted[digest] = self.upload
        return 201, {}, b""

    def _put(self, request, name, tag):
        assert request.headers["Content-Type"] == MANIFEST
        manifest = json.loads(request.body)
        parts = [manifest["config"], *manifest["layers"]]
        if any(part["digest"] not in self.hosted for part in parts):
            return 400, {}, b'{"errors": [{"code": "BLOB_UNKNOWN", "message": "blob unknown"}]}'
        self.manifests[name, tag] = request.body
        return 201, {}, b""


class _Stream:
    def __init__(self, address):
        self._socket = socket.create_connection(address)
        self.recv, self.sendall = self._socket.recv, self._socket.sendall
        self.close = self._socket.close

    def shutdown_write(self):
        self._socket.shutdown(socket.SHUT_WR)


def _fits(match, request):
    return (
        (not match.methods or request.command in match.methods)
        and (match.path is None or _KINDS[match.path] in request.route)
        and (not match.prefixes or request.route.startswith(match.prefixes))
    )


def _body(request):
    if request.headers.get("Transfer-Encoding") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    whole = b""
    while size := int(request.rfile.readline(), 16):
        whole += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return whole
