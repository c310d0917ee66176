"""Reading logs by a real ``sh``: lines, text, time, rotation, links, and what ends it."""

from __future__ import annotations

import gzip
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from moorage.status.logs import Wish, of_nexus, of_service


def before(minutes):
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes)


def nexus_line(minutes_ago, text, zone=UTC):
    moment = before(minutes_ago).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S},123{moment:%z} INFO  [main] *SYSTEM x - {text}"


@pytest.fixture
def run(tmp_path):
    """Runs a script with a ``docker`` that prints what the test says."""
    programs = tmp_path / "bin"
    programs.mkdir()

    def call(script, docker=":", shell="sh"):
        program = programs / "docker"
        program.write_text(f"#!/bin/sh\n{docker}\n")
        program.chmod(0o755)
        return subprocess.run(
            [shell, "-s"], input=script.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{programs}:{os.environ['PATH']}"}, timeout=20,
        )  # fmt: skip

    return call


@pytest.fixture
def log(tmp_path):
    folder = tmp_path / "data" / "log"
    folder.mkdir(parents=True)
    return folder


def lines(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def read(run, log, name="nexus", **wish):
    return lines(run(of_nexus(str(log.parent), name, Wish(**wish))))


def test_the_last_lines_of_a_file(run, log):
    (log / "nexus.log").write_text("".join(f"{number}\n" for number in range(200)))
    assert read(run, log) == [str(number) for number in range(100, 200)]
    assert read(run, log, lines=2) == ["198", "199"]
    assert len(read(run, log, lines=None)) == 200


def test_with_a_text_the_last_lines_that_have_it(run, log):
    (log / "nexus.log").write_text("a 1\nb\n-e a.c 2\nabc 3\nb\nb\n")
    assert read(run, log, text="a", lines=2) == ["-e a.c 2", "abc 3"]
    assert read(run, log, text="a.c") == ["-e a.c 2"], "the text is no pattern"
    assert read(run, log, text="-e") == ["-e a.c 2"]
    assert read(run, log, text="nowhere") == []


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-9, minutes=-30)),
                                  timezone(timedelta(hours=5, minutes=45))])  # fmt: skip
def test_since_counts_by_the_zone_that_the_lines_are_in(run, log, zone):
    (log / "nexus.log").write_text("\n".join((
        nexus_line(90, "old", zone), "  at java.lang.Thread", nexus_line(11, "before", zone),
        nexus_line(9, "after", zone), "  at java.lang.Thread", nexus_line(0, "new", zone), "",
    )))  # fmt: skip
    seen = read(run, log, seconds=600, lines=None)
    assert [line.rpartition(" ")[2] for line in seen] == ["after", "java.lang.Thread", "new"]


def test_since_understands_requests_and_audit_too(run, log):
    def request(minutes):
        return f'10.0.0.1 - admin [{before(minutes):%d/%b/%Y:%H:%M:%S} +0000] "GET"'

    (log / "request.log").write_text(f"{request(60)} old\n{request(1)} new\n")
    (log / "audit").mkdir()
    moment = f"{before(1):%Y-%m-%d %H:%M:%S},001+0000"
    (log / "audit" / "audit.log").write_text(
        f'{{"timestamp":"2020-01-01 00:00:00,001+0000"}}\n{{"timestamp":"{moment}"}}\n'
    )
    assert [line[-3:] for line in read(run, log, "request", seconds=600, lines=None)] == ["new"]
    assert len(read(run, log, "audit", seconds=600, lines=None)) == 1


@pytest.mark.parametrize("day", ["2024-02-29 23:59:59", "2000-03-01 00:00:00",
                                 "2100-02-28 12:00:00", "2026-12-31 23:00:00"])  # fmt: skip
def test_days_are_counted_as_the_calendar_does(run, log, day):
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    (log / "nexus.log").write_text(f"{day},000+0000 x\n")
    back = int(time.time() - moment)
    assert len(read(run, log, seconds=back + 60, lines=None)) == 1
    assert read(run, log, seconds=back - 60, lines=None) == []


def test_since_goes_back_into_files_that_were_rotated_away(run, log):
    (log / "nexus.log").write_text(nexus_line(1, "today") + "\n")
    with gzip.open(log / "nexus-2026-01-02.log.gz", "wt") as file:
        file.write(nexus_line(2000, "too old") + "\n" + nexus_line(100, "yesterday") + "\n")
    with gzip.open(log / "nexus-2026-01-01.log.gz", "wt") as file:
        file.write(nexus_line(5000, "older") + "\n")
    os.utime(log / "nexus-2026-01-01.log.gz", (0, 0))
    seen = read(run, log, seconds=7200, lines=None)
    assert [line.rpartition(" ")[2] for line in seen] == ["yesterday", "today"]


def test_a_log_that_is_not_there_names_those_that_are(run, log):
    (log / "nexus.log").touch()
    (log / "jvm.log").touch()
    done = run(of_nexus(str(log.parent), "reqest", Wish()))
    assert done.returncode == 1
    assert "there is no log reqest" in done.stderr
    assert "jvm.log, nexus.log" in done.stderr


def test_where_nexus_has_written_none_yet_that_is_said(run, log):
    log.rmdir()
    done = run(of_nexus(str(log.parent), "nexus", Wish()))
    assert done.returncode == 1
    assert done.stderr == f"{log} is not there: Nexus has written no log yet\n"


def test_a_link_out_of_the_export_is_not_followed(run, log, tmp_path):
    secret = tmp_path / "shadow"
    secret.write_text("root:x\n")
    (log / "nexus.log").symlink_to(secret)
    done = run(of_nexus(str(log.parent), "nexus", Wish()))
    assert done.returncode == 1
    assert "leads out of" in done.stderr
    assert "root" not in done.stdout


SERVICE = """case "$*" in
  *inspect*) exit 0 ;;
  *) echo "$*"; for n in 1 2 3; do echo "line $n"; done ;;
esac"""


def test_the_services_log(run):
    seen = lines(run(of_service("registry_nexus", Wish(lines=3)), SERVICE))
    assert seen == ["line 1", "line 2", "line 3"]
    seen = lines(run(of_service("registry_nexus", Wish(seconds=600, lines=None)), SERVICE))
    assert seen[0] == "service logs --tail all --since 600s -- registry_nexus"
    seen = lines(run(of_service("registry_nexus", Wish(text="line", lines=1)), SERVICE))
    assert seen == ["line 3"]
    seen = lines(run(of_service("registry_nexus", Wish(follow=True)), SERVICE))
    assert seen[0] == "service logs --follow --tail 100 -- registry_nexus"


def test_a_service_that_is_not_there_is_a_failure_with_dockers_words(run):
    done = run(of_service("registry_nexus", Wish()), 'echo "no such service" >&2; exit 1')
    assert done.returncode == 1
    assert done.stderr == "no such service\n"
