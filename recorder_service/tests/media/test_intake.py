"""From files to rows: order, doubles, odd names, every camera's turn."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import replace

from bench import OTHER, PATH, SECOND, T0, A, B, Bench

from recorder_service.domain.segment import segment_file
from recorder_service.media.intake import Intake
from recorder_service.media.worker import IntakeWorker


def test_file_becomes_a_sealed_row_once(bench: Bench) -> None:
    file = bench.put(A, 0, T0)
    assert bench.scan() == 1
    assert bench.scan() == 0
    assert bench.fresh().scan(PATH).added == 0
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert (row.camera_id, row.run, row.number, row.stop_us) == (7, A, 0, T0 + 2 * SECOND)
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert row.bytes == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o440


def test_recovered_and_damaged_are_told(bench: Bench) -> None:
    bench.put(A, 0, T0, closed=False)
    file = bench.put(B, 0, T0 + 9 * SECOND)
    file.write_bytes(file.read_bytes()[:-10])
    bench.scan()
    statuses = [s.status.value for s in sorted(bench.index.segments.list(), key=lambda s: s.start_us)]
    assert statuses == ["recovered", "damaged"]
    assert len(bench.events()) == 2


def test_odd_name_and_odd_clock_are_kept_and_told(bench: Bench) -> None:
    bench.put(A, 0, T0, name=f"{PATH}/2026-11-24/holiday.mp4")
    bench.put(B, 0, 7 * SECOND)
    assert bench.scan() == 2
    assert bench.scan() == 0
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert row.file == f"{PATH}/2026-11-24/holiday.mp4"
    assert any("its name is not its time" in e for e in bench.events())
    assert any("clock that was wrong" in e for e in bench.events())
    count = len(bench.events())
    assert bench.fresh().scan(PATH).added in (0, 1)
    assert len(bench.events()) == count
    assert bench.index.segments.count() == 2


def test_what_was_first_seen_long_after_its_end_says_so_on_the_disk(bench: Bench) -> None:
    bench.host.at_us = T0 + 10 * SECOND
    first, second, late = (bench.put(A, n, T0 + n * 2 * SECOND) for n in range(3))
    late.unlink()
    written = first.stat().st_mtime_ns
    bench.scan()
    assert first.stat().st_mtime_ns == written, "as it was written"
    bench.erp_us = T0 + 365 * 86_400 * SECOND
    late = bench.put(A, 2, T0 + 4 * SECOND)
    bench.scan()
    assert late.stat().st_mtime_ns == bench.erp_us * 1000, "by whichever clock is ahead"
    bench.erp_us = None
    last = bench.put(A, 3, T0 + 6 * SECOND)
    bench.scan()
    assert last.stat().st_mtime_ns == late.stat().st_mtime_ns, "it never steps back"
    assert bench.index.segments.count() == 4
    assert second.stat().st_mtime_ns != late.stat().st_mtime_ns


def test_empty_file_goes_after_a_minute_and_foreign_stays(bench: Bench) -> None:
    young, old = (bench.put(A, n, T0 + n * SECOND) for n in (0, 1))
    foreign = bench.put(A, 2, T0 + 2 * SECOND)
    for file in (young, old):
        file.write_bytes(b"")
    foreign.write_bytes(b"no film")
    past = time.time() - 61
    os.utime(old, (past, past))
    assert bench.scan() == 0
    assert (young.exists(), old.exists(), foreign.exists()) == (True, False, True)
    bench.fresh().scan(PATH)
    assert len(bench.events()) == 2


class Looks:
    """A worker's context that notes when it was heard."""

    def __init__(self) -> None:
        self.beats = 0
        self.stopping = False

    def beat(self) -> None:
        self.beats += 1

    def wait(self, _seconds: float) -> bool:
        return self.stopping


def test_catching_up_is_heard_of_and_gives_every_camera_its_turn(bench: Bench) -> None:
    cameras = {PATH: bench.camera, OTHER: replace(bench.camera, id=8, path=OTHER)}
    for number in range(250):
        bench.put(A, number, T0 + 2 * number * SECOND, seconds=1)
    for number in range(2):
        start = T0 + 2 * number * SECOND
        bench.put(B, number, start, name=segment_file(OTHER, start), seconds=1)
    intake = Intake(bench.root, bench.index, bench.ledger, lambda: cameras, bench.host)
    worker = IntakeWorker(
        bench.root, bench.index, intake, bench.ledger, bench.reasons, bench.host,
        usable=lambda: True, rescan=lambda: False, expectations=lambda: None,
    )  # fmt: skip
    looks = Looks()
    intake.beat = looks.beat
    worker._scan_all(looks, None)
    rows = bench.index.database.read().execute("SELECT path, id FROM segment ORDER BY id").fetchall()
    order = [row["path"] for row in rows]
    assert (order.count(PATH), order.count(OTHER)) == (250, 2)
    assert order.index(OTHER) < 150
    assert looks.beats >= 252
    assert bench.gaps() == []


def test_throughput_is_far_above_two_hundred_cameras(bench: Bench) -> None:
    for number in range(300):
        bench.put(A, number, T0 + number * 2 * SECOND)
    began = time.monotonic()
    assert bench.scan() == 300
    # 200 cameras of 60 s segments close 3.3 a second
    assert 300 / (time.monotonic() - began) > 20
