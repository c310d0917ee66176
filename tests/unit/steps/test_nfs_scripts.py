"""The export script run by a real ``sh``, with an ``exportfs`` that plays the kernel's part."""

from __future__ import annotations

import os
import subprocess

import pytest

from moorage.steps.nfs import scripts
from moorage.steps.nfs.observe import PACKAGE, probe
from moorage.steps.nfs.scripts import own_all
from moorage.transport.base import Probe, sections
from moorage.transport.local import LocalHost

EXPORTFS = """\
#!/bin/sh
# The table follows the files of the folder, as the kernel's does; "broken" files are named.
folder={folder}
case $1 in
  -ra)
    : >{table}
    for file in "$folder"/*.exports; do
      [ -e "$file" ] || continue
      grep -q unparsable "$file" && {{ echo "exportfs: $file:1: syntax error" >&2; code=1; }}
      grep -v '^#' "$file" | grep -v unparsable | while read -r path clients; do
        for client in $clients; do echo "$path  $client" >>{table}; done
      done
    done
    {more}
    exit ${{code:-0}} ;;
  -s) cat {table} ;;
esac
"""


OLD = "# ours\n/srv/nexus 10.0.0.1(rw)\n"


NEW = "# ours\n/srv/nexus 10.0.0.1(rw) 10.0.0.2(rw)\n"


@pytest.fixture
def run(tmp_path):
    """Run the export script in a folder of its own; ``more`` is what exportfs does besides."""
    folder = tmp_path / "exports.d"
    programs = tmp_path / "bin"
    programs.mkdir()

    def call(text=NEW, clients=("10.0.0.1", "10.0.0.2"), more=":"):
        program = programs / "exportfs"
        table = tmp_path / "table"
        program.write_text(EXPORTFS.format(folder=folder, table=table, more=more))
        program.chmod(0o755)
        script = scripts.export(str(folder / "m.exports"), text, "/srv/nexus", list(clients))
        return subprocess.run(
            ["sh", "-s"], input=script.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{programs}:{os.environ['PATH']}"},
        )  # fmt: skip

    call.folder = folder
    call.file = folder / "m.exports"
    return call


