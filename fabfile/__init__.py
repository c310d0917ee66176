"""Tasks on the site's hosts, for ``fab``: what runs on this machine is in ``tasks.py``."""

from __future__ import annotations

import logging

from fabfile.locks import history, lock_status, unlock
from fabfile.looks import doctor, plan, verify
from fabfile.steps import (
    build_image,
    certificate_renew,
    deploy,
    nexus_seed,
    nfs_setup,
    nodes_setup,
    rotate,
    up,
)
from fabfile.upkeep import backup, backup_verify, restore, rollback, upgrade
from moorage.cli import spare_collector

__all__ = [
    "backup",
    "backup_verify",
    "build_image",
    "certificate_renew",
    "deploy",
    "doctor",
    "history",
    "lock_status",
    "nexus_seed",
    "nfs_setup",
    "nodes_setup",
    "plan",
    "restore",
    "rollback",
    "rotate",
    "unlock",
    "up",
    "upgrade",
    "verify",
]

# Invoke's debug log tells the whole configuration, the sudo password with it
logging.getLogger("invoke").setLevel(logging.INFO)
logging.getLogger("fabric").setLevel(logging.INFO)

spare_collector()
