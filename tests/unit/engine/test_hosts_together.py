"""Changes of several hosts that do not depend on each other: host by host, all at once."""

from __future__ import annotations

import dataclasses

import pytest
from played_site import FileStep

from moorage.errors import CommandFailed
from moorage.runner import run

# each waits for the other's file, so that one after the other would never end well
MEET = """
printf %s "$text" >"$file"
round=0
until [ -e "$text" ]; do
  round=$((round + 1)); [ "$round" -lt 100 ] || exit 1
  sleep 0.1
done
"""


class TogetherStep(FileStep):
    """The same files, with changes that may be carried out side by side."""

    def plan(self, observed):
        plan = super().plan(observed)
        changes = (dataclasses.replace(one, together="files", needs=()) for one in plan.changes)
        return dataclasses.replace(plan, changes=tuple(changes))


def test_hosts_are_changed_at_the_same_time(work, hosts):
    nas, boss = (hosts.host(name).root / "a" for name in ("nas", "boss"))
    step = TogetherStep(hosts, {"nas": {"a": str(boss)}, "boss": {"a": str(nas)}}, script=MEET)

    (outcome,) = run(work(step), dry_run=False)

    assert outcome.failure is None
    assert (nas.read_text(), boss.read_text()) == (str(boss), str(nas))


def test_changes_of_one_host_keep_their_order_and_their_journal(work, hosts):
    files = {"a": "1", "b": "2", "c": "3"}
    step = TogetherStep(hosts, {"nas": files, "boss": files})

    run(work(step), dry_run=False)

    for host in hosts.hosts.values():
        lines = host.journal.read_text().splitlines()
        assert [line.count('"result":"done"') for line in lines] == [1, 1, 1]
        assert [f"file {file}" in line for file, line in zip(files, lines, strict=True)] == [
            True
        ] * 3


def test_one_hosts_failure_is_no_others(work, hosts):
    script = 'case $file in */nas/a) exit 1 ;; esac; printf %s "$text" >"$file"'
    step = TogetherStep(hosts, {"nas": {"a": "1", "b": "2"}, "boss": {"a": "1"}}, script=script)

    with pytest.raises(CommandFailed) as caught:
        run(work(step), dry_run=False)

    assert caught.value.host == "nas"
    assert not (hosts.host("nas").root / "a").exists()
    assert (hosts.host("nas").root / "b").read_text() == "2"
    assert (hosts.host("boss").root / "a").read_text() == "1"


def test_the_failures_of_all_hosts_are_told(work, hosts):
    script = 'echo "no room for $file" >&2; exit 9'
    step = TogetherStep(hosts, {"nas": {"a": "1"}, "boss": {"b": "1"}}, "sync", script=script)

    with pytest.raises(CommandFailed) as caught:
        run(work(step), dry_run=False)

    told = {line.strip() for line in caught.value.lines()}
    for host, file in (("nas", "a"), ("boss", "b")):
        assert any(f"sync on {host}: could not write {file}" in line for line in told)
        assert f"| no room for {hosts.host(host).root / file}" in told
