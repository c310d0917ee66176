"""Units of systemd: what they run, what they say of secrets, and names that need escaping."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from moorage import cli_units
from moorage.config.validate import site_from
from moorage.errors import Refused
from moorage.systemd_units import JOBS, escaped, plain, quoted, units

ODD = '/srv/our 100%\u00e9 $HOME "registry"'


@pytest.fixture
def site(root, tmp_path):
    text = (root / "inventories/example/site.yml").read_bytes()

    def make(folder="prod", **replaced):
        content = text
        for old, new in replaced.values():
            assert old in content
            content = content.replace(old, new)
        return site_from(Path("/etc") / folder / "site.yml", content)

    return make


def parsed(text):
    """Sections of a unit; keys may come several times."""
    found, section = {}, {}
    for line in text.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#") and "=" in line and not line.startswith(" "):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


def test_there_is_a_service_and_a_timer_for_each_job_and_one_for_failures(site):
    found = units(site(), Path("/opt/moorage"), "ops")

    assert set(found) == {
        f"moorage-prod-{job.name}.{kind}" for job in JOBS for kind in ("service", "timer")
    } | {"moorage-prod-failed@.service"}


@pytest.mark.parametrize(
    "name,command",
    [("backup", "backup --wait 2h"), ("drift", "plan --check"), ("status", "status")],
)
def test_a_service_runs_its_task_for_this_inventory_from_this_checkout(site, name, command):
    unit = parsed(units(site(), Path("/opt/moorage"), "ops")[f"moorage-prod-{name}.service"])
    service = unit["Service"]

    assert service["ExecStart"] == [f"/bin/sh ./run fab {command}"]
    assert service["WorkingDirectory"] == ["/opt/moorage"]
    assert service["User"] == ["ops"]
    assert service["Type"] == ["oneshot"]
    assert '"MOORAGE_INVENTORY=/etc/prod/site.yml"' in service["Environment"]
    assert ('"MOORAGE_YES=1"' in service["Environment"]) is (name == "backup")
    assert unit["Unit"]["OnFailure"] == ["moorage-prod-failed@%n.service"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert "ProtectHome" not in service


def test_a_timer_is_spread_and_makes_up_for_what_was_missed(site):
    for name, text in units(site(), Path("/opt/moorage"), "ops").items():
        if name.endswith(".timer"):
            timer = parsed(text)["Timer"]
            assert timer["Persistent"] == ["true"]
            assert timer["OnCalendar"]
            assert timer["RandomizedDelaySec"]
            assert parsed(text)["Install"]["WantedBy"] == ["timers.target"]


def test_drift_is_a_failure_that_is_told_of_unless_one_says_otherwise(site):
    text = units(site(), Path("/opt/moorage"), "ops")["moorage-prod-drift.service"]

    assert "# enough: SuccessExitStatus=2" in text
    assert "SuccessExitStatus" not in parsed(text)["Service"]


def test_secrets_are_named_and_never_written(site):
    text = units(site(), Path("/opt/moorage"), "ops")["moorage-prod-backup.service"]

    assert parsed(text)["Service"]["EnvironmentFile"] == ["-/etc/moorage/prod.env"]
    assert "NEXUS_ADMIN_PASSWORD" in text
    assert "LoadCredential=" in text
    asked = site(one=(b"env:NEXUS_ADMIN_PASSWORD", b'"prompt:100% sure?"'))
    assert (
        "# prompt:100%% sure? cannot be had by a timer"
        in (units(asked, Path("/opt/moorage"), "ops")["moorage-prod-backup.service"])
    )


def test_spaces_percents_and_quotes_stay_what_they_are(site):
    found = units(site("two words%"), Path(ODD), "ops")
    name = r"moorage-two\x20words\x25-backup.service"

    assert name in found
    service = parsed(found[name])["Service"]
    assert service["WorkingDirectory"] == [ODD.replace("%", "%%")]
    assert '"MOORAGE_INVENTORY=/etc/two words%%/site.yml"' in service["Environment"]
    assert parsed(found[name])["Unit"]["Documentation"][0].startswith("file:///srv/our%%20100%%25")


def test_a_line_break_cannot_add_a_line_of_its_own(site):
    with pytest.raises(Refused, match="line break"):
        units(site(), Path("/opt/a\nExecStart=/bin/sh"), "ops")
    with pytest.raises(Refused, match="account"):
        units(site(), Path("/opt/moorage"), "ops\nUser=root")


def test_the_words_of_unit_files():
    assert escaped("prod-1.a_b") == "prod-1.a_b"
    assert escaped("a b/\u00e9") == r"a\x20b\x2f\xc3\xa9"
    assert plain("50%") == "50%%"
    assert quoted('a "b" \\ %') == r'"a \"b\" \\ %%"'


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here; the lab has one")
@pytest.mark.parametrize("folder", ["prod", "two words%"])
def test_systemd_takes_them(site, root, tmp_path, folder):
    for name, text in units(site(folder), root, "root").items():
        (tmp_path / name).write_text(text)

    ran = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            "--recursive-errors=no",
            *(str(path) for path in tmp_path.iterdir() if "@" not in path.name),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def test_the_line_that_installs_them_is_one_for_a_shell(tmp_path, capsys):
    folder = tmp_path / "my units; false"
    cli_units.units(inventory="example", output=str(folder), user="ops")

    line = capsys.readouterr().out.splitlines()[-1].removeprefix("# install them: ")
    assert shlex.split(line.partition(" && ")[0]) == ["cp", f"{folder}/*", "/etc/systemd/system/"]
