from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from recorder_service.domain.event import Event, EventKind
from recorder_service.domain.gap import Gap, GapReason
from recorder_service.domain.job import Job, JobKind, JobResult, JobState
from recorder_service.domain.segment import SegmentState, SegmentStatus, StateError
from recorder_service.domain.verdict import Verdict, VerdictCode
from recorder_service.store import Index, outbox
from recorder_service.store.database import DatabaseError, migrations
from recorder_service.store.outbox import Batch

from ..conftest import BASE_US, NODE, hashed

OK = Verdict()


def answer(batch: Batch, **by_kind: list[Verdict]) -> dict[str, list[Verdict]]:
    rows = {"segment": batch.segments, "gap": batch.gaps, "event": batch.events, "job": batch.jobs}
    return {kind: by_kind.get(kind, [OK] * len(found)) for kind, found in rows.items()}


def pragma(index: Index, name: str) -> int | str:
    value: int | str = index.database.read().execute(f"PRAGMA {name}").fetchone()[0]
    return value


def test_the_file_is_durable_private_and_shrinkable(index: Index) -> None:
    assert stat.S_IMODE(index.database.file.stat().st_mode) == 0o600
    assert pragma(index, "journal_mode") == "wal"
    assert pragma(index, "auto_vacuum") == 2
    assert index.database.write(lambda c: c.execute("PRAGMA synchronous").fetchone()[0]) == 2
    assert pragma(index, "user_version") == migrations()[-1][0]


def test_the_epoch_stays_with_the_file_and_is_new_with_a_new_one(tmp_path: Path) -> None:
    with Index(tmp_path / "a", NODE) as first:
        epoch = first.epoch
    with Index(tmp_path / "a", NODE) as again, Index(tmp_path / "b", NODE) as other:
        assert again.epoch == epoch != other.epoch


def test_another_nodes_index_is_refused(tmp_path: Path) -> None:
    Index(tmp_path / "a", NODE).close()
    with pytest.raises(DatabaseError, match="belongs to node"):
        Index(tmp_path / "a", "another")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with Index(tmp_path / "a", NODE) as index:
        index.database.write(lambda c: c.execute("PRAGMA user_version=9999"))
    with pytest.raises(DatabaseError, match="newer"):
        Index(tmp_path / "a", NODE)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseError, match="cannot be opened"):
        Index(tmp_path / "a", NODE)


def test_a_segment_is_indexed_queued_and_counted_once(index: Index) -> None:
    for _ in range(2):
        assert index.segments.add(hashed(0), 1).state is SegmentState.INDEXED
    assert (index.segments.count(), index.segments.used_bytes(), index.outbox.pending().segments) == (1, 1000, 1)


def test_only_a_hashed_segment_is_indexed(index: Index) -> None:
    with pytest.raises(StateError):
        index.segments.add(hashed(0, state=SegmentState.SEALED), 1)


def test_other_bytes_under_the_same_key_are_refused(index: Index) -> None:
    index.segments.add(hashed(0), 1)
    with pytest.raises(sqlite3.IntegrityError, match="another hash"):
        index.segments.add(hashed(0, sha256="f" * 64), 1)
    assert index.segments.get("acme-cam-07", BASE_US) == hashed(0).advance(SegmentState.INDEXED)


def test_an_odd_file_name_is_kept(index: Index) -> None:
    index.segments.add(hashed(0, file="acme-cam-07/2025-10-09/odd.mp4"), 1)
    found = index.segments.get("acme-cam-07", BASE_US)
    assert found is not None
    assert found.file == "acme-cam-07/2025-10-09/odd.mp4"


def test_missing_leaves_the_used_bytes_and_goes_to_the_erp_again(index: Index) -> None:
    index.segments.add(hashed(0), 1)
    batch = index.outbox.batch(10)
    index.outbox.settle(batch, answer(batch), 1)
    assert index.segments.set_status("acme-cam-07", BASE_US, SegmentStatus.MISSING)
    assert index.segments.used_bytes() == 0
    assert [s.status for s in index.outbox.batch(10).segments] == [SegmentStatus.MISSING]


