"""Rows and gaps from files: order, doubles, runs, odd clocks. The clock sequences are those of a real engine."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
import sqlite3
import stat
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import clip
import pytest

from recorder_service.domain.config import AudioMode, CameraConfig, StreamSource
from recorder_service.domain.gap import GapReason
from recorder_service.domain.segment import segment_file
from recorder_service.media.intake import Intake
from recorder_service.media.ledger import Ledger
from recorder_service.media.worker import IntakeWorker
from recorder_service.store import Index

T0 = 1_795_521_349_963_101
SECOND = 1_000_000
A, B, C = "aa" * 16, "bb" * 16, "cc" * 16
PATH = "acme-cam-01"


class Reasons:
    answer = GapReason.SOURCE_LOST

    def reason(self, path: str, start_us: int, stop_us: int | None) -> GapReason:
        return self.answer


class Host:
    """A clock that people set: `step` µs forward or back at `stepped_us` of its time before, `at_us` now."""

    def __init__(self) -> None:
        self.step = 0
        self.stepped_us = T0
        self.at_us: int | None = None

    def now_us(self) -> int:
        return self.at_us or time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    def forward(self, from_us: int, to_us: int) -> int:
        return max(self.step, 0)

    def back(self, from_us: int) -> int:
        return max(-self.step, 0) if self.stepped_us >= from_us else 0


class Bench:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "media"
        self.root.mkdir()
        self.index = Index(folder / "index.sqlite", "6a0e8d2c-52b8-4a0f-9a35-1f5a5f8f0c11")
        self.reasons = Reasons()
        self.host = Host()
        self.erp_us: int | None = None
        self.mounted = True
        self.camera = CameraConfig(7, PATH, "cam-01", "Gate", True, StreamSource("rtsp://c/x"))
        self.ledger = Ledger(self.index, self.reasons, self.host)
        self.intake = self.fresh()

    def fresh(self) -> Intake:
        return Intake(self.root, self.index, self.ledger, lambda: {PATH: self.camera}, self.host,
                      erp_us=lambda: self.erp_us, verified=lambda: self.mounted)  # fmt: skip

    def put(self, run: str, number: int, start_us: int, name: str = "", **more: object) -> Path:
        file = self.root / (name or segment_file(PATH, start_us))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(clip.segment(run, number, start_us, **more))  # type: ignore[arg-type]
        return file

    def scan(self) -> int:
        added = 0
        while (scan := self.intake.scan(PATH)).more:
            added += scan.added
        return added + scan.added

    def gaps(self) -> list[tuple[int, int | None, str]]:
        return sorted((g.start_us - T0, g.stop_us and g.stop_us - T0, g.reason.value) for g in self.index.gaps.list())

    def events(self) -> list[str]:
        return [row["detail"] for row in self.index.database.read().execute("SELECT detail FROM event ORDER BY seq")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.index.close()


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


def test_no_gap_inside_a_run_and_one_between_runs(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)
    bench.put(B, 0, T0 + 10 * SECOND)
    assert bench.scan() == 3
    assert bench.gaps() == [(4 * SECOND, 10 * SECOND, "source_lost")]


@pytest.mark.parametrize("shift", [-50_000, -SECOND, -3 * SECOND, 3 * SECOND])
def test_clock_step_inside_a_run_is_no_gap(bench: Bench, shift: int) -> None:
    for number in range(3):
        bench.put(A, number, T0 + number * 2 * SECOND + (shift if number else 0))
    assert bench.scan() == 3
    assert bench.gaps() == []
    assert bench.events() == []


def test_clock_set_far_forward_counts_the_real_loss_only(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.host.step = 11 * SECOND
    bench.put(B, 0, T0 + 2 * SECOND + 14_700_000)
    bench.scan()
    assert bench.gaps() == [(13 * SECOND, 16_700_000, "source_lost")]


def test_clock_set_far_back_makes_no_gap_and_keeps_all(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.put(B, 0, T0 - 3_603_800_000)
    assert bench.scan() == 1
    bench.put(B, 1, T0 - 3_601_800_000)
    assert bench.scan() == 1
    assert bench.gaps() == []


def test_missing_number_is_an_alarm(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 2, T0 + 4 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 4 * SECOND, "missing_file")]
    assert "missing before number 2" in bench.events()[0]


def test_open_gap_closes_with_the_next_run(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.AUTH_FAILED)
    bench.reasons.answer = GapReason.UNKNOWN
    bench.put(B, 0, T0 + 60 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 60 * SECOND, "auth_failed")]


def test_the_cause_of_a_long_gap_stays(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.reasons.answer = GapReason.UNKNOWN
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.UNKNOWN)
    told = []
    for answer in ("config_change", "engine_restart", "source_lost", "refused", "unknown", "engine_restart", "timeout"):
        bench.reasons.answer = GapReason(answer)
        bench.ledger.refresh(bench.index.gaps.all_open()[0])
        told.append(bench.gaps()[0][2])
    assert told == ["config_change", "engine_restart", *["source_lost"] * 5]
    bench.reasons.answer = GapReason.AUTH_FAILED
    bench.ledger.refresh(bench.index.gaps.all_open()[0])
    bench.reasons.answer = GapReason.REFUSED
    bench.put(B, 0, T0 + 60 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 60 * SECOND, "auth_failed")]


def test_file_found_late_shortens_its_gap(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(C, 0, T0 + 20 * SECOND)
    bench.scan()
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    assert bench.gaps() == [
        (2 * SECOND, 10 * SECOND, "source_lost"),
        (12 * SECOND, 20 * SECOND, "source_lost"),
    ]


def test_a_late_file_of_an_older_run_is_not_what_the_running_one_follows(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    for number in range(3):
        bench.put(C, number, T0 + (20 + 2 * number) * SECOND)
    bench.scan()
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    told = bench.gaps()
    bench.put(C, 3, T0 + 26 * SECOND)
    bench.scan()
    assert bench.gaps() == told == [(2 * SECOND, 10 * SECOND, "source_lost"), (12 * SECOND, 20 * SECOND, "source_lost")]
    bench.put(B, 1, T0 + 12 * SECOND)
    bench.put("dd" * 16, 0, T0 + 40 * SECOND)
    bench.scan()
    assert bench.gaps() == [
        (2 * SECOND, 10 * SECOND, "source_lost"),
        (12 * SECOND, 12 * SECOND, "source_lost"),
        (14 * SECOND, 20 * SECOND, "source_lost"),
        (28 * SECOND, 40 * SECOND, "source_lost"),
    ]


def test_a_run_goes_on_after_a_file_that_only_seemed_to_follow_it(bench: Bench) -> None:
    for number in range(2):
        bench.put(C, number, T0 + (20 + 2 * number) * SECOND)
    bench.scan()
    bench.host.step, bench.host.stepped_us = -SECOND, T0 + 23 * SECOND  # times tell nothing for a while
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    bench.put(C, 2, T0 + 24 * SECOND)
    bench.scan()
    assert bench.gaps() == []


def test_a_late_number_of_the_running_run_takes_its_gap_back(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(A, 2, T0 + 4 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, 4 * SECOND, "missing_file")]
    bench.put(A, 1, T0 + 2 * SECOND + 30_000)
    bench.scan()
    bench.put(A, 3, T0 + 6 * SECOND)
    bench.scan()
    assert [stop - start for start, stop, _ in bench.gaps() if stop is not None] == [0]
    assert len(bench.events()) == 1, "only the one that was true when it was told"


def test_a_file_that_fails_holds_the_later_ones_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bad = bench.put(A, 1, T0 + 2 * SECOND)
    bench.put(A, 2, T0 + 4 * SECOND)
    failing = [True]

    def digest(file: Path) -> tuple[str, int]:
        if file == bad and failing[0]:
            raise OSError(errno.EIO, "Input/output error")
        return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert [bench.scan(), bench.scan()] == [0, 0]
    failing[0] = False
    assert bench.scan() == 2
    assert (bench.gaps(), bench.events()) == ([], [])


def test_a_file_that_always_fails_lets_the_later_ones_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)

    def digest(file: Path) -> tuple[str, int]:
        if file == bad:
            raise OSError(errno.EIO, "Input/output error")
        return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert [bench.scan() for _ in range(4)] == [0, 0, 1, 0]
    assert ["cannot be taken in" in event for event in bench.events()] == [True]


def test_what_the_disk_did_not_take_is_damaged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real, told = os.fdatasync, []

    def once(fd: int) -> None:
        if not told:
            told.append(1)
            raise OSError(errno.EIO, "Input/output error")  # Linux forgets it then
        real(fd)

    monkeypatch.setattr(os, "fdatasync", once)
    bench.put(A, 0, T0)
    bench.put(A, 1, T0 + 2 * SECOND)
    assert bench.scan() == 0
    assert bench.fresh().scan(PATH).added == 2, "also after a restart"
    assert sorted((s.number, s.status.value) for s in bench.index.segments.list()) == [(0, "damaged"), (1, "ok")]
    assert any("not taken by the disk" in event for event in bench.events())


def test_a_full_disk_lets_no_file_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        bench.put(A, number, T0 + 2 * number * SECOND)
    real = bench.ledger.admit
    full = sqlite3.OperationalError("database or disk is full")
    monkeypatch.setattr(bench.ledger, "admit", lambda *_args: (_ for _ in ()).throw(full))
    assert [bench.scan() for _ in range(5)] == [0] * 5
    monkeypatch.setattr(bench.ledger, "admit", real)
    assert bench.scan() == 2
    assert bench.gaps() == []


@pytest.mark.parametrize("known", ["erp", "watch", "nothing"])
def test_an_open_gap_survives_a_clock_that_is_set_back(bench: Bench, known: str) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 2 * SECOND, GapReason.SOURCE_LOST)
    bench.host.at_us = T0 - 3588 * SECOND  # it stood at T0 + 12 s
    bench.host.step = -3600 * SECOND if known == "watch" else 0
    bench.host.stepped_us = T0 + 9 * SECOND
    bench.erp_us = T0 + 12 * SECOND if known == "erp" else None
    bench.put(B, 0, T0 - 3590 * SECOND)  # the camera is back at T0 + 10 s
    bench.scan()
    end = 2 * SECOND + 100_000 if known == "nothing" else 10 * SECOND
    assert bench.gaps() == [(2 * SECOND, end, "source_lost")]
    bench.host.at_us = T0 - 3586 * SECOND
    bench.put(B, 1, T0 - 3588 * SECOND)
    bench.scan()
    assert bench.gaps() == [(2 * SECOND, end, "source_lost")]


def test_a_late_file_leaves_an_open_gap_open(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.put(C, 0, T0 + 20 * SECOND)
    bench.scan()
    bench.ledger.open_gap(7, PATH, T0 + 22 * SECOND, GapReason.SOURCE_LOST)
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.put(B, 1, T0 + 12 * SECOND)
    bench.scan()
    assert bench.gaps()[-1] == (22 * SECOND, None, "source_lost")


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


def test_sound_is_erased_before_the_hash(bench: Bench) -> None:
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert b"spoken" not in file.read_bytes()
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "bytes of sound were erased" in bench.events()[0]


def test_approved_sound_is_kept(bench: Bench) -> None:
    bench.camera = CameraConfig(7, PATH, "", "", True, StreamSource("rtsp://c/x"), audio=AudioMode.KEEP)
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    assert b"spoken" in file.read_bytes()


def test_a_camera_that_left_keeps_its_approved_sound(bench: Bench) -> None:
    bench.camera = replace(bench.camera, audio=AudioMode.KEEP)
    bench.put(A, 0, T0, sound=b"spoken words" * 4)
    bench.scan()
    kept = bench.put(A, 1, T0 + 2 * SECOND, sound=b"spoken words" * 4)
    gone = Intake(bench.root, bench.index, bench.ledger, lambda: {}, bench.host)
    assert gone.scan(PATH).added == 1
    assert b"spoken" in kept.read_bytes()
    bench.camera = replace(bench.camera, audio=AudioMode.STRIP)
    bench.scan()
    erased = bench.put(A, 2, T0 + 4 * SECOND, sound=b"spoken words" * 4)
    assert gone.scan(PATH).added == 1
    assert b"spoken" not in erased.read_bytes()


@pytest.mark.parametrize("closed", [True, False])
def test_sound_goes_whenever_muting_is_interrupted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, closed: bool
) -> None:
    real, left = os.pwrite, [0]

    def failing(fd: int, data: bytes, at: int) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "stopped here")
        return real(fd, data, at)

    monkeypatch.setattr(os, "pwrite", failing)
    for writes in range(12):
        file = bench.put(f"{writes:032x}", 0, T0 + writes * 10 * SECOND, sound=b"spoken words" * 4, closed=closed)
        with file.open("ab") as end:
            end.write(clip.part(2, sound=b"spoken words" * 4)[:-9])  # the engine was killed here
        left[0] = writes
        bench.scan()
        left[0] = 100
        bench.fresh().scan(PATH)
        assert b"spoken" not in file.read_bytes(), writes
        assert bench.index.segments.get(PATH, T0 + writes * 10 * SECOND) is not None


def test_a_part_whose_tables_contradict_each_other_loses_its_sound_too(bench: Bench) -> None:
    file = bench.put(A, 0, T0, sound=b"spoken words" * 4)
    data = bytearray(file.read_bytes())
    second = data.index(b"trun", data.index(b"trun") + 4)
    data[second + 7] &= 0xFE  # the sound of the first part no longer tells where it is
    file.write_bytes(data)
    bench.scan()
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    assert row.status == "damaged"
    assert b"spoken" not in file.read_bytes()
    assert b"\x5a" * 1000 in file.read_bytes(), "the other part keeps its pictures"


def test_changed_bytes_under_a_known_start_are_told_not_taken(bench: Bench) -> None:
    bench.put(A, 0, T0)
    bench.scan()
    bench.put(B, 0, T0, name=f"{PATH}/2026-11-24/copy.mp4")
    assert bench.scan() == 0
    assert bench.index.segments.count() == 1
    assert any("another hash" in e for e in bench.events())


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


def _statuses(bench: Bench) -> list[str]:
    return [s.status.value for s in sorted(bench.index.segments.list(PATH), key=lambda s: s.start_us)]


def test_a_file_that_vanished_is_told_once_and_counts_no_more(bench: Bench) -> None:
    files = [bench.put(A, number, T0 + 2 * number * SECOND) for number in range(4)]
    odd = bench.put(A, 4, T0 + 8 * SECOND, name=f"{PATH}/2026-11-24/holiday.mp4")
    bench.scan()
    used, told = bench.index.segments.used_bytes(), len(bench.events())
    size = files[1].stat().st_size
    files[1].unlink()
    bench.mounted = False
    bench.scan()
    assert _statuses(bench) == ["ok"] * 5, "not while nobody knows whose disk that is"
    bench.mounted = True
    for _ in range(2):
        bench.scan()
    assert _statuses(bench) == ["ok", "missing", "ok", "ok", "ok"]
    assert bench.index.segments.used_bytes() == used - size
    assert ["nobody deleted" in event for event in bench.events()[told:]] == [True]
    odd.unlink()
    shutil.rmtree(bench.root / PATH)
    assert bench.intake.paths() == [PATH]
    bench.scan()
    assert _statuses(bench) == ["missing"] * 5
    assert bench.index.segments.used_bytes() == 0


def test_what_a_purge_takes_is_not_missing(bench: Bench) -> None:
    file = bench.put(A, 0, T0)
    bench.scan()
    write = bench.index.database.write
    write(lambda c: c.execute("UPDATE segment SET purge = 'confirmed', purge_run = 'x'"))
    file.unlink()
    told = len(bench.events())
    bench.scan()
    assert (_statuses(bench), len(bench.events())) == (["ok"], told)


def test_throughput_is_far_above_two_hundred_cameras(bench: Bench) -> None:
    for number in range(300):
        bench.put(A, number, T0 + number * 2 * SECOND)
    began = time.monotonic()
    assert bench.scan() == 300
    # 200 cameras of 60 s segments close 3.3 a second
    assert 300 / (time.monotonic() - began) > 20


OTHER = "acme-cam-02"


def _breaks(data: bytes, where: str) -> bytes:
    out = bytearray(data)
    if where == "mvhd":  # a header that ends with an empty box
        out = bytearray(clip.box(b"ftyp", b"mp42\0\0\0\1"))
        out += clip.box(b"moov", clip.track(1, b"vide", b"avc1"), clip.box(b"mvhd"))
    if where == "tfdt":
        out[out.rindex(b"tfdt") + 8] = 0x7F
    if where == "number":
        out[out.index(b"mtxi") + 8 + 16] = 0x90
    if where == "time":
        out[out.index(b"mtxi") + 8 + 16 + 16] = 0x90
    if where == "samples":  # four thousand million samples without a byte each
        at = out.index(b"trun") + 4
        out[at : at + 8] = struct.pack(">II", 0x01000001, 0xFFFFFFFF)
    return bytes(out)


@pytest.mark.parametrize("where", ["mvhd", "tfdt", "number", "time", "samples"])
def test_a_corrupt_file_keeps_no_other_from_its_row(bench: Bench, where: str) -> None:
    broken = bench.put(A, 0, T0)
    broken.write_bytes(_breaks(broken.read_bytes(), where))
    bench.put(B, 0, T0 + 10 * SECOND)
    bench.scan()
    assert bench.index.segments.get(PATH, T0 + 10 * SECOND) is not None
    assert any(broken.name in event for event in bench.events())
    told = len(bench.events())
    bench.fresh().scan(PATH)
    assert len(bench.events()) == told, "told once"
    assert broken.exists()


def test_no_damage_stops_the_intake(bench: Bench) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for number in range(200):
        file = bench.put(f"{number:032x}", 0, T0 + number * 10 * SECOND, seconds=1)
        data = bytearray(file.read_bytes())
        for _ in range(dice.randint(1, 20)):
            data[dice.randrange(len(data) - 1000)] = dice.choice((0, 0xFF, dice.randrange(256)))
        file.write_bytes(data)
    bench.put(A, 0, T0 + 10_000 * SECOND)
    bench.scan()
    assert bench.index.segments.get(PATH, T0 + 10_000 * SECOND) is not None


def test_a_file_whose_fault_nobody_foresaw_is_told_and_left(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bench.put(A, 0, T0)
    good = bench.put(B, 0, T0 + 10 * SECOND)

    def digest(file: Path) -> tuple[str, int]:
        return "zz" if file == bad else hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size

    monkeypatch.setattr("recorder_service.media.intake.sha256", digest)
    assert bench.scan() == 1
    assert bench.index.segments.get(PATH, T0 + 10 * SECOND) is not None
    assert [bad.name in event for event in bench.events()] == [True]
    assert good.exists()