def left_over(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_first_export_is_written_and_live(run):
    done = run()

    assert (done.returncode, done.stdout) == (0, "")
    assert run.file.read_text() == NEW
    assert run.file.stat().st_mode & 0o777 == 0o644
    assert left_over(run.folder) == []


def test_a_former_file_is_replaced(run):
    run.folder.mkdir()
    run.file.write_text(OLD)

    assert run().returncode == 0
    assert run.file.read_text() == NEW
    assert left_over(run.folder) == []


def test_a_second_run_is_the_same(run):
    run()
    assert run().returncode == 0
    assert run.file.read_text() == NEW


def test_an_export_that_the_kernel_does_not_take_is_undone(run):
    run.folder.mkdir()
    run.file.write_text(OLD)

    done = run(text=NEW.replace("10.0.0.2", "unparsable"))

    assert done.returncode == 1
    assert run.file.read_text() == OLD
    assert "the former file is back" in done.stderr
    assert "syntax error" in done.stderr
    assert left_over(run.folder) == []


def test_a_first_export_that_is_not_taken_leaves_no_file(run):
    done = run(text="unparsable\n")

    assert done.returncode == 1
    assert not run.file.exists()
    assert left_over(run.folder) == []


def test_one_client_that_is_missing_in_the_kernels_table_undoes_it(run):
    run.folder.mkdir()
    run.file.write_text(OLD)

    done = run(text=OLD)

    assert done.returncode == 1
    assert run.file.read_text() == OLD


def test_a_client_whose_address_is_only_the_beginning_of_another_is_missing(run):
    done = run(text="/srv/nexus 10.0.0.10(rw)\n", clients=["10.0.0.1"])

    assert done.returncode == 1


def test_another_path_that_begins_alike_does_not_count(run):
    done = run(text="/srv/nexus-old 10.0.0.1(rw)\n", clients=["10.0.0.1"])

    assert done.returncode == 1


def test_a_mistake_in_somebody_elses_file_is_told_and_harms_nothing(run):
    run.folder.mkdir()
    (run.folder / "other.exports").write_text("unparsable\n")

    done = run()

    assert done.returncode == 0
    assert done.stdout.startswith("note: ")
    assert "other.exports" in done.stdout
    assert run.file.read_text() == NEW


def test_a_warning_of_exportfs_is_passed_on(run):
    done = run(more="echo 'exportfs: No options for somewhere' >&2")

    assert done.returncode == 0
    assert "No options for somewhere" in done.stdout


def test_a_run_that_was_killed_leaves_nothing_that_disturbs_the_next(run):
    run.folder.mkdir()
    (run.folder / ".moorage.new").write_text("half")
    (run.folder / ".moorage.old").write_text("an old one of a run before")

    done = run(text="unparsable\n")

    assert done.returncode == 1
    assert not run.file.exists()
    assert run().returncode == 0


def test_text_with_quotes_and_percent_signs_is_written_as_it_is(run):
    text = "# it's 100 % \\n $HOME `id`\n" + NEW

    assert run(text=text).returncode == 0
    assert run.file.read_text() == text


def test_a_directory_is_made_with_owner_and_mode(tmp_path):
    path = tmp_path / "deep" / "nexus data"
    script = scripts.directory(str(path), os.getuid(), "0750")

    done = subprocess.run(["sh", "-s"], input=script.text(), text=True, check=False)

    assert done.returncode == 0
    assert path.stat().st_uid == os.getuid()
    assert path.stat().st_mode & 0o7777 == 0o750


def test_bits_that_a_mode_of_four_digits_leaves_on_a_directory_are_taken_away(tmp_path):
    """GNU chmod: else what was set by ``chmod g+s`` is drift that is never mended."""
    path = tmp_path / "nexus"
    path.mkdir()
    path.chmod(0o7755)
    script = scripts.directory(str(path), os.getuid(), "0750")

    subprocess.run(["sh", "-s"], input=script.text(), text=True, check=True)

    assert path.stat().st_mode & 0o7777 == 0o750


def test_files_in_an_existing_directory_stay_as_they_are(tmp_path):
    inside = tmp_path / "nexus" / "blob"
    inside.parent.mkdir(mode=0o755)
    inside.write_text("content")
    inside.chmod(0o640)
    script = scripts.directory(str(inside.parent), os.getuid(), "0700")

    subprocess.run(["sh", "-s"], input=script.text(), text=True, check=True)

    assert inside.stat().st_mode & 0o777 == 0o640
    assert inside.read_text() == "content"


@pytest.mark.parametrize(
    ("distribution", "manager"),
    [("debian ", "apt-get"), ("ubuntu debian", "apt-get"), ("rocky rhel centos fedora", "dnf"),
     ("almalinux rhel centos fedora", "dnf")],
)  # fmt: skip
def test_the_distributions_own_package_manager_is_used(distribution, manager):
    assert manager in PACKAGE.install("install it", distribution).body


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_all_files_below_get_the_owner_and_links_lead_nowhere(tmp_path):
    (tmp_path / "data/deep").mkdir(parents=True)
    (tmp_path / "data/deep/file").touch()
    (tmp_path / "outside").touch()
    (tmp_path / "data/link").symlink_to(tmp_path / "outside")
    host = LocalHost()
    look = probe(str(tmp_path / "data"), "/nowhere", 200)
    look = Probe(look.summary, {"foreign": look.parts["foreign"]}, look.variables)

    assert sections(host.read(look.script()))["foreign"].text.strip() == "3"
    host.change(own_all(str(tmp_path / "data"), 200)).require(look.script(), "here")

    assert sections(host.read(look.script()))["foreign"].text.strip() == "0"
    assert (tmp_path / "outside").stat().st_uid == 0