def test_order_is_by_indexing_not_by_clock(index: Index) -> None:
    index.segments.add(hashed(5), 1)
    index.segments.add(hashed(2, run="cd" * 16), 1)
    tip, newest = index.segments.tip("acme-cam-07"), index.segments.last("acme-cam-07")
    assert tip is not None
    assert newest is not None
    assert (tip.run, newest.run) == ("cd" * 16, "ab" * 16)
    index.segments.add(hashed(1, run="ef" * 16), 1, late=True)
    assert index.segments.tip("acme-cam-07") == tip
    assert index.segments.last_stop("acme-cam-07") == hashed(2).stop_us


def test_one_commit_keeps_all_or_nothing(index: Index) -> None:
    def work() -> None:
        index.segments.add(hashed(0), 1)
        index.gaps.add(Gap(7, "acme-cam-07", BASE_US - 5, BASE_US, GapReason.TIMEOUT))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        index.commit(work)
    assert index.outbox.pending().segments == index.outbox.pending().gaps == 0
    assert index.segments.used_bytes() == 0


def test_a_gap_opens_closes_and_is_corrected_under_one_key(index: Index) -> None:
    gap = index.gaps.add(Gap(7, "acme-cam-07", BASE_US, None, GapReason.UNKNOWN))
    assert index.gaps.open_of("acme-cam-07") == gap
    index.gaps.close(gap, BASE_US + 5, GapReason.AUTH_FAILED)
    assert index.gaps.open_of("acme-cam-07") is None
    assert index.outbox.batch(10).gaps == (Gap(7, "acme-cam-07", BASE_US, BASE_US + 5, GapReason.AUTH_FAILED),)


def test_a_row_that_changes_on_its_way_goes_again(index: Index) -> None:
    gap = index.gaps.add(Gap(7, "acme-cam-07", BASE_US, None, GapReason.UNKNOWN))
    batch = index.outbox.batch(10)
    index.gaps.close(gap, BASE_US + 5)
    index.outbox.settle(batch, answer(batch), 1)
    assert [g.stop_us for g in index.outbox.batch(10).gaps] == [BASE_US + 5]


def test_ok_rows_leave_and_refused_ones_are_parked_until_retried(index: Index) -> None:
    for number in range(3):
        index.segments.add(hashed(number), 1)
    batch = index.outbox.batch(10)
    verdicts = [OK, Verdict("bad_time", "too old"), Verdict("retry", "later")]
    parked = index.outbox.settle(batch, answer(batch, segment=verdicts), 5)
    assert [(p.code, p.message, p.row) for p in parked] == [
        ("bad_time", "too old", hashed(1).advance(SegmentState.INDEXED))
    ]
    assert [s.number for s in index.outbox.batch(10).segments] == [2]
    assert (index.outbox.pending().segments, index.outbox.pending().parked) == (1, 1)
    assert index.outbox.retry([parked[0].id]) == 1
    assert sorted(s.number for s in index.outbox.batch(10).segments) == [1, 2]


