"""Host keys that are not known yet: shown with their fingerprints, trusted after a yes."""

from __future__ import annotations

from collections.abc import Callable

from moorage.config.schema.site import Site
from moorage.errors import HostKeyRefused, MoorageError, Refused
from moorage.quoting import Script
from moorage.transport.base import Host
from moorage.transport.fleet import Fleet
from moorage.transport.hostkeys import UnknownHostKeyError, fingerprint, trust

_MOST_HOPS = 8
_KNOCK = Script("see whether the host key is known", ":")


def trust_host_keys(site: Site, fleet: Fleet, ask: Callable[[str], bool]) -> list[str]:
    """Connect to every host; where its key, or that of a host on the way, is unknown, ask.

    A key that has changed is told and never touched. Keys go to the first file of
    ``ssh.known_hosts``.

    Args:
        ask: shows a question and gives whether the answer is yes.

    Returns:
        A line for every host.

    Raises:
        Refused: the inventory names no file to write to.
    """
    names = list(site.named_hosts())
    first = fleet.each(names, _knock)
    lines = []
    for name in names:
        failure = first[name]
        if isinstance(failure, HostKeyRefused):
            lines += _settle(fleet, name, ask)
        else:
            lines.append(f"{name}: {_told(failure)}")
    return lines


def _knock(host: Host) -> None:
    host.read(_KNOCK)


def _told(failure: MoorageError | None) -> str:
    # the host key comes before the login: a refused login means a known key
    if failure is None or isinstance(failure, Refused):
        return "its key is known"
    return f"not reached, nothing was asked: {failure.message}"


def _settle(fleet: Fleet, name: str, ask: Callable[[str], bool]) -> list[str]:
    """Ask for each unknown key on the way to a host, the nearest first."""
    lines: list[str] = []
    for _ in range(_MOST_HOPS):
        try:
            _knock(fleet.host(name))
        except HostKeyRefused as refusal:
            cause = refusal.__cause__
            if not isinstance(cause, UnknownHostKeyError):
                return [*lines, f"{name}: not trusted: {refusal.message}; {refusal.hint}"]
            told = f"{cause.hostname} {cause.key.get_name()} {fingerprint(cause.key)}"
            if not ask(f"{name}: unknown host key of {told}: trust it?"):
                return [*lines, f"{name}: not trusted: {told}"]
            files = fleet.target(name).known_hosts
            if not files:
                raise Refused(
                    "there is no file to keep host keys in", hint="name one in ssh.known_hosts"
                ) from refusal
            trust(files[0], cause.hostname, cause.key)
            lines.append(f"{name}: trusted and kept in {files[0]}: {told}")
        except MoorageError as failure:
            return lines or [f"{name}: {_told(failure)}"]
        else:
            return lines or [f"{name}: {_told(None)}"]
    return lines
