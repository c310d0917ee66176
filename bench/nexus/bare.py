"""The bare requests: the same POSTs by plain requests sessions, side by side.

``python -m bench.nexus.bare URL BODIES THREADS`` reads a JSON list of repositories and makes them;
groups wait for their members. The password is in ``BENCH_PASSWORD``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

_OWN = threading.local()


def main(url: str, bodies: str, threads: int) -> None:
    """Make them all."""
    wanted = json.loads(Path(bodies).read_text())
    login = ("admin", os.environ["BENCH_PASSWORD"])

    def make(body: dict[str, Any]) -> None:
        if not hasattr(_OWN, "session"):
            _OWN.session = requests.Session()
            _OWN.session.auth = login
        kind = body["type"]
        sent = {key: value for key, value in body.items() if key not in {"type", "format", "url"}}
        address = f"{url}/service/rest/v1/repositories/docker/{kind}"
        _OWN.session.post(address, json=sent, timeout=60).raise_for_status()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(make, [body for body in wanted if body["type"] != "group"]))
        list(pool.map(make, [body for body in wanted if body["type"] == "group"]))
    print(f"{len(wanted)} made")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
