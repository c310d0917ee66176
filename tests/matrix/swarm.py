"""As much of Docker's API as Traefik asks for services of a Swarm: read only, on loopback.

Source: Docker Engine API v1.24 and v1.41: /_ping, /version, /info, /services, /tasks, /networks.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

NETWORKS = {"proxy": "n1", "elsewhere": "n2"}
NOWHERE = "127.255.255.254"
"""The tasks' address on the network that Traefik must not take: nothing listens there."""


class Swarm:
    """A Swarm whose services have one task each, on both networks.

    Args:
        labels: of each service, by its name.
        address: the tasks' address on the network ``proxy``.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, str]], address: str) -> None:
        self._labels, self._address = labels, address
        self.unknown: list[str] = []
        swarm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = swarm.answer(self.path)
                body = json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("API-Version", "1.45")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self._server.server_address[1]}"

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> object:
        """What a path gives; None where it is not known."""
        parts = urlsplit(path)
        name = re.sub(r"^/v1\.\d+", "", parts.path)
        if name == "/tasks":
            return self._tasks(json.loads(parse_qs(parts.query)["filters"][0]))
        known: dict[str, object] = {
            "/_ping": "OK",
            "/version": {"Version": "29.0.0", "ApiVersion": "1.45", "MinAPIVersion": "1.24"},
            "/info": {"Swarm": {"LocalNodeState": "active", "ControlAvailable": True}},
            "/services": [self._service(name) for name in self._labels],
            "/networks": [{"Id": number, "Name": name, "Driver": "overlay", "Scope": "swarm"}
                          for name, number in NETWORKS.items()],
        }  # fmt: skip
        if name not in known:
            self.unknown.append(path)
        return known.get(name)

    def _service(self, name: str) -> object:
        spec = {
            "Name": name,
            "Labels": dict(self._labels[name]),
            "Mode": {"Replicated": {"Replicas": 1}},
            "EndpointSpec": {"Mode": "vip"},
        }
        virtual = [{"NetworkID": number, "Addr": "127.255.255.253/8"}
                   for number in NETWORKS.values()]  # fmt: skip
        return {"ID": name, "Spec": spec, "Endpoint": {"Spec": {}, "VirtualIPs": virtual}}

    def _tasks(self, filters: Mapping[str, object]) -> list[object]:
        """Filters are maps of words, or lists in old versions of the API."""
        return [
            {
                "ID": f"{name}.1", "ServiceID": name, "Slot": 1, "DesiredState": "running",
                "Status": {"State": "running", "ContainerStatus": {"ContainerID": name}},
                "NetworksAttachments": [
                    {"Network": {"ID": NETWORKS["elsewhere"]}, "Addresses": [f"{NOWHERE}/8"]},
                    {"Network": {"ID": NETWORKS["proxy"]}, "Addresses": [f"{self._address}/8"]},
                ],
            }
            for name in self._labels if name in list(filters["service"])  # type: ignore[call-overload]
        ]  # fmt: skip
