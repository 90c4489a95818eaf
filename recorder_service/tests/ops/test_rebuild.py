"""An index that was lost is made anew; what the disk lacks is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_service.domain.digest import DayDigest, day_digest
from recorder_service.domain.hold import Hold, HoldState
from recorder_service.domain.purge import Cutoff
from recorder_service.domain.segment import Segment, SegmentStatus
from recorder_service.domain.times import DAY_US, day_start_us, utc_day
from recorder_service.ops import rebuild
from recorder_service.ops.rebuild import Report
from recorder_service.store import Index
from recorder_service.store.inherit import inherit

from .purge_rig import NODE, Rig


class ErpRows:
    """The rows that the ERP has, as it would give them."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = sorted(segments, key=lambda s: (s.camera_id, s.start_us))

    def days(self) -> Iterator[DayDigest]:
        keys = sorted({(s.camera_id, s.path, utc_day(s.start_us)) for s in self.segments})
        for camera_id, path, day in keys:
            start = day_start_us(day)
            rows = self.rows(camera_id, path, start, start + DAY_US)
            yield day_digest(camera_id, path, day, [s for s in rows if s.status is not SegmentStatus.DELETED])

    def digests(self, from_us: int, to_us: int) -> list[DayDigest]:
        return [day for day in self.days() if from_us <= day_start_us(day.day) < to_us]

    def rows(self, camera_id: int, _path: str, from_us: int, to_us: int) -> Iterator[Segment]:
        return (s for s in self.segments if s.camera_id == camera_id and from_us <= s.start_us < to_us)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(tmp_path / "new.sqlite", NODE) as opened:
        yield opened


def rows_of(index: Index) -> list[tuple[object, ...]]:
    sql = "SELECT camera_id, path, start_us, stop_us, bytes, sha256, run, number, status FROM segment ORDER BY 2, 3"
    return [tuple(row) for row in index.database.read().execute(sql)]


def record(rig: Rig) -> list[Segment]:
    return [rig.record(days * DAY_US, camera) for days in (1, 2, 3, 40) for camera in (7, 8)]


def test_from_the_erp_all_rows_are_there_and_each_loss_is_named(rig: Rig, index: Index) -> None:
    made = record(rig)
    erp = ErpRows([s for path in rig.index.segments.paths() for s in rig.index.segments.iterate(path)])
    (rig.root / made[0].file).unlink()
    cut = rig.root / made[1].file
    cut.chmod(0o640)
    cut.write_bytes(b"short")
    report = Report()
    rebuild.pull(index, erp, rig.media, report, lambda _text: None)
    assert rows_of(index) == rows_of(rig.index)
    assert (report.rows, report.differ) == (8, [])
    rebuild.look_at_disk(index, rig.media, report, lambda _text: None)
    assert report.missing == [made[0].file]
    assert report.damaged == [f"{made[1].file}: 5 bytes, 8000 were recorded"]
    assert report.unknown == 0
    assert [s.key for s in index.outbox.batch(10).segments] == [made[0].key, made[1].key], "and the ERP hears of both"
    assert index.segments.used_bytes() == 7 * 8000
    sql = "SELECT max(first_seen_us - stop_us) FROM segment WHERE status = 'ok'"
    seen = index.database.read().execute(sql).fetchone()[0]
    assert seen == 0


def test_what_a_clock_in_the_past_recorded_is_kept_from_when_it_was_first_seen(rig: Rig, index: Index) -> None:
    seen_us = rig.clocks.wall - 2 * DAY_US
    young, old = rig.record(365 * DAY_US, seen_us=seen_us), rig.record(300 * DAY_US)
    erp = ErpRows([s for path in rig.index.segments.paths() for s in rig.index.segments.iterate(path)])
    rebuild.pull(index, erp, rig.media, Report(), lambda _text: None)
    assert index.segments.first_seen_us(young.path, young.start_us) == seen_us
    assert index.segments.first_seen_us(old.path, old.start_us) == old.stop_us
    index.cutoffs.replace([Cutoff(7, rig.clocks.wall - 30 * DAY_US, 30)], "t")
    assert [share.segments for share in index.cutoffs.due(index.cutoffs.all())] == [1]