def test_many_parked_rows_go_again_some_at_a_time(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """New footage is indexed in between."""
    for number in range(7):
        index.segments.add(hashed(number), 1)
    batch = index.outbox.batch(10)
    index.outbox.settle(batch, answer(batch, segment=[Verdict("bad_time", "too old")] * 7), 5)
    monkeypatch.setattr(outbox, "_RELEASED", 3)
    commits: list[str] = []
    index.database.write(lambda c: c.set_trace_callback(commits.append))
    assert index.outbox.release(VerdictCode.BAD_TIME) == 7
    index.database.write(lambda c: c.set_trace_callback(None))
    assert commits[1:].count("COMMIT") == 3
    assert len(index.outbox.batch(10).segments) == 7


def test_the_same_refusal_is_news_again_once_the_row_has_changed(index: Index) -> None:
    segment = hashed(0)
    index.segments.add(segment, 1)

    def refuse(code: str = "bad_time") -> int:
        batch = index.outbox.batch(10)
        return len(index.outbox.settle(batch, answer(batch, segment=[Verdict(code, "odd")]), 5))

    assert refuse() == 1
    index.outbox.release(VerdictCode.BAD_TIME, quietly=True)
    assert refuse() == 0
    assert index.outbox.pending().parked == 1
    index.outbox.release(VerdictCode.BAD_TIME, quietly=True)
    assert refuse("not_yours") == 1, "another refusal is"
    index.segments.set_status(segment.path, segment.start_us, SegmentStatus.DAMAGED)
    assert refuse() == 1


def test_a_wrong_number_of_verdicts_settles_nothing(index: Index) -> None:
    index.segments.add(hashed(0), 1)
    batch = index.outbox.batch(10)
    with pytest.raises(ValueError, match="verdicts"):
        index.outbox.settle(batch, answer(batch, segment=[]), 1)
    assert index.outbox.pending().segments == 1


def test_requeue_sends_everything_again_but_nothing_twice(index: Index) -> None:
    for number in range(3):
        index.segments.add(hashed(number), 1)
    batch = index.outbox.batch(2)
    index.outbox.settle(batch, answer(batch), 1)
    assert index.outbox.requeue_all() == 2
    assert sorted(s.number for s in index.outbox.batch(10).segments) == [0, 1, 2]


def test_events_and_job_results_leave_the_index_once_acknowledged(index: Index) -> None:
    index.events.add(Event(1, EventKind.CLOCK_STEP, None, "one second"))
    index.jobs.claim([Job(4, JobKind.SNAPSHOT, 7, {"password": "hunter22"})], 1)
    index.jobs.claim([Job(4, JobKind.SNAPSHOT, 7, {})], 2)
    assert index.jobs.claimed()[0].params == {"password": "hunter22"}
    index.jobs.finish(JobResult(4, JobState.DONE, {"width": 1}))
    assert index.jobs.claimed() == []
    batch = index.outbox.batch(10)
    assert (batch.jobs[0].result, batch.events[0].detail) == ({"width": 1}, "one second")
    assert "hunter22" not in str(index.database.read().execute("SELECT params FROM job").fetchone()[0])
    index.outbox.settle(batch, answer(batch), 1)
    assert len(index.outbox.batch(10)) == 0
    for table in ("event", "job"):
        assert index.database.read().execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_sequence_numbers_grow_over_a_restart(tmp_path: Path) -> None:
    with Index(tmp_path / "a", NODE) as index:
        assert [index.next_seq(), index.next_seq()] == [1, 2]
    with Index(tmp_path / "a", NODE) as index:
        assert index.next_seq() == 3


def test_many_threads_share_the_writer(index: Index) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 25):
            index.segments.add(hashed(number), 1)

    threads = [threading.Thread(target=work, args=(i * 25,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.segments.count() == index.outbox.pending().segments == 100


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = Index(tmp_path / "a", NODE)
    index.close()
    index.close()
    with pytest.raises(DatabaseError, match="closed"):
        index.set_meta("a", "b")


def test_days_of_a_path(index: Index) -> None:
    day = 86_400_000_000
    for number, start in enumerate((5, day - 1, day, 900 * day, 900 * day + 1)):
        index.segments.add(hashed(number, start_us=start, stop_us=start + 1), 1)
    assert list(index.segments.days_of("acme-cam-07")) == ["1970-01-01", "1970-01-02", "1972-06-19"]
    assert list(index.segments.days_of("other")) == []


def test_readers_end_with_their_threads(index: Index) -> None:
    def look() -> None:
        index.segments.count()

    def files() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = files()
    for _ in range(30):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert files() <= before + 3
