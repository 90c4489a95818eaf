"""A missing file that is brought back is what it was, if it has the bytes that were recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench import PATH, SECOND, T0, A, Bench

from recorder_service.domain.times import utc_day

DAY = utc_day(T0)


@pytest.fixture
def lost(bench: Bench) -> tuple[Path, Path, Path]:
    """File, its copy elsewhere, and a second file that stays; the first is missing by the index."""
    file, other = bench.put(A, 0, T0), bench.put(A, 1, T0 + 10 * SECOND)
    assert bench.intake.scan(PATH, [DAY]).added == 2
    copy = bench.root.with_name("copy.mp4")
    shutil.copy2(file, copy)
    file.unlink()
    bench.intake.scan(PATH, [DAY])
    assert status(bench) == "missing"
    return file, copy, other


def status(bench: Bench) -> str:
    row = bench.index.segments.get(PATH, T0)
    assert row is not None
    return row.status.value


def test_it_is_what_it_was_and_that_is_told(bench: Bench, lost: tuple[Path, Path, Path]) -> None:
    file, copy, _other = lost
    used = bench.index.segments.used_bytes()
    shutil.copy2(copy, file)
    for _ in range(3):
        bench.intake.scan(PATH, [DAY])
    assert status(bench) == "ok"
    assert bench.index.segments.used_bytes() == used + file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o440
    assert [text for text in bench.events() if "there again" in text] == [
        f"1 file(s) of {PATH} of {DAY} that were missing are there again: {file.relative_to(bench.root)} …"
    ]
    file.unlink()
    bench.intake.scan(PATH, [DAY])
    assert status(bench) == "missing"


def test_a_copy_on_its_way_is_waited_for(bench: Bench, lost: tuple[Path, Path, Path]) -> None:
    file, copy, _other = lost
    file.write_bytes(copy.read_bytes()[:-1])
    bench.intake.scan(PATH, [DAY])
    assert status(bench) == "missing"
    file.write_bytes(copy.read_bytes())
    bench.intake.scan(PATH, [DAY])
    assert status(bench) == "ok"


def test_other_bytes_are_not_it_and_are_told_of_once(bench: Bench, lost: tuple[Path, Path, Path]) -> None:
    file, copy, _other = lost
    changed = bytearray(copy.read_bytes())
    changed[-1] ^= 1
    file.write_bytes(changed)
    for _ in range(3):
        bench.intake.scan(PATH, [DAY])
    assert status(bench) == "missing"
    assert len([text for text in bench.events() if "other bytes" in text]) == 1
    assert file.read_bytes() == changed


def test_a_damaged_one_is_damaged_still(bench: Bench, lost: tuple[Path, Path, Path]) -> None:
    file, copy, _other = lost
    bench.index.database.write(lambda c: c.execute("UPDATE segment SET was = 'damaged' WHERE status = 'missing'"))
    shutil.copy2(copy, file)
    bench.intake.scan(PATH, [DAY])
    assert status(bench) == "damaged"
