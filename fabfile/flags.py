"""What the flags that many tasks have say in their help."""

from __future__ import annotations

LOOKS = {
    "inventory": "name under inventories/ or path of a site.yml; default: MOORAGE_INVENTORY",
    "verbose": "tell each remote command with its exit code and time",
}
CHANGES = {
    **LOOKS,
    "dry_run": "show what would change and stop",
    "yes": "carry the plan out without a question; also: MOORAGE_YES=1",
    "wait": "how long to wait for another operator, such as 10m; default: not at all",
}
