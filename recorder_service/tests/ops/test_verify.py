"""Stored footage that changed on its disk is found; told by the files and by what waits for the ERP."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recorder_service.checks import local
from recorder_service.domain.purge import PurgeWord
from recorder_service.domain.segment import Segment, SegmentStatus
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.media import reread
from recorder_service.ops import verify
from recorder_service.ops.verify import VerifyWorker

from ..store.test_receipts import plans
from .purge_rig import Rig


class Context:
    """Adds up what it was asked to wait."""

    stopping = False

    def __init__(self) -> None:
        self.waited = 0.0

    def beat(self) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        self.waited += seconds
        return self.stopping


@pytest.fixture
def worker(rig: Rig) -> VerifyWorker:
    return VerifyWorker(rig.index, rig.media, rig.clocks, 20.0, 7.0)


def whole_pass(worker: VerifyWorker, ctx: Context | None = None) -> None:
    while worker.step(ctx or Context()):
        pass


def unreadable(monkeypatch: pytest.MonkeyPatch, *files: Path) -> None:
    """The disk gives none of these back; without any, none at all."""
    real = os.read

    def read(fd: int, count: int) -> bytes:
        if not files or Path(f"/proc/self/fd/{fd}").readlink() in files:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(fd, count)

    monkeypatch.setattr(reread.os, "read", read)


def next_pass(rig: Rig, worker: VerifyWorker) -> None:
    rig.clocks.pass_by(8 * DAY_US)
    whole_pass(worker)


def waiting(rig: Rig) -> list[tuple[str, str]]:
    """Rows of segments that the ERP is to hear of."""
    batch = rig.index.outbox.batch(100)
    return [(segment.file, segment.status.value) for segment in batch.segments]


def flip(rig: Rig, segment: Segment, at: int = 4711) -> None:
    file = rig.root / segment.file
    file.chmod(0o640)
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def status(rig: Rig, segment: Segment) -> str:
    found = rig.index.segments.get(segment.path, segment.start_us)
    assert found is not None
    return found.status.value


def events(rig: Rig) -> list[tuple[str, str]]:
    rows = rig.index.database.read().execute("SELECT code, args FROM event ORDER BY seq")
    return [(row["code"], row["args"]) for row in rows]


def test_a_flipped_bit_is_found_and_the_erp_hears_of_it(rig: Rig, worker: VerifyWorker) -> None:
    segments = [rig.record(n * DAY_US) for n in range(5)]
    flip(rig, segments[2])
    whole_pass(worker)
    assert [status(rig, s) for s in segments] == ["ok", "ok", "damaged", "ok", "ok"]
    ((code, args),) = events(rig)
    assert code == "bytes_differ"
    assert segments[2].file in args
    waiting = rig.index.database.read().execute("SELECT kind, ref FROM outbox WHERE kind = 'segment'").fetchall()
    assert len(waiting) == 1
    told = rig.index.verified.told()
    assert (told.done, told.all) == (5, 5)


def test_what_is_stored_meanwhile_is_read_in_the_same_pass(rig: Rig, worker: VerifyWorker) -> None:
    rig.record(2 * DAY_US)
    whole_pass(worker)
    new = rig.record(DAY_US)
    flip(rig, new)
    whole_pass(worker)
    assert status(rig, new) == "damaged"


def test_the_next_pass_begins_after_its_days(rig: Rig, worker: VerifyWorker) -> None:
    segment = rig.record(DAY_US)
    whole_pass(worker)
    flip(rig, segment)
    rig.clocks.pass_by(6 * DAY_US)
    whole_pass(worker)
    assert status(rig, segment) == "ok"
    rig.clocks.pass_by(2 * DAY_US)
    whole_pass(worker)
    assert status(rig, segment) == "damaged"


def test_a_clock_set_back_does_not_end_it(rig: Rig, worker: VerifyWorker) -> None:
    segment = rig.record(DAY_US)
    whole_pass(worker)
    flip(rig, segment)
    rig.clocks.wall -= 400 * DAY_US
    whole_pass(worker)
    assert status(rig, segment) == "damaged"


def test_a_pass_goes_on_after_a_restart(rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        rig.record(n * DAY_US)
    assert worker.step(Context())
    assert worker.step(Context())
    rig.restart()
    read: list[Path] = []
    real = reread.reread
    monkeypatch.setattr(verify, "reread", lambda path, after: (read.append(path), real(path, after))[1])
    whole_pass(VerifyWorker(rig.index, rig.media, rig.clocks, 20.0, 7.0))
    assert len(read) == 2


def test_it_reads_no_faster_than_it_may(rig: Rig, worker: VerifyWorker) -> None:
    size = sum(rig.record(n * DAY_US).bytes for n in range(3))
    ctx = Context()
    whole_pass(worker, ctx)
    assert ctx.waited == pytest.approx(size / 20e6)


def test_what_goes_by_its_age_meanwhile_is_not_called_damaged(
    rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = rig.record(31 * DAY_US)
    rig.begin()
    rig.erp.word = PurgeWord.GO

    def purged(path: Path, _after: object) -> str:
        rig.round(4)
        assert not path.exists()
        return "00" * 32

    monkeypatch.setattr(verify, "reread", purged)
    whole_pass(worker)
    assert rig.mark(old) == "gone"
    assert events(rig) == []


def test_a_disk_that_is_away_damages_nothing(rig: Rig, worker: VerifyWorker) -> None:
    segment = rig.record(DAY_US)
    away = rig.root.with_name("away")
    rig.root.rename(away)
    whole_pass(worker)
    away.rename(rig.root)
    assert (status(rig, segment), events(rig)) == ("ok", [])
    whole_pass(worker)
    assert rig.index.verified.told().done == 1


def test_a_file_that_the_disk_does_not_give_back_says_so(
    rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = rig.record(DAY_US)

    def broken(_fd: int, _count: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(reread.os, "read", broken)
    assert not worker.step(Context()), "no flood"
    monkeypatch.undo()
    assert rig.index.verified.next() is None
    assert (status(rig, segment), [code for code, _ in events(rig)]) == ("damaged", ["file_unreadable"])


def test_one_wrong_answer_of_the_memory_is_no_damage(
    rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = rig.record(DAY_US)
    real, calls = os.read, []

    def once(fd: int, count: int) -> bytes:
        calls.append(fd)
        return b"x" + real(fd, count)[1:] if len(calls) == 1 else real(fd, count)

    monkeypatch.setattr(reread.os, "read", once)
    assert worker.step(Context())
    assert (status(rig, segment), events(rig)) == ("ok", [])


def test_a_stop_leaves_the_file_for_the_next_start(rig: Rig, worker: VerifyWorker) -> None:
    rig.record(10 * SECOND_US)
    ctx = Context()
    ctx.stopping = True
    assert not worker.step(ctx)
    assert rig.index.verified.told().done == 0


def test_bytes_that_come_back_mend_the_row_and_the_erp_hears_of_it(rig: Rig, worker: VerifyWorker) -> None:
    whole, cut = rig.record(2 * DAY_US), rig.record(DAY_US)
    rig.index.segments.set_status(cut.path, cut.start_us, SegmentStatus.RECOVERED)
    for segment in (whole, cut):
        flip(rig, segment)
    whole_pass(worker)
    assert [status(rig, s) for s in (whole, cut)] == ["damaged"] * 2
    next_pass(rig, worker)
    assert [code for code, _ in events(rig)] == ["bytes_differ"] * 2, "what is known is not told at each pass"
    rig.index.database.write(lambda c: c.execute("DELETE FROM outbox"))
    for segment in (whole, cut):
        flip(rig, segment)
    next_pass(rig, worker)
    assert waiting(rig) == [(whole.file, "ok"), (cut.file, "recovered")]
    assert [code for code, _ in events(rig)][2:] == ["file_sound"] * 2
    next_pass(rig, worker)
    assert len(events(rig)) == 4


def test_a_file_that_was_damaged_when_it_was_stored_stays_so(rig: Rig, worker: VerifyWorker) -> None:
    segment = rig.record(DAY_US)
    rig.index.segments.set_status(segment.path, segment.start_us, SegmentStatus.DAMAGED)
    whole_pass(worker)
    assert (status(rig, segment), events(rig)) == ("damaged", [])
    flip(rig, segment)
    next_pass(rig, worker)
    assert [code for code, _ in events(rig)] == ["bytes_differ"], "its bytes are evidence as well"
    flip(rig, segment)
    next_pass(rig, worker)
    assert (status(rig, segment), events(rig)[-1][0]) == ("damaged", "file_sound")


def test_a_disk_that_cannot_be_read_is_told_once_and_damages_nothing(
    rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = [rig.record((20 - n) * DAY_US) for n in range(12)]
    assert worker.step(Context())
    unreadable(monkeypatch)
    for _look in range(4):
        assert not worker.step(Context()), "it rests"
    assert {status(rig, s) for s in segments} == {"ok"}
    assert events(rig) == [("footage_unreadable", '{"words": "Input/output error"}')]
    found = local.footage(rig.index)
    assert found.failed
    assert "Input/output error" in found.message
    rig.restart()
    again = VerifyWorker(rig.index, rig.media, rig.clocks, 20.0, 7.0)
    assert not again.step(Context())
    monkeypatch.undo()
    whole_pass(again)
    assert [code for code, _ in events(rig)] == ["footage_unreadable", "footage_readable"]
    assert {status(rig, s) for s in segments} == {"ok"}
    assert rig.index.verified.told().done == 12
    assert not local.footage(rig.index).failed


def test_a_bad_place_of_a_disk_that_gives_back_the_rest_is_the_files_own(
    rig: Rig, worker: VerifyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = [rig.record((20 - n) * DAY_US) for n in range(12)]
    unreadable(monkeypatch, *(rig.root / s.file for s in segments[2:7]))
    for _look in range(6):
        whole_pass(worker)
    assert [status(rig, s) for s in segments] == ["ok"] * 2 + ["damaged"] * 5 + ["ok"] * 5
    assert [code for code, _ in events(rig)] == ["file_unreadable"] * 5
    monkeypatch.undo()
    next_pass(rig, worker)
    assert {status(rig, s) for s in segments} == {"ok"}
    assert [code for code, _ in events(rig)][5:] == ["file_sound"] * 5


def test_a_file_that_is_away_is_not_called_sound(rig: Rig, worker: VerifyWorker) -> None:
    segment = rig.record(DAY_US)
    flip(rig, segment)
    whole_pass(worker)
    (rig.root / segment.file).unlink()
    next_pass(rig, worker)
    assert (status(rig, segment), len(events(rig))) == ("damaged", 1)


def test_telling_how_far_a_pass_is_looks_at_no_row(rig: Rig) -> None:
    """A node has millions of them."""
    rig.record(DAY_US)
    found = plans(rig.index, lambda: rig.index.commit(rig.index.verified.told))
    assert found
    assert not [plan for plan in found if "segment" in plan]


def test_no_more_was_read_than_is_there_when_files_have_left_since(rig: Rig, worker: VerifyWorker) -> None:
    for n in range(4):
        rig.record((29 + n) * DAY_US)
    rig.erp.word = PurgeWord.GO
    rig.begin()
    whole_pass(worker)
    rig.round(4)
    told = rig.index.verified.told()
    assert (told.done, told.all) == (rig.index.segments.count(),) * 2
