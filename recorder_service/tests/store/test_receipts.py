"""What the ERP is told of holds that were stored."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from recorder_service.domain.gap import Gap, GapReason
from recorder_service.domain.hold import Hold, HoldState
from recorder_service.domain.verdict import Verdict
from recorder_service.store import Index
from recorder_service.store.refused import Refusal, RefusedKind


def test_receipts_go_some_at_a_time_the_newest_first(index: Index) -> None:
    """All at once could be more than the ERP takes, and would then never go."""
    holds = [Hold(str(uuid.UUID(int=n)), n, HoldState.ACTIVE, (1,), 0) for n in range(1, 6)]
    index.holds.take_over(holds, 5, 1)
    told: list[int] = []
    while receipts := index.holds.receipts(2):
        assert len(receipts) <= 2
        index.holds.acknowledged(receipts)
        told += [receipt.hold.version for receipt in receipts]
    assert told == [5, 4, 3, 2, 1]


def plans(index: Index, work: Callable[[], object]) -> list[str]:
    """How SQLite finds the rows of each question that `work` asks."""
    asked: list[str] = []
    index.database.write(lambda c: c.set_trace_callback(asked.append))
    work()
    index.database.write(lambda c: c.set_trace_callback(None))
    read = index.database.read()
    asked = [sql for sql in asked if sql.startswith("SELECT")]
    return [row["detail"] for sql in asked for row in read.execute(f"EXPLAIN QUERY PLAN {sql}")]


def test_storing_a_hold_does_not_look_at_every_row(index: Index) -> None:
    """A node has millions of them, and nothing else is written meanwhile."""
    found = plans(index, lambda: index.holds.take_over([replace(HOLD, cameras=(1, 2))], 5, 1))
    assert any("segment_absent" in plan for plan in found)
    assert not [plan for plan in found if plan == "SCAN s"]


HOLD = Hold(str(uuid.UUID(int=1)), 5, HoldState.ACTIVE, (1,), 0)


def refuse(index: Index, hold: Hold) -> None:
    verdict = Verdict("bad_value", "odd")
    index.refused.park([Refusal(RefusedKind.HOLD, hold.hold, hold.hold, verdict, hold.version)], 7)


def test_a_hold_that_changed_is_told_although_it_was_refused_before(index: Index) -> None:
    index.holds.take_over([HOLD], 5, 1)
    refuse(index, HOLD)
    assert (index.holds.receipts(9), index.outbox.pending().parked) == ([], 1)
    index.holds.take_over([replace(HOLD, version=6)], 6, 2)
    assert [r.hold.version for r in index.holds.receipts(9)] == [6]
    assert index.outbox.pending().parked == 0
    refuse(index, HOLD)
    assert index.outbox.pending().parked == 0, "what was refused is not what is held now"


def test_a_hold_only_grows_and_its_receipt_says_how_far(index: Index) -> None:
    wide = replace(HOLD, cameras=(1, 2), from_us=100, to_us=200)
    index.holds.take_over([wide], 5, 1)
    index.holds.take_over([replace(wide, version=6, cameras=(3,), from_us=90, to_us=150)], 6, 2)
    grown = replace(wide, version=6, cameras=(1, 2, 3), from_us=90)
    assert index.holds.list() == [r.hold for r in index.holds.receipts(9)] == [grown]
    index.holds.take_over([replace(wide, version=7, to_us=None)], 7, 3)
    assert index.holds.list() == [replace(grown, version=7, to_us=None)]


def test_a_lower_version_takes_nothing_away_but_adds(index: Index) -> None:
    """Of a database whose clock was set back as well."""
    bounded = replace(HOLD, from_us=100, to_us=200)
    index.holds.take_over([bounded], 5, 1)
    told = index.holds.receipts(9)
    assert index.holds.take_over([replace(bounded, version=4, from_us=120)], 5, 2) == []
    index.holds.take_over([replace(bounded, version=4, to_us=300)], 5, 2)
    index.holds.acknowledged(told)
    assert [r.hold for r in index.holds.receipts(9)] == [replace(bounded, to_us=300)], "the ERP has not heard of that"


def test_a_database_that_is_not_trusted_ends_no_hold(index: Index) -> None:
    index.holds.take_over([HOLD], 5, 1)
    released = replace(HOLD, version=6, state=HoldState.RELEASED)
    index.holds.take_over([released], 6, 2, trusted=False)
    assert index.holds.list() == [HOLD]
    index.holds.take_over([released], 6, 3)
    assert index.holds.list() == []


def test_a_refusal_goes_with_its_hold(index: Index) -> None:
    index.holds.take_over([HOLD], 5, 1)
    refuse(index, HOLD)
    index.holds.take_over([replace(HOLD, version=6, state=HoldState.RELEASED)], 6, 2)
    assert index.outbox.pending().parked == 0


def test_a_database_that_stepped_back_is_told_what_it_refused(index: Index) -> None:
    index.holds.take_over([HOLD], 5, 1)
    refuse(index, HOLD)
    index.holds.ask_anew()
    assert [r.hold for r in index.holds.receipts(9)] == [HOLD]


def test_refused_rows_share_their_numbers_with_no_other_parked_row(index: Index) -> None:
    gaps = [Gap(7, "acme-cam-07", n, n + 1, GapReason.UNKNOWN) for n in range(2)]
    index.gaps.add(gaps[0])
    index.holds.take_over([HOLD], 5, 1)
    refuse(index, HOLD)
    index.gaps.add(gaps[1])
    batch = index.outbox.batch(9)
    index.outbox.settle(batch, {"gap": [Verdict("bad_time", "old")] * 2}, 8)
    parked = index.outbox.parked()
    assert [p.kind for p in parked] == ["gap", "hold", "gap"]
    assert len({p.id for p in parked}) == 3
    assert index.outbox.retry([parked[1].id]) == 1
    assert [p.kind for p in index.outbox.parked()] == ["gap", "gap"]


def test_a_scan_compares_a_folder_with_an_index_alone(index: Index) -> None:
    """Rows of one camera lie as far apart as there are cameras."""
    found = plans(index, lambda: index.commit(lambda: index.segments.starts("acme-cam-07", 0, 1)))
    assert [plan for plan in found if "segment" in plan] == [
        "SEARCH segment USING COVERING INDEX sqlite_autoindex_segment_1 (path=? AND start_us>? AND start_us<?)"
    ]