def test_a_file_that_the_erp_calls_deleted_goes_by_the_ordinary_way(rig: Rig, index: Index) -> None:
    made = record(rig)
    rows = [s for path in rig.index.segments.paths() for s in rig.index.segments.iterate(path)]
    back = next(s for s in rows if s.key == made[-1].key)
    gone = replace(next(s for s in rows if s.key == made[-2].key), status=SegmentStatus.DELETED)
    (rig.root / gone.file).unlink()
    erp = ErpRows([s for s in rows if s.key not in (back.key, gone.key)] + [gone, replace(back, status=gone.status)])
    report = Report()
    rebuild.pull(index, erp, rig.media, report, lambda _text: None)
    assert report.returned == [back.file]
    found = index.segments.get(back.path, back.start_us)
    assert found is not None
    assert found.status == "ok"
    assert index.segments.get(gone.path, gone.start_us) is None
    assert (rig.root / back.file).exists()


def test_two_indexes_are_compared_day_by_day(rig: Rig) -> None:
    made = record(rig)
    rows = [s for path in rig.index.segments.paths() for s in rig.index.segments.iterate(path)]
    assert rebuild.compare(rig.index, ErpRows(rows), lambda _text: None, 0).differ == []
    other = [replace(s, bytes=s.bytes + (s.key == made[2].key)) for s in rows]
    days = rebuild.compare(rig.index, ErpRows(other), lambda _text: None, 0).differ
    assert days == [f"{made[2].path} {utc_day(made[2].start_us)}"]
    fewer = [s for s in rows if s.key != made[3].key]
    assert rebuild.compare(rig.index, ErpRows(fewer), lambda _text: None, 0).differ == [
        f"{made[3].path} {utc_day(made[3].start_us)}"
    ]


def test_a_segment_that_arrives_between_the_looks_is_no_difference(rig: Rig) -> None:
    record(rig)
    rows = [s for path in rig.index.segments.paths() for s in rig.index.segments.iterate(path)]

    class Behind(ErpRows):
        def days(self) -> Iterator[DayDigest]:
            yield from ErpRows(self.segments[:-1]).days()

        def digests(self, from_us: int, to_us: int) -> list[DayDigest]:
            return ErpRows(self.segments).digests(from_us, to_us)

    assert rebuild.compare(rig.index, Behind(rows), lambda _text: None, 0).differ == []


def test_holds_and_the_configuration_outlive_the_index(rig: Rig, index: Index) -> None:
    hold = Hold("5f0c7bce-7e0f-4a5c-8a55-0d7b5a4ff001", 5, HoldState.ACTIVE, (7, 8), 1, None)
    rig.index.holds.take_over([hold], 5, 1)
    rig.index.config.save("tag", {"etag": "tag"}, 1)
    assert inherit(index, rig.index.database.file)["hold"] == 1
    assert index.holds.list() == [hold]
    assert index.config.load() == {"etag": "tag"}
    assert index.epoch != rig.index.epoch
    assert index.holds.version() == 0, "and all of the ERP's holds are asked for"


def test_a_damaged_index_gives_what_it_can(tmp_path: Path, index: Index) -> None:
    bad = tmp_path / "bad.sqlite"
    bad.write_bytes(b"SQLite format 3\0" + bytes(4000))
    assert set(inherit(index, bad).values()) == {0}


def test_this_disk_knows_its_cameras(rig: Rig) -> None:
    rig.media.remember({"acme-cam-07": 7})
    rig.media.remember({"acme-cam-08": 8})
    assert rig.media.cameras() == {"acme-cam-07": 7, "acme-cam-08": 8}
    (rig.root / ".cctv-cameras.json").write_text("rubbish")
    assert rig.media.cameras() == {}
