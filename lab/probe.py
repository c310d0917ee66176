"""Waits until an HTTPS address answers with a certificate of the lab's authority.

probe.py HOST PORT CA_FILE SECONDS: runs inside the lab's network namespace. It asks from
outside of the guests, since a guest's one slow processor is better left to what is starting.
"""

from __future__ import annotations

import http.client
import ssl
import sys
import time

_PAUSE_SECONDS = 0.1


def answers(host: str, port: int, context: ssl.SSLContext) -> str:
    """Ask for the root page; an empty text when there was any answer, else what went wrong."""
    link = http.client.HTTPSConnection(host, port, timeout=5.0, context=context)
    try:
        link.request("GET", "/")
        link.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        link.close()
    return ""


def main(arguments: list[str]) -> int:
    """Run with the command line's arguments; the exit code is 1 when nothing answered in time."""
    host, port, authority, seconds = arguments
    context = ssl.create_default_context(cafile=authority)
    deadline = time.monotonic() + float(seconds)
    while wrong := answers(host, int(port), context):
        if time.monotonic() > deadline:
            print(f"https://{host}:{port}: {wrong}", file=sys.stderr)
            return 1
        time.sleep(_PAUSE_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
