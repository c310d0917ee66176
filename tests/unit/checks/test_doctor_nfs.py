"""Package, service, port and export path of the NFS host."""

import pytest
from doctor_fakes import answers, found, nfs

from moorage.checks import doctor_nfs

_FRESH = {
    "package": ("not-installed", 0),
    "active": ("inactive", 3),
    "enabled": ("not-found", 4),
    "directory": ("stat: cannot statx '/srv/nexus': No such file or directory", 1),
    "entries": "",
    "file": ("cat: no such file", 1),
    "exported": ("", 127),
}
_APT = "nfs-kernel-server:\n  Installed: (none)\n  Candidate: 1:2.6.2-4+deb12u1\n  Version table:\n"


def _findings(site, parts):
    return list(doctor_nfs.server("nas", site, answers(parts)))


def test_a_host_that_is_set_up_is_all_right(site):
    findings = _findings(site(), nfs())
    assert {finding.level for finding in findings} == {"ok"}
    assert found(findings, "nas", "export") == [
        ("ok", "/srv/nexus belongs to 200:200, exported to 1 clients")
    ]


def test_a_bare_host_is_all_right_where_the_package_can_be_had(site):
    findings = _findings(site(), nfs(_FRESH, candidate=_APT, port=("", 1)))
    assert {finding.level for finding in findings} == {"ok"}
    assert "1:2.6.2-4+deb12u1" in findings[0].message
    assert found(findings, "nas", "nfs service") == [("ok", "port 2049 is free")]


@pytest.mark.parametrize("candidate", ["", "nfs-kernel-server:\n  Candidate: (none)\n"])
def test_a_package_that_cannot_be_had_is_a_failure(site, candidate):
    findings = _findings(site(), nfs(_FRESH, candidate=candidate, port=("", 1)))
    assert found(findings, "nas", "nfs server")[0][0] == "failure"


def test_another_program_on_the_port_is_a_failure(site):
    findings = _findings(site(), nfs(_FRESH, candidate=_APT))
    ((level, message),) = found(findings, "nas", "nfs service")
    assert level == "failure"
    assert "another program" in message


def test_a_running_server_without_its_port_is_a_failure(site):
    findings = _findings(site(), nfs(port=("", 1)))
    assert found(findings, "nas", "nfs service")[0][0] == "failure"


def test_a_stopped_server_that_does_not_start_at_boot_is_told(site):
    stopped = _findings(site(), nfs({"active": ("inactive", 3)}, port=("", 1)))
    assert found(stopped, "nas", "nfs service") == [("warning", "stopped")]
    not_at_boot = _findings(site(), nfs({"enabled": ("disabled", 1)}))
    assert [level for level, _ in found(not_at_boot, "nas", "nfs service")] == ["ok", "warning"]


@pytest.mark.parametrize(
    ("export", "words"),
    [
        ({"realpath": "/mnt/disk1/nexus"}, "/mnt/disk1/nexus"),
        ({"directory": "regular file|0|0|644"}, "regular file"),
        ({"entries": "payroll.ods"}, "payroll.ods"),
        ({"others": "/srv/nexus/deeper *(ro)"}, "overlaps"),
    ],
)
def test_a_path_that_must_not_be_exported_is_a_failure(site, export, words):
    ((level, message),) = found(_findings(site(), nfs(export)), "nas", "export")
    assert level == "failure"
    assert words in message


def test_another_owner_is_a_warning(site):
    findings = _findings(site(), nfs({"directory": "directory|0|0|755"}))
    assert found(findings, "nas", "export")[0][0] == "warning"


def test_a_probe_that_was_cut_off_is_told(site):
    (finding,) = _findings(site(), {"export": "gibberish"})
    assert finding.level == "warning"
