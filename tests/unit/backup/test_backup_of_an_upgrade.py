"""Which backups an upgrade's own backup has removed, on hosts that are shells."""

from __future__ import annotations

import dataclasses
import json

from moorage.steps.backup.generations import Rule

FIRST, SECOND, THIRD = (f"2026-01-0{day}T000000Z" for day in range(1, 4))


def test_no_old_backup_is_removed_while_an_upgrade_keeps_nexus_stopped(backup, swarm):
    """They go before it is stopped; the one that it makes itself is one more until the next."""
    swarm.wanted = dataclasses.replace(swarm.wanted, rule=Rule(last=2))
    backup(FIRST)
    backup(SECOND)
    swarm.wanted = dataclasses.replace(swarm.wanted, rule=Rule(last=1))

    backup(THIRD, leave_stopped=True)

    assert swarm.replicas == "0"
    assert swarm.generations() == [SECOND, THIRD]
    lines = (swarm.home("nas") / "journal.jsonl").read_text().splitlines()
    actions = [json.loads(line)["action"] for line in lines]
    assert actions[-2:] == [f"remove the backup {FIRST}", "see that it is still stopped"]
