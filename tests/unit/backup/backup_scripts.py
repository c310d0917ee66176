"""Runs the scripts of backups for real, and reads what they made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from moorage.steps.backup.generations import Content, Manifest
from moorage.transport.base import sections


def run(script, **env):
    """A script by a real ``sh``."""
    return subprocess.run(
        ["sh", "-s"], input=script.text(), text=True, capture_output=True, check=False,
        env={**os.environ, **env},
    )  # fmt: skip


def manifest(name, version="3.94.0", **more):
    values = {
        "stack": "registry", "version": version, "image": "moorage/nexus:1", "image_id": "sha256:1",
        "inventory": "abc", "kind": "copied",
        "content": Content({"docker-private": "docker hosted"}),
        "downtime": 3.5, **more,
    }  # fmt: skip
    return Manifest(name, **values)


def seen(keeping):
    done = run(keeping.probe().script())
    return keeping.read(sections(done.stdout)["target"], "nas")


def files(root: Path):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


FIRST, SECOND, THIRD = "2026-01-01T000000Z", "2026-01-02T000000Z", "2026-01-03T000000Z"
