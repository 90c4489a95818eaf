"""A folder in which nothing was new is not read name by name again until something comes or goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from bench import PATH, SECOND, T0, A, Bench

from recorder_service.domain.segment import SegmentStatus
from recorder_service.domain.times import utc_day
from recorder_service.media import intake, quiet

DAY = utc_day(T0)


@pytest.fixture
def read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders that were read; one counts as settled at once."""
    found: list[str] = []
    real = os.listdir

    def listdir(folder: Path) -> list[str]:
        found.append(Path(folder).name)
        return real(folder)

    monkeypatch.setattr(intake.os, "listdir", listdir)
    monkeypatch.setattr(quiet, "_SETTLED_NS", 0)
    return found


def look(bench: Bench) -> int:
    time.sleep(0.02)  # the file system's clock ticks
    return bench.intake.scan(PATH, [DAY]).added


def test_what_did_not_change_is_not_read_again(bench: Bench, read: list[str]) -> None:
    bench.put(A, 0, T0)
    assert (look(bench), look(bench)) == (1, 0)
    count = len(read)
    assert (look(bench), len(read)) == (0, count)
    assert bench.intake.scan(PATH).added == 0
    assert read[count:].count(DAY) == 1, "a look at all days reads each"


def test_a_new_file_is_found_whatever_the_folder_says_of_its_time(bench: Bench, read: list[str]) -> None:
    bench.put(A, 0, T0)
    look(bench)
    look(bench)
    folder = bench.root / PATH / DAY
    before = folder.stat()
    bench.put(A, 1, T0 + 10 * SECOND)
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a copy does when it ends
    assert look(bench) == 1


def test_a_file_that_went_is_missed(bench: Bench, read: list[str]) -> None:
    file = bench.put(A, 0, T0)
    look(bench)
    look(bench)
    file.unlink()
    bench.mounted = False
    look(bench)
    look(bench)
    (row,) = bench.index.segments.list()
    assert row.status is SegmentStatus.OK, "the disk may have gone as a whole"
    bench.mounted = True
    look(bench)
    (row,) = bench.index.segments.list()
    assert row.status is SegmentStatus.MISSING


def test_a_file_that_grows_is_looked_at_until_it_is_closed(bench: Bench, read: list[str]) -> None:
    bench.put(A, 0, T0)
    growing = bench.put(A, 1, T0 + 10 * SECOND)
    with growing.open("ab"):
        assert look(bench) == 1
        assert look(bench) == 0
    assert look(bench) == 1


def test_another_disk_in_its_place_is_read(bench: Bench, read: list[str]) -> None:
    bench.put(A, 0, T0)
    look(bench)
    look(bench)
    folder = bench.root / PATH / DAY
    folder.rename(folder.with_name("before"))
    bench.put(A, 1, T0 + 10 * SECOND)
    assert look(bench) == 1


def test_what_changed_a_moment_ago_is_read_again(bench: Bench) -> None:
    """Its clock may not have ticked in between."""
    bench.put(A, 0, T0)
    look(bench)
    assert quiet.mark(bench.root / PATH / DAY) is None
