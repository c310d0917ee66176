"""Export tables as they are written and as the kernel has them."""

from __future__ import annotations

import pytest

from moorage.steps.exports import (
    above,
    complete,
    exported_paths,
    listed_clients,
    overlapping,
    parse_exportfs,
    pseudo_roots,
)

KERNEL = "sync,wdelay,hide,no_subtree_check,sec=sys,rw,secure,root_squash,no_all_squash"


def test_what_an_inventory_leaves_unsaid_is_what_the_kernel_shows():
    assert complete(["rw", "sync", "no_subtree_check"]) == frozenset(KERNEL.split(","))


@pytest.mark.parametrize(
    ("options", "other"),
    [
        (["rw"], "ro"),
        (["ro"], "rw"),
        (["rw", "async"], "sync"),
        (["rw", "no_root_squash"], "root_squash"),
        (["rw", "all_squash"], "no_all_squash"),
        (["rw", "insecure"], "secure"),
        (["rw", "no_wdelay"], "wdelay"),
        (["rw", "nohide"], "hide"),
        (["rw", "subtree_check"], "no_subtree_check"),
        (["rw", "sec=krb5p"], "sec=sys"),
    ],
)
def test_an_option_that_is_said_puts_out_its_opposite(options, other):
    assert set(options) <= complete(options)
    assert other not in complete(options)


def test_defaults_is_no_option_of_the_kernels():
    assert complete(["defaults", "rw"]) == complete(["rw"])


def test_only_the_path_asked_for_is_read():
    output = f"/srv/nexus-old  10.0.0.1({KERNEL})\n/srv/nexus  10.0.0.2({KERNEL})\n"

    assert set(parse_exportfs(output, "/srv/nexus")) == {"10.0.0.2"}


@pytest.mark.parametrize(
    "client", ["10.77.0.11", "10.0.0.0/24", "*.example.com", "@group", "fe80::1", "*", "node-1"]
)
def test_every_kind_of_client_is_read(client):
    assert set(parse_exportfs(f"/srv/nexus  {client}({KERNEL})\n", "/srv/nexus")) == {client}


def test_several_clients_on_one_line_are_read():
    output = f"/srv/nexus  10.0.0.1({KERNEL}) 10.0.0.2(ro)\n"

    found = parse_exportfs(output, "/srv/nexus")

    assert "rw" in found["10.0.0.1"]
    assert "ro" in found["10.0.0.2"]
    assert "rw" not in found["10.0.0.2"]


def test_no_table_is_no_export():
    assert parse_exportfs("", "/srv/nexus") == {}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", []),
        ("# only a comment\n\n", []),
        ("/srv/a 10.0.0.1(rw) # trailing\n", ["/srv/a"]),
        ("/srv/a \\\n  10.0.0.1(rw) \\\n  10.0.0.2(rw)\n/srv/b *(ro)\n", ["/srv/a", "/srv/b"]),
        ('"/srv/a" *(ro)\n', ["/srv/a"]),
        ('"/srv/with space" *(ro)\n', ["/srv/with space"]),
        ("/srv/with\\040space *(ro)\n", ["/srv/with space"]),
        ("-sync,rw 10.0.0.1\n", []),
        ("\t/srv/a\t10.0.0.1(rw)\n", ["/srv/a"]),
    ],
)
def test_paths_of_export_files_are_read_as_exports5_says(text, paths):
    assert exported_paths(text) == paths


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        ("/srv/nexus", True),
        ("/srv/nexus/blobs", True),
        ("/srv/nexus-old", False),
        ("/srv", True),
        ("/", False),
        ("/srv/nexu", False),
    ],
)
def test_an_export_overlaps_where_it_is_the_same_inside_or_above(other, clashes):
    assert overlapping("/srv/nexus", [other]) == (other if clashes else None)


def test_a_pseudo_root_above_is_no_harm_but_the_same_one_is():
    text = "/srv *(ro,fsid=0)\n/export 10.0.0.0/8(ro) *(fsid=root,ro)\n/data *(ro,fsid=01)\n"
    roots = pseudo_roots(text)

    assert roots == ["/srv", "/export"]
    assert overlapping("/srv/nexus", exported_paths(text), roots) is None
    assert overlapping("/data/nexus", exported_paths(text), roots) == "/data"
    assert overlapping("/srv", exported_paths(text), roots) == "/srv"


def test_a_slash_at_the_end_is_the_same_path():
    assert overlapping("/srv/nexus", ["/srv/nexus/"]) == "/srv/nexus/"


def test_a_checked_subtree_is_told_by_no_word():
    (found,) = parse_exportfs("/srv/nexus  10.0.0.2(sync,rw)\n", "/srv/nexus").values()

    assert "subtree_check" in found
    assert "no_subtree_check" not in found


@pytest.mark.parametrize(
    ("line", "mountpoint", "found"),
    [
        ("/srv  10.0.0.0/8(rw,no_subtree_check)", "/", {"/srv": ["10.0.0.0/8"]}),
        ("/srv  *(ro,fsid=0)", "/", {}),
        ("/srv  *(rw,fsid=0)", "/srv/nexus", {}),
        ("/srv  *(rw,fsid=0)", "/srv", {"/srv": ["*"]}),
        ("/srv  *(rw,crossmnt)", "/srv/nexus", {"/srv": ["*"]}),
        ("/  a(rw) b(ro) c(rw)", "/", {"/": ["a", "c"]}),
        ("/srv/nexus  10.0.0.1(rw)", "/", {}),
        ("/srv/nexus2  10.0.0.1(rw)", "/", {}),
        ("", "/", {}),
    ],
)
def test_exports_above_a_path_that_its_files_can_be_written_by(line, mountpoint, found):
    assert above(line, "/srv/nexus", mountpoint) == found


def test_clients_of_an_export_file():
    text = "# 10.0.0.9(rw)\n/srv/nexus 10.0.0.1(rw,sync) \\\n  two.example.com(ro) # old(rw)\n"
    assert listed_clients(text) == ["10.0.0.1", "two.example.com"]


def test_options_are_told_otherwise_than_they_were_said():
    """nfs-utils, exportfs.c, dump(): some by another name, some never."""
    said = ["rw", "no_subtree_check", "no_auth_nlm", "mp", "fsid=root", "acl", "nocrossmnt",
            "secure_locks", "no_pnfs", "anonuid=65534", "anongid=65534"]  # fmt: skip
    told = ("/srv/nexus  10.0.0.1(sync,wdelay,hide,insecure_locks,no_subtree_check,mountpoint,"
            "fsid=0,sec=sys,rw,secure,root_squash,no_all_squash)")  # fmt: skip

    assert parse_exportfs(told, "/srv/nexus")["10.0.0.1"] == complete(said)
