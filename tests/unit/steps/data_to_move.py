"""Data on a node's own volume that are to be moved to the export."""

from __future__ import annotations

from moorage.steps.data.desired import DataDesired, Move

OPTIONS = {"type": "nfs", "o": "addr=10.0.0.10,nfsvers=4.2,hard", "device": ":/srv/nexus"}
WANTED = DataDesired(
    stack="registry", service="registry_nexus", volume="registry-data-1", options=OPTIONS,
    nocopy=True, export="/srv/nexus", nfs="nas", uid=200, mode="0750", home="/var/lib/moorage/r",
    machines=("manager", "worker"),
)  # fmt: skip
MOVE = Move("worker", "manager", "the volume registry_data", "/v/registry_data/_data",
            "registry_data", 1, "then", frozenset({"old"}))  # fmt: skip
