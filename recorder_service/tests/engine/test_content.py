"""What was recorded, read out of the pictures themselves."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from numbers_in_pictures import COUNT, numbers
from rig import Camera, Node, until

pytestmark = pytest.mark.mediamtx


def test_no_picture_is_lost_or_doubled_in_a_run_and_a_gap_is_as_long_as_it_says(
    node: Node, camera: Callable[..., Camera]
) -> None:
    node.add("acme-cam-01", camera("numbered").source())
    node.wait_segments("acme-cam-01", 4)
    time.sleep(1)
    node.engine.send(signal.SIGKILL)
    until(lambda: len({r.run for r in node.segments("acme-cam-01")}) == 2, 25)
    count = len(node.segments("acme-cam-01"))
    rows = node.wait_segments("acme-cam-01", count + 2)
    read = {row.start_us: numbers(node.media_path / row.file) for row in rows}
    for row in rows:
        assert len(read[row.start_us]) == pytest.approx(row.duration_us / 100_000, abs=1)
    for before, after in pairwise(rows):
        step = (read[after.start_us][0] - read[before.start_us][-1]) % COUNT
        if before.run == after.run:
            assert step == 1
        else:
            gap = next(g for g in node.gaps("acme-cam-01") if g.stop_us == after.start_us)
            assert gap.start_us == before.stop_us
            assert (gap.stop_us - gap.start_us) / 100_000 == pytest.approx(step - 1, abs=5)
        inside = [(b - a) % COUNT for a, b in pairwise(read[after.start_us])]
        assert set(inside) == {1}


def test_rows_come_at_once_not_by_the_scan(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 5)
    found = node.index.database.read().execute("SELECT path, start_us, first_seen_us FROM segment ORDER BY start_us")
    seen = {(r["path"], r["start_us"]): r["first_seen_us"] for r in found}
    delays = []
    for row in node.segments("acme-cam-01"):
        closed = (node.media_path / row.file).stat().st_mtime_ns // 1000
        delays.append((seen[row.path, row.start_us] - closed) / 1e6)
    assert sorted(delays)[len(delays) // 2] < 0.5
    assert max(delays) < 2


@pytest.fixture
def deaf_node(tmp_path: Path) -> Iterator[Node]:
    """A node whose ffmpeg cannot take sound out."""
    made = Node(tmp_path / "node", tmp_path / "media", ffmpeg="/bin/false")
    try:
        yield made.start()
    finally:
        made.stop()


def test_where_sound_cannot_be_taken_out_nothing_is_recorded(deaf_node: Node, camera: Callable[..., Camera]) -> None:
    deaf_node.add("acme-cam-01", camera("sound").source())
    deaf_node.await_state("acme-cam-01", "audio_refused", seconds=40)
    until(lambda: [d for k, d in deaf_node.events() if k == "audio_refused"], 5)
    assert list((deaf_node.media_path).rglob("*.mp4")) == []
