"""Moorage's step ``nfs`` on every host of an inventory: the bench's own task.

A site has one NFS host, so no task of Moorage's own does this. What is measured is what its tasks
are made of: the loaded inventory, the rendered export, the fleet with checked host keys, one probe
a host, and the step's own plan for each.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric import task

from moorage.cli import spare_collector

if TYPE_CHECKING:
    from moorage.transport.base import Host

spare_collector()
ROOT = Path(__file__).resolve().parents[3]


@task(auto_shortflags=False)  # type: ignore[untyped-decorator]
def nfs_everywhere(_c: Any, inventory: str) -> None:
    """Plan the step on every host, side by side; fail where anything would change."""
    from moorage.config.inventory import load_site
    from moorage.transport.fleet import Fleet, all_or_first_failure

    site = load_site(inventory, root=ROOT, environ=os.environ)
    with Fleet(site) as fleet:
        # every task begins to connect before it imports the rest, too
        fleet.dial(site.named_hosts())
        from moorage.config.render import Templates
        from moorage.documents.exports import exports, exports_path
        from moorage.steps.nfs.desired import desired
        from moorage.steps.nfs.step import NfsStep

        text = exports(site, Templates(ROOT))
        wanted = desired(site, exports_path(site), text)

        def planned(host: Host) -> bool:
            step = NfsStep(fleet, host.name, wanted)
            return step.plan(step.observe(lambda _: None)).empty

        plans = all_or_first_failure(fleet.each(site.named_hosts(), planned))
    changed = [name for name, unchanged in plans.items() if not unchanged]
    if changed:
        raise SystemExit(f"would change: {', '.join(changed)}")
    print(f"{len(plans)} hosts: no changes")
