"""fab doctor of hosts that tell what no known system does: findings, never a traceback."""

import json
import sys
from pathlib import Path
from random import Random

import pytest
from doctor_fakes import NOW, FakeFleet, FakeHost, frame, manager, nfs, node
from hypothesis import given

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples import examples, seeds
from mangled_outputs import VALUES, mangled, places

from moorage.checks import doctor, doctor_names
from moorage.checks.doctor import examine


class MangledHost(FakeHost):
    """Answers with accidents."""

    def __init__(self, name, outcome, random):
        super().__init__(name, outcome)
        self.random = random

    def read(self, script, *, timeout=None):
        if self.random is None:
            return super().read(script)
        return self.random.choice([mangled, with_other_values])(self.random, frame(self.outcome))


def with_other_values(random, text):
    """One value of one part's JSON by another."""
    lines = text.split("\n")
    some = [at for at, line in enumerate(lines) if line[:1] in ("{", "[")]
    if some:
        at = random.choice(some)
        data = json.loads(lines[at])
        holder, key = random.choice(list(places(data)))
        holder[key] = random.choice(VALUES)
        lines[at] = json.dumps(data)
    return "\n".join(lines)


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(doctor.time, "time", lambda: NOW + 0.5)
    monkeypatch.setattr(doctor_names, "resolved", lambda _: [])


@pytest.fixture
def wanted(site):
    return site(stack={"placement": {"nodes": ["swarm2", "swarm1"], "failover": True}})


@examples(12)
@given(seeds)
def test_each_accident_gives_findings_with_hints(quiet, wanted, seed):
    random = Random(seed)
    usual = {"nas": nfs(), "swarm1": manager(kernel="", server=""), "swarm2": node()}
    hit = random.choice(sorted(usual))
    hosts = {name: MangledHost(name, outcome, random if name == hit else None)
             for name, outcome in usual.items()}  # fmt: skip

    findings = examine(wanted, FakeFleet(wanted, hosts), list(usual), lambda _: None)

    assert {"nas", "swarm1", "swarm2"} <= {one.host for one in findings}
    assert all(one.hint for one in findings if one.level != "ok")
    "\n".join(f"{one.subject} {one.message} {one.hint}" for one in findings).encode()
