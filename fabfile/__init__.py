"""Tasks on the site's hosts, for ``fab``: what runs on this machine is in ``tasks.py``."""

from __future__ import annotations

import logging

from fabfile.explaining import explain
from fabfile.lifecycle import backup, backup_verify, restore, rollback, upgrade
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
from fabfile.takeover import data_move, import_
from fabfile.upkeep import clean, destroy, gc, relocate
from fabfile.watch import logs, shell, status
from moorage.cli import spare_collector

__all__ = [
    "backup",
    "backup_verify",
    "build_image",
    "certificate_renew",
    "clean",
    "data_move",
    "deploy",
    "destroy",
    "doctor",
    "explain",
    "gc",
    "history",
    "import_",
    "lock_status",
    "logs",
    "nexus_seed",
    "nfs_setup",
    "nodes_setup",
    "plan",
    "relocate",
    "restore",
    "rollback",
    "rotate",
    "shell",
    "status",
    "unlock",
    "up",
    "upgrade",
    "verify",
]

# Invoke's debug log tells the whole configuration, the sudo password with it
logging.getLogger("invoke").setLevel(logging.INFO)
logging.getLogger("fabric").setLevel(logging.INFO)

spare_collector()
