"""What ``fab plan`` says of an edited inventory, on hosts that answer as the lab's once did."""

from __future__ import annotations

import io
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from moorage.change import Outcome
from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.order import Assembly
from moorage.report.text import Report
from moorage.steps.base import HostStep
from moorage.transport.fleet import Fleet
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "tests/recorded"
HOSTS = {
    "nfs": "nfs/debian-12/export.txt",
    "manager": "docker/20.10/manager.txt",
    "worker": "docker/20.10/worker.txt",
}
# what somebody has edited in the lab's inventory
EDITED = {
    "export: /srv/nexus": "export: /srv/nexus\n  clients: [10.77.0.11, 10.77.0.12, 10.77.0.13]",
    "limit: 512m": "limit: 1g",
    'version: "3.7"': 'version: "3.7"\n  allow: [10.77.0.0/24]',
    "failover: true}": "failover: true}\n  stop_grace_period: 3m",
}


class _Web:
    """Nexus by its name: writable, as it was when the hosts were recorded."""

    def ask(self, *_request: Any, **_options: Any) -> Any:
        return SimpleNamespace(
            status_code=HTTPStatus.OK, headers={"Server": "Nexus/3.94.0-01 (COMMUNITY)"}, text=""
        )


class _Fleet:
    """No connection to anything."""

    def web(self, *_names: Any, **_options: Any) -> _Web:
        return _Web()


def plan_text() -> str:
    """The plan of the steps nfs and stack, in the colours of a terminal."""
    path = ROOT / "inventories/lab/site.yml"
    text = path.read_text(encoding="utf-8")
    for before, after in EDITED.items():
        if before not in text:
            raise ValueError(f"the lab's inventory has no {before!r} any more")
        text = text.replace(before, after)
    assembly = Assembly(
        site_from(path, text.encode()), cast("Fleet", _Fleet()), Templates(ROOT), Secret, "manager"
    )
    answers = {name: (RECORDED / file).read_text("utf-8") for name, file in HOSTS.items()}
    out = io.StringIO()
    report = Report(out, live=True)
    outcomes = []
    for name in ("nfs", "stack"):
        step = assembly.step(name)
        seen = cast("HostStep", step).read(answers, lambda _text: None)
        outcomes.append(Outcome(name, step.plan(seen)))
    report.outcomes(outcomes, ())
    report.summary(outcomes)
    return out.getvalue()
