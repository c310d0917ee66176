"""The bench's results keep their shape, and its arithmetic is right; nothing here is timed."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.converge.figures import FIGURES, MEMORY
from bench.converge.nodes.figures import GROUP as NODES
from bench.converge.whole.figures import GROUP as WHOLE
from bench.errors import BenchError
from bench.nexus.figures import GROUP as NEXUS
from bench.pairs import Compared, compare
from bench.readme import quote
from bench.results import Row, merged, read, write
from bench.side import Side
from bench.startup.figures import GROUP as START_UP

RESULTS = Path(__file__).resolve().parents[3] / "bench" / "results.json"
OTHER_GROUPS = {MEMORY, NEXUS, NODES, START_UP, WHOLE}
NUMBERS = ("moorage", "peer", "ratio", "lowest", "highest", "load")


def side(name: str, program: str = "pass", **changes) -> Side:
    return Side(name, [sys.executable, "-I", "-S", "-c", program], **changes)


def row(figure: str, group: str = "g", ratio: float = 2.0) -> Row:
    return Row(figure, 1.0, 2.0, ratio, 1.5, "s", 1.9, 2.1, 3, 0.5, group)


def test_the_kept_results_are_a_list_of_rows_of_one_shape():
    rows = json.loads(RESULTS.read_text())

    assert rows
    for found in rows:
        assert set(found) == {field.name for field in dataclasses.fields(Row)}
        assert all(isinstance(found[name], int | float) for name in NUMBERS)
        assert found["target"] is None or found["target"] > 0
        assert found["unit"] in {"s", "MiB", "requests"}
        assert found["lowest"] <= found["ratio"] <= found["highest"]
        assert found["pairs"] >= 1
        assert found["figure"].startswith(found["group"])
    assert len({found["figure"] for found in rows}) == len(rows)


def test_the_kept_results_are_of_groups_that_the_bench_has():
    groups = {found["group"] for found in json.loads(RESULTS.read_text())}

    assert groups <= {*(figure.group for figure in FIGURES), *OTHER_GROUPS}
    assert FIGURES[0].group in groups


def test_a_ratio_is_the_peers_by_ours_and_the_median_of_the_pairs():
    seen = Compared("peer", ours=(1.0, 2.0, 4.0), theirs=(2.0, 8.0, 12.0))
    made = Row.of("group", "figure", seen, target=3.5)

    assert seen.ratios == [2.0, 4.0, 3.0]
    assert (made.ratio, made.lowest, made.highest, made.pairs) == (3.0, 2.0, 4.0, 3)
    assert (made.moorage, made.peer) == (2.0, 8.0)
    assert made.met is False


def test_rows_are_read_back_as_written(tmp_path):
    rows = [row("a"), dataclasses.replace(row("b"), target=None)]
    write(tmp_path / "results.json", rows)

    assert read(tmp_path / "results.json") == rows
    assert read(tmp_path / "absent.json") == []


def test_new_rows_take_the_place_of_former_ones_and_join_their_group():
    before = [row("a", "x"), row("b", "y"), row("c", "y")]
    after = merged(before, [row("b", "y", ratio=9.0), row("d", "x")])

    assert [(item.figure, item.ratio) for item in after] == [
        ("a", 2.0), ("d", 2.0), ("b", 9.0), ("c", 2.0),
    ]  # fmt: skip


def test_the_readme_quotes_the_rows_that_a_ratio_is_asked_for(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- bench -->\nold\n<!-- /bench -->\nz\n")
    quote(path, [dataclasses.replace(row("shown"), target=9.0), row("plain")])
    quote(
        path,
        [
            dataclasses.replace(row("shown"), target=9.0),
            dataclasses.replace(row("plain"), target=None),
        ],
    )

    text = path.read_text()
    assert "| shown | 1 s | 2 s | 2 | 9, missed |" in text
    assert "plain" not in text
    assert "old" not in text
    assert text.startswith("a\n")
    assert text.endswith("<!-- /bench -->\nz\n")


def test_a_readme_without_its_marks_is_told_of(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("nothing here")

    with pytest.raises(BenchError, match="no place"):
        quote(path, [])


def test_pairs_are_interleaved_and_each_side_is_first_in_turn(tmp_path):
    log = tmp_path / "log"
    note = "open({!r}, 'a').write({!r})"
    ours = side("ours", note.format(str(log), "M"))
    peers = [side(name, note.format(str(log), name)) for name in ("p", "q")]

    seen = compare(ours, peers, rounds=2, warm_up=False)

    assert log.read_text() == "MpMqpMqM"
    assert [(item.peer, len(item.ours), len(item.theirs)) for item in seen] == [
        ("p", 2, 2), ("q", 2, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (side("other", "raise SystemExit(3)"), "ended with 3"),
        (side("other", "print('something')", says="all as asked"), "all as asked"),
    ],
)
def test_a_side_that_did_not_do_its_work_ends_the_bench(broken, told):
    with pytest.raises(BenchError, match=told):
        broken.run()


def test_the_forwarder_holds_bytes_back_and_keeps_their_order():
    code = subprocess.run(
        [sys.executable, "-c", FORWARDED], cwd=RESULTS.parents[1], check=False, timeout=20
    ).returncode

    assert code == 0


FORWARDED = """
import asyncio
from bench.forwarder import Way, serve

async def main():
    async def echo(reader, writer):
        while piece := await reader.read(100):
            writer.write(piece)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    way = Way.parse(f"127.0.0.1:{port + 1 if port < 65000 else port - 1}=127.0.0.1:{port}")
    task = asyncio.create_task(serve([way], 0.02))
    await asyncio.sleep(0.2)
    begin = asyncio.get_running_loop().time()
    reader, writer = await asyncio.open_connection(*way.listen)
    for number in range(20):
        writer.write(b"%d," % number)
        await writer.drain()
    writer.write_eof()
    said = await reader.read(-1)
    assert said == b"".join(b"%d," % number for number in range(20)), said
    assert asyncio.get_running_loop().time() - begin >= 0.02
    task.cancel()

asyncio.run(main())
"""
