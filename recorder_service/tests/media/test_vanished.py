"""Files that are gone though nobody deleted them."""

from __future__ import annotations

import shutil

from bench import PATH, SECOND, T0, A, Bench


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
