"""Ballast, and the index on a file system that is completely full."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder_service.domain.config import CameraConfig, Configuration, NodeConfig, StreamSource
from recorder_service.domain.event import Event
from recorder_service.domain.pressure import Due, Level, NothingDue
from recorder_service.domain.times import DAY_US, SystemClock
from recorder_service.engine.board import Board
from recorder_service.ops import pressure
from recorder_service.ops.ballast import NAME, SLICE, Ballast, Ballasts
from recorder_service.ops.clock import ClockWatch
from recorder_service.ops.guard import GuardWorker, Sources
from recorder_service.ops.meter import Meter
from recorder_service.store import Index, MediaRoot
from recorder_service.store.database import LOG_BYTES

from ..conftest import NODE, hashed
from .purge_rig import Rig

MB = 1024 * 1024
CAMERA = CameraConfig(7, "acme-cam-07", "CAM-07", "Dock", False, StreamSource("rtsp://192.0.2.7/main"))


def log_size(index: Index) -> int:
    return index.database.file.with_name("index.sqlite-wal").stat().st_size


def test_ballast_is_made_of_blocks_and_given_back_in_slices(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path, 3 * MB)
    assert ballast.missing == 3 * MB
    assert ballast.fill()
    made = ballast.file.stat()
    assert (stat.S_IMODE(made.st_mode), made.st_size) == (0o600, 3 * MB)
    assert made.st_blocks * 512 >= 3 * MB, "never sparse"
    assert (ballast.release(), ballast.bytes, ballast.missing) == (SLICE, 3 * MB - SLICE, SLICE)
    assert [ballast.release(MB) for _ in range(4)] == [MB, MB, MB - SLICE, 0]
    assert ballast.fill()
    assert ballast.bytes == 3 * MB
    smaller = Ballast(tmp_path, MB)
    assert smaller.missing == 0


def test_a_sparse_file_is_no_ballast(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"")
    os.truncate(tmp_path / NAME, 3 * MB)
    ballast = Ballast(tmp_path, 3 * MB)
    assert (ballast.bytes, ballast.missing) == (0, 3 * MB)
    assert ballast.fill()
    assert ballast.file.stat().st_blocks * 512 >= 3 * MB


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"precious")
    (tmp_path / NAME).symlink_to(tmp_path / "other")
    ballast = Ballast(tmp_path, 3 * MB)
    assert ballast.fill(), "where none can be made, none is missing"
    assert ballast.target == 0
    assert (tmp_path / "other").read_bytes() == b"precious"


def test_log_grows_once_and_keeps_its_length(index: Index) -> None:
    assert log_size(index) < LOG_BYTES
    pages = index.database.file.stat().st_size
    assert index.database.grow_log() == log_size(index) >= LOG_BYTES
    assert index.database.file.stat().st_size == pages, "what made it grow is not in the index"
    assert index.database.read().execute("SELECT name FROM sqlite_master WHERE name = 'growing'").fetchall() == []
    length = log_size(index)
    for number in range(3000):
        index.set_meta("key", str(number))
    assert log_size(index) == length, "no checkpoint truncates it, and it does not grow past what is used"
    assert index.check() == []


class Made:
    """A guard over real parts; `rows()` are committed by the index's own way."""

    def __init__(self, index_folder: Path, media: Path, size: int = 2 * MB, due: Due | None = None) -> None:
        index_folder.mkdir(exist_ok=True)
        media.mkdir(exist_ok=True)
        root = MediaRoot(media, NODE)
        root.adopt()
        self.index = Index(index_folder / "index.sqlite", NODE)
        self.board = Board()
        self.board.configure(Configuration("e", NodeConfig("n"), (CAMERA,)), 0.0, 0)
        self.ballasts = Ballasts(media, index_folder, size, size)
        clock = SystemClock()
        meter = Meter(self.index.hours, frozenset, dict)
        self.guard = GuardWorker(
            root, self.index, self.board, ClockWatch(clock), clock, root.verify, self.ballasts,
            Sources(meter, list, due or NothingDue()),
        )  # fmt: skip
        self.index.database.grow_log()
        self.index.database.relief = self.guard.relieve

    def rows(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self.index.segments.add(hashed(number), 1)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(folder: Path, leave: int = 0) -> Path:
    """Another program's file that takes all but `leave` bytes."""
    file = folder / "other-files"
    with file.open("ab") as out:
        found = os.statvfs(folder)
        os.posix_fallocate(out.fileno(), 0, file.stat().st_size + found.f_bavail * found.f_frsize - leave)
    return file


def _add_endlessly(index: Index) -> None:
    for number in range(100_000):
        index.segments.add(hashed(number), 1)


def full_disk_without_relief_takes_what_the_log_holds(tmp_path: Path, disk: Path) -> None:
    with Index(disk / "index.sqlite", NODE) as index:
        index.database.grow_log()
        fill_up(disk)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            _add_endlessly(index)
        kept = index.segments.count()
        print(f"{kept} commits on a disk without a free byte")
        assert kept >= 100
        assert [segment.number for segment in index.segments.iterate("acme-cam-07")] == list(range(kept))
        assert index.check() == []


def full_disk_index_recovers_by_its_ballast(tmp_path: Path, disk: Path) -> None:
    """Index on a disk of its own: 300 commits after the first slice was needed, none lost; recording goes on."""
    made = Made(disk / "index", tmp_path / "media")
    made.guard.tick()
    whole = made.ballasts.bytes
    assert whole == 4 * MB
    fill_up(disk)
    number = 0
    while made.ballasts.bytes == whole:
        made.rows(number, 1)
        number += 1
    made.rows(number, 300)
    made.guard.tick()
    state = made.board.state()
    assert (state.stop, state.alarms) == (None, frozenset(("disk_tight",)))
    made.index.close()
    with Index(disk / "index" / "index.sqlite", NODE) as index:
        assert [segment.number for segment in index.segments.iterate("acme-cam-07")] == list(range(number + 300))
        assert index.check() == []
    (disk / "other-files").unlink()


def full_disk_stops_recording_before_the_ballast_is_released(
    tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer eats every byte as long as it may record; commits win all the same, and it stops first."""
    monkeypatch.setattr(pressure, "LEAST_RESERVE", MB)
    made = Made(disk / "index", disk / "media")
    made.guard.tick()
    made.board.obeyed(frozenset())
    seen: list[bool] = []
    release = Ballast.release

    def watched(ballast: Ballast, size: int = SLICE) -> int:
        seen.append(made.board.state().stop is not None and made.board.wait_obeyed(0))
        return release(ballast, size)

    monkeypatch.setattr(Ballast, "release", watched)
    ended = threading.Event()
    fill_up(disk, 2 * MB)
    thread = threading.Thread(target=_eat, args=(disk / "footage", made.board, ended))
    thread.start()
    try:
        number = 0
        while not seen and number < 100_000:
            made.rows(number, 1)
            number += 1
        made.rows(number, 300)
    finally:
        ended.set()
        thread.join()
    assert seen
    assert all(seen), "each slice was given back after the engine had obeyed"
    made.guard.tick()
    assert made.guard.pressure.level is Level.FULL
    assert "disk_low" in made.board.state().alarms
    (disk / "other-files").unlink()
    (disk / "footage").unlink()
    made.guard.tick()
    assert (made.guard.pressure.level, made.ballasts.media_missing) == (Level.NORMAL, 0), "whole before it records"
    assert made.board.state().stop is None
    assert made.index.segments.count() == number + 300
    assert made.index.check() == []
    made.index.close()


def _eat(file: Path, board: Board, ended: threading.Event) -> None:
    """As an engine does, it takes a moment to obey, and writes until then."""
    asked = None
    with file.open("ab", buffering=0) as out:
        while not ended.wait(0.001):
            if board.state().stop is not None:
                asked = asked or time.monotonic()
                if time.monotonic() - asked > 0.2:
                    board.obeyed(board.state().stopped())
                    continue
            with contextlib.suppress(OSError):
                out.write(b"x" * 40_960)


def full_disk_of_footage_gives_way_to_the_purge(tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the lowest mark, a slice at each look, and never while something records."""
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 2 * MB)
    made = Made(tmp_path / "index", disk)
    made.guard.tick()
    whole = made.ballasts.bytes
    fill_up(disk, 50_000)
    made.guard.tick()
    made.guard.tick()
    assert made.ballasts.bytes == whole, "the engine still records"
    made.board.obeyed(made.board.state().stopped())
    made.guard.tick()
    assert made.ballasts.bytes == whole - MB
    assert made.guard.pressure.stop
    with (disk / "other-files").open("ab") as out:
        out.truncate(disk.joinpath("other-files").stat().st_size - MB)
    made.guard.tick()
    assert made.guard.pressure.stop, "what the ballast lacks is not free"
    (disk / "other-files").unlink()
    made.guard.tick()
    assert (made.guard.pressure.stop, made.ballasts.bytes) == (None, whole)
    made.index.close()


def full_disk_of_held_footage_waits_for_the_release(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Index and footage on one disk without a free byte; all that is due is held: nothing goes until the hold ends."""
    rig = Rig(disk)
    held = [rig.record((31 + number) * DAY_US) for number in range(5)]
    young = rig.record(29 * DAY_US)
    hold = rig.erp.hold((7,), held[-1].start_us)
    rig.begin()
    rig.round(3)
    made = Made(disk / "index", rig.root, due=rig.worker)
    made.guard.tick()
    rig.index.database.grow_log()
    rig.index.database.relief = made.guard.relieve
    other = fill_up(disk)
    made.board.obeyed(frozenset())
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 20_000)
    rig.round(4)
    made.guard.tick()
    assert made.board.state().stop
    assert made.board.state().alarms == {"disk_low", "only_held"}
    assert all(map(rig.there, [*held, young]))
    assert {rig.mark(s) for s in held} == {"live"}
    rig.erp.release(hold)
    rig.round(4)
    assert not any(map(rig.there, held))
    assert rig.there(young)
    assert set(rig.erp.deleted) == {s.key for s in held}
    other.unlink()
    made.guard.tick()
    assert made.board.state().stop is None, "it records again by itself"
    assert rig.index.check() == []
    rig.close()
    made.index.close()


class Held:
    """Everything that is due is on hold."""

    def due_bytes(self) -> int:
        return 0

    def held_bytes(self) -> int:
        return 5


@pytest.mark.parametrize(("due", "alarms"), [(Held(), {"disk_low", "only_held"}), (None, {"disk_low"})])
def test_only_held_footage_is_told(
    tmp_path: Path, due: Due | None, alarms: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path / "index", tmp_path / "media", due=due)
    made.guard.tick()
    assert made.board.state().alarms <= {"disk_tight"}
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 10**15)
    made.guard.tick()
    assert made.board.state().alarms == alarms
    made.index.close()


def test_a_write_that_fails_for_other_reasons_asks_for_no_ballast(index: Index) -> None:
    asked: list[int] = []
    index.database.relief = lambda: bool(asked.append(1))
    with pytest.raises(sqlite3.OperationalError):
        index.database.write(lambda c: c.execute("SELECT nothing FROM nowhere"))
    assert asked == []


def test_an_event_that_cannot_be_kept_stops_no_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made(tmp_path / "index", tmp_path / "media")

    def full(_event: Event) -> Event:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(made.index.events, "add", full)
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 10**15)
    made.guard.tick()
    assert made.board.state().stop
    made.index.close()


if os.geteuid() == 0:
    # a small file system has to be mounted
    test_full_disk_without_relief = full_disk_without_relief_takes_what_the_log_holds
    test_full_disk_index_recovers = full_disk_index_recovers_by_its_ballast
    test_full_disk_stops_first = full_disk_stops_recording_before_the_ballast_is_released
    test_full_disk_gives_way = full_disk_of_footage_gives_way_to_the_purge
    test_full_disk_of_held_footage = full_disk_of_held_footage_waits_for_the_release
