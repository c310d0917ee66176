"""``python3 -m nexus_standin``: start, serve until SIGTERM, stop."""

from __future__ import annotations

import os
import signal
import sys
import threading

from .boot import NewerData, boot, refuse_newer
from .lock import DataDirectoryInUse, DataDirectoryLock
from .log import log
from .nexus import Nexus
from .settings import Settings, SettingsError
from .store import Store


def main() -> int:
    """Run one stand-in; return its exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.from_environment(os.environ)
        lock = DataDirectoryLock(settings.data)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except DataDirectoryInUse as error:
        sys.stderr.write(f"{error}\n")
        return 255
    except OSError as error:
        sys.stderr.write(f"Nexus data directory cannot be used: {error}\n")
        return 1
    try:
        _run(settings, stop)
    except NewerData as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        lock.release()
    return 0


def _run(settings: Settings, stop: threading.Event) -> None:
    name = f"Sonatype Nexus {settings.version.edition} {settings.version.full}"
    log(f"this is a stand-in of a lab, not Nexus; it plays {name}")
    if stop.wait(settings.closed_seconds):
        return
    store = Store(settings.data)
    refuse_newer(store, settings)
    nexus = Nexus(settings, store)
    log(f"port {nexus.open()} open, starting")
    try:
        boot(nexus.store, settings)
        if not stop.wait(settings.starting_seconds):
            nexus.begin()
            log(f"Started {name} (stand-in)")
            stop.wait()
    finally:
        nexus.stop()


if __name__ == "__main__":
    sys.exit(main())
