"""Backups of Nexus' data: made, proven beside the service, and put in the place of the data."""

from moorage.steps.backup.beside import Beside
from moorage.steps.backup.desired import BackupDesired, Target
from moorage.steps.backup.directory import Directory
from moorage.steps.backup.rehearsal import RehearsalStep
from moorage.steps.backup.restic import Restic
from moorage.steps.backup.restore import RestoreStep, Wish
from moorage.steps.backup.step import BackupStep
from moorage.steps.backup.ways import Ways

__all__ = [
    "BackupDesired",
    "BackupStep",
    "Beside",
    "Directory",
    "RehearsalStep",
    "Restic",
    "RestoreStep",
    "Target",
    "Ways",
    "Wish",
]
