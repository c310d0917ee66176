"""The process: closed port, 503, first password, lock, SIGTERM, state that lasts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from standin_client import Client, find_port

LAB = Path(__file__).parents[3] / "lab"


class Process:
    def __init__(self, data: Path, **environment: str) -> None:
        self.port = find_port()
        settings = {
            "PYTHONPATH": str(LAB),
            "NEXUS_DATA": str(data),
            "NEXUS_STANDIN_PORT": str(self.port),
            "NEXUS_STANDIN_CLOSED_SECONDS": "0",
            "NEXUS_STANDIN_STARTING_SECONDS": "0",
            **environment,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nexus_standin"],
            env={"PATH": os.environ["PATH"], **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.client = Client(self.port)

    def status(self) -> int:
        """What the status says; 0: the port is closed."""
        try:
            return self.client.send("GET", "/service/rest/v1/status", user=None).status
        except ConnectionRefusedError:
            return 0

    def statuses_until_ready(self) -> list[int]:
        seen: list[int] = []
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status = self.status()
            if [status] != seen[-1:]:
                seen.append(status)
            if status == 200:
                return seen
            time.sleep(0.01)
        pytest.fail(f"not ready: {seen}")

    def end(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@pytest.fixture
def start(tmp_path):
    processes: list[Process] = []

    def start_one(**environment: str) -> Process:
        processes.append(Process(tmp_path, **environment))
        return processes[-1]

    yield start_one
    for one in processes:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def test_port_is_closed_then_503_then_ready(start):
    process = start(NEXUS_STANDIN_CLOSED_SECONDS="0.4", NEXUS_STANDIN_STARTING_SECONDS="0.4")
    assert process.statuses_until_ready() == [0, 503, 200]


def test_everything_is_503_and_empty_while_starting(start):
    process = start(NEXUS_STANDIN_STARTING_SECONDS="30")
    while process.status() == 0:
        time.sleep(0.01)
    for path in ("/", "/v2/", "/service/rest/v1/security/users", "/nonsense"):
        answer = process.client.send("GET", path)
        assert (answer.status, answer.content) == (503, b"")
        assert answer.headers["Server"] == "Nexus/3.94.0-01 (COMMUNITY)"


def test_first_password_is_a_uuid_in_a_private_file_until_it_is_changed(start, tmp_path):
    process = start()
    process.statuses_until_ready()
    file = tmp_path / "admin.password"
    first = file.read_text()
    assert str(uuid.UUID(first)) == first
    assert file.stat().st_mode & 0o777 == 0o600
    users = "/v1/security/users?userId=admin"
    assert process.client.call("GET", users, user=("admin", first)).status == 200
    path = "/v1/security/users/admin/change-password"
    changed = process.client.call("PUT", path, text="a-new-one", user=("admin", first))
    assert changed.status == 204
    assert not file.exists()
    assert process.client.call("GET", users, user=("admin", first)).status == 401
    assert process.client.call("GET", users, user=("admin", "a-new-one")).status == 200


def test_state_lasts_and_no_second_password_is_made(start, tmp_path):
    process = start(NEXUS_SECURITY_INITIAL_PASSWORD="given-one")
    process.statuses_until_ready()
    assert not (tmp_path / "admin.password").exists()
    body = {"enabled": True, "userId": "anonymous", "realmName": "NexusAuthorizingRealm"}
    admin = ("admin", "given-one")
    assert process.client.call("PUT", "/v1/security/anonymous", body, user=admin).status == 200
    assert process.end()[0] == 0
    again = start()
    again.statuses_until_ready()
    assert not (tmp_path / "admin.password").exists()
    assert again.client.call("GET", "/v1/security/anonymous", user=admin).json() == body


def test_a_first_password_left_by_an_unfinished_boot_is_used(start, tmp_path):
    (tmp_path / "admin.password").write_text("left-behind")
    process = start()
    process.statuses_until_ready()
    user = ("admin", "left-behind")
    assert process.client.call("GET", "/v1/security/users", user=user).status == 200


def test_random_password_can_be_switched_off(start, tmp_path):
    process = start(NEXUS_SECURITY_RANDOMPASSWORD="false")
    process.statuses_until_ready()
    assert not (tmp_path / "admin.password").exists()
    assert process.client.call("GET", "/v1/security/users").status == 200


def test_no_password_is_stored_or_logged_in_clear(start, tmp_path):
    process = start()
    process.statuses_until_ready()
    first = (tmp_path / "admin.password").read_text()
    process.client.call("GET", "/v1/security/users", user=("admin", first))
    assert first not in (tmp_path / "db" / "standin.json").read_text()
    _, out, err = process.end()
    assert first not in out + err


def test_a_second_process_refuses_the_same_directory_at_once(start, tmp_path):
    first = start()
    first.statuses_until_ready()
    second = start(NEXUS_STANDIN_CLOSED_SECONDS="60")
    _, err = second.process.communicate(timeout=10)
    assert err == f"Nexus data directory already in use: {tmp_path}\n"
    assert second.process.returncode != 0
    assert first.status() == 200


def test_the_lock_ends_with_a_killed_process(start):
    first = start()
    first.statuses_until_ready()
    first.process.kill()
    first.process.wait()
    assert start().statuses_until_ready()[-1] == 200


@pytest.mark.parametrize("phase", ["CLOSED", "STARTING"])
def test_sigterm_ends_it_in_every_phase(start, phase):
    process = start(**{f"NEXUS_STANDIN_{phase}_SECONDS": "60"})
    assert process.process.stdout.readline()
    assert process.end()[0] == 0


def test_the_log_says_that_it_is_a_stand_in(start):
    process = start()
    process.statuses_until_ready()
    lines = process.end()[1].splitlines()
    assert "stand-in" in lines[0]
    assert all("nexus-standin" in line for line in lines)
    assert any("Started Sonatype Nexus COMMUNITY 3.94.0-01" in line for line in lines)


def test_version_and_edition_are_chosen_at_the_start(start):
    process = start(NEXUS_STANDIN_VERSION="3.16.2", NEXUS_STANDIN_EDITION="pro")
    process.statuses_until_ready()
    answer = process.client.call("GET", "/v1/script")
    assert (answer.status, answer.headers["Server"]) == (200, "Nexus/3.16.2-01 (PRO)")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEXUS_STANDIN_VERSION", "3.12.0"),
        ("NEXUS_STANDIN_EDITION", "OSS"),
        ("NEXUS_STANDIN_PORT", "eighty"),
        ("NEXUS_STANDIN_CLOSED_SECONDS", "-1"),
        ("NEXUS_SECURITY_RANDOMPASSWORD", "perhaps"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(start, name, value):
    process = start(**{name: value})
    _, err = process.process.communicate(timeout=10)
    assert process.process.returncode == 3
    assert name in err
    assert value.removeprefix("-") in err


def test_a_directory_that_cannot_be_written_is_named(start, tmp_path):
    process = start(NEXUS_DATA="/proc/no-such-place")
    _, err = process.process.communicate(timeout=10)
    assert process.process.returncode == 1
    assert "/proc/no-such-place" in err


def test_the_state_file_is_whole_json_and_private(start, tmp_path):
    process = start()
    process.statuses_until_ready()
    file = tmp_path / "db" / "standin.json"
    assert json.loads(file.read_text())["eula_accepted"] is False
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["standin.json"]


def test_a_later_version_migrates_the_data_and_an_earlier_one_refuses_them(tmp_path):
    first = Process(tmp_path, NEXUS_STANDIN_VERSION="3.90.0")
    first.statuses_until_ready()
    first.end()
    later = Process(tmp_path, NEXUS_STANDIN_VERSION="3.94.0")
    later.statuses_until_ready()
    _, out, err = later.end()
    assert "migrating the data of 3.90.0 to 3.94.0" in out + err

    back = Process(tmp_path, NEXUS_STANDIN_VERSION="3.90.0")

    assert back.process.wait(20) == 1
    assert "the data were written by 3.94.0" in back.process.stderr.read()


def test_one_that_never_can_be_written_to_says_so_and_answers_else(tmp_path):
    process = Process(tmp_path, NEXUS_STANDIN_WRITABLE="false")
    process.statuses_until_ready()

    answer = process.client.send("GET", "/service/rest/v1/status/writable", user=None)
    process.end()

    assert answer.status == 503
