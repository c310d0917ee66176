"""Cuts guests off the lab's network, all of it or one other guest, and mends it again.

It is done on the lab's side, at the bridge: nothing in a guest takes part, and what it sends is
lost without a word, as with a pulled cable.
"""

from __future__ import annotations

import json
from typing import Any

from .errors import LabError
from .namespace import Namespace
from .topology import BRIDGE, GUESTS, Guest


class Partition:
    """The links between the guests.

    Args:
        namespace: Where the lab's bridge is.
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def cut(self, guest: Guest, other: Guest | None = None) -> None:
        """Cut a guest off from everything, or from one other guest.

        Two ports of a bridge that are isolated do not reach each other, but all the rest
        (bridge(8)), so that two guests can be apart, and no more than one such pair.

        Raises:
            LabError: Another pair is apart, or a guest is to be cut off from itself.
        """
        if other is None:
            self._set(guest, "nomaster")
            return
        pair = {guest.name, other.name}
        if len(pair) == 1:
            raise LabError(f"{guest.name} cannot be cut off from itself")
        apart = self.apart()
        if apart and apart != pair:
            raise LabError(f"{' and '.join(sorted(apart))} are apart already; mend one of them")
        for one in (guest, other):
            self._set(one, "type", "bridge_slave", "isolated", "on")

    def mend(self, guest: Guest) -> None:
        """Connect a guest to everything again; harmless where it is."""
        if guest.name in self.off():
            self._set(guest, "master", BRIDGE)
        if guest.name in self.apart():
            for one in (one for one in GUESTS if one.name not in self.off()):
                self._set(one, "type", "bridge_slave", "isolated", "off")

    def off(self) -> set[str]:
        """Names of the guests that are cut off from everything."""
        return {guest.name for guest in GUESTS} - self._links().keys()

    def apart(self) -> set[str]:
        """Names of the two guests that are cut off from each other."""
        return {name for name, link in self._links().items()
                if link["linkinfo"]["info_slave_data"].get("isolated")}  # fmt: skip

    def _set(self, guest: Guest, *words: str) -> None:
        self._namespace.run(["ip", "link", "set", "dev", guest.tap, *words])

    def _links(self) -> dict[str, Any]:
        said = self._namespace.run(["ip", "-details", "-json", "link", "show", "master", BRIDGE])
        links = {link["ifname"]: link for link in json.loads(said)}
        return {guest.name: links[guest.tap] for guest in GUESTS if guest.tap in links}
