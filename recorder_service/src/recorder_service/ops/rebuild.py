"""An index made anew: from the ERP's rows, from the disk, or from a backup that the disk is newer than.

The disk is never changed here. Files without a row are taken in by the intake as always; what the index says and the
disk does not have is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ..domain.config import AudioMode, CameraConfig, StreamSource
from ..domain.digest import DayDigest, day_digest
from ..domain.event import Event
from ..domain.segment import Segment, SegmentStatus, start_from_name
from ..domain.times import DAY_US, Clock, day_start_us
from ..media.intake import Intake
from ..media.ledger import Ledger
from ..media.names import may_be_a_camera
from ..media.seal import first_seen_us
from ..store.index import Index
from ..store.media_root import MediaRoot

_LOOKS = 6


class Rows(Protocol):
    """The ERP's rows of this node."""

    def days(self) -> Iterator[DayDigest]: ...

    def digests(self, from_us: int, to_us: int) -> list[DayDigest]: ...

    def rows(self, camera_id: int, path: str, from_us: int, to_us: int) -> Iterator[Segment]: ...


@dataclass(slots=True)
class Report:
    """Files are named below the media root. ``returned``: on disk although the ERP calls them deleted."""

    days: int = 0
    rows: int = 0
    differ: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    unknown: int = 0


def pull(index: Index, source: Rows, media: MediaRoot, report: Report, tell: Callable[[str], None]) -> None:
    """Take over every row that the ERP has of this node; each camera's day is proved by its digest.

    Raises:
        ErpError: by `source`; what was taken over so far stays.
    """
    for day in source.days():
        start = day_start_us(day.day)
        found = list(source.rows(day.camera_id, day.path, start, start + DAY_US))
        present = [s for s in found if s.status is not SegmentStatus.DELETED]
        # by the disk: the ERP does not know when a file was first seen
        seen_us = {s.file: first_seen_us(media.path / s.file) for s in found}
        index.segments.restore(present, seen_us)
        returned = [s for s in found if s.status is SegmentStatus.DELETED and (media.path / s.file).exists()]
        # by the ordinary way of deletion, not here
        index.segments.restore([replace(s, status=SegmentStatus.OK) for s in returned], seen_us)
        report.returned += [s.file for s in returned]
        report.days += 1
        report.rows += len(present)
        if not returned and local_digest(index, day.path, day.camera_id, day.day) != day:
            report.differ.append(f"{day.path} {day.day}")
        tell(f"{day.path} {day.day}: {len(present)} segments")


def local_digest(index: Index, path: str, camera_id: int, day: str) -> DayDigest:
    """This index's digest of a camera's day."""
    start = day_start_us(day)
    rows = index.segments.between(path, start, start + DAY_US)
    return day_digest(camera_id, path, day, (s for s in rows if s.status is not SegmentStatus.DELETED))


def compare(index: Index, source: Rows, tell: Callable[[str], None], pause: float = 1.5) -> Report:
    """Digests of both sides, camera by camera and day by day; nothing is changed.

    While cameras are recorded, a segment may arrive between the looks at both sides: what differs is looked at again.
    """
    report, theirs = Report(), {}
    for day in source.days():
        theirs[day.key] = day
        report.days += 1
        report.rows += day.segments
        if local_digest(index, day.path, day.camera_id, day.day) != day:
            report.differ.append(f"{day.path} {day.day}")
        tell(f"{day.path} {day.day}")
    for path, camera_id, day_name in index.segments.days():
        mine = local_digest(index, path, camera_id, day_name)
        if mine.segments and mine.key not in theirs:
            report.differ.append(f"{path} {day_name}")
    for _look in range(_LOOKS):
        if not report.differ:
            break
        time.sleep(pause)
        report.differ = [name for name in report.differ if not _agree(index, source, *name.rsplit(" ", 1))]
    return report


def _agree(index: Index, source: Rows, path: str, day: str) -> bool:
    """Whether both sides say the same of a camera's day now."""
    start = day_start_us(day)
    theirs = [d for d in source.digests(start, start + DAY_US) if d.path == path and d.segments]
    rows = index.segments.between(path, start, start + DAY_US)
    present = [row for row in rows if row.status is not SegmentStatus.DELETED]
    if not theirs or not present:
        return not theirs and not present
    return theirs == [day_digest(present[0].camera_id, path, day, present)]


def look_at_disk(index: Index, media: MediaRoot, report: Report, tell: Callable[[str], None]) -> None:
    """Compare rows with files by name and size. Wrong ones get their status, which goes to the ERP; each is named."""
    for path in index.segments.paths():
        tell(path)
        for segment in index.segments.iterate(path):
            if segment.status in (SegmentStatus.DELETED, SegmentStatus.MISSING):
                continue
            size = _size(media.path / segment.file)
            if size is None:
                report.missing.append(segment.file)
                index.segments.set_status(path, segment.start_us, SegmentStatus.MISSING)
            elif size != segment.bytes:
                report.damaged.append(f"{segment.file}: {size} bytes, {segment.bytes} were recorded")
                index.segments.set_status(path, segment.start_us, SegmentStatus.DAMAGED)
    report.unknown = unknown(index, media)


def take_in(index: Index, media: MediaRoot, clock: Clock, tell: Callable[[str], None]) -> int:
    """Index every file of the cameras that this disk knows by name, as the intake does; returns how many.

    Without the ERP nobody else can say which camera a folder is of.
    """
    cameras = {path: _known(path, camera_id) for path, camera_id in media.cameras().items()}
    intake = Intake(media.path, index, _RowsAlone(index), lambda: cameras, clock)
    added = 0
    for path in intake.paths():
        tell(path)
        while (scan := intake.scan(path)).more:
            added += scan.added
        added += scan.added
    return added


def _known(path: str, camera_id: int) -> CameraConfig:
    # whether its sound may stay is not known here: it is stripped before recording, so nothing is to be erased
    return CameraConfig(camera_id, path, "", "", record=False, main=StreamSource(""), audio=AudioMode.KEEP)


class _RowsAlone(Ledger):
    """Gaps of the past are the ERP's: without its log nobody could say here why they were."""

    def __init__(self, index: Index) -> None:
        self._rows = index.segments

    def admit(self, segment: Segment, seen_us: int, events: tuple[Event, ...] = ()) -> Segment:  # noqa: ARG002
        tip = self._rows.tip(segment.path)
        return self._rows.add(segment, seen_us, late=tip is not None and segment.start_us < tip.start_us)


def unknown(index: Index, media: MediaRoot) -> int:
    """How many segment files have no row."""
    return sum(1 for _ in _unknown(index, media))


def _unknown(index: Index, media: MediaRoot) -> Iterator[Path]:
    for folder in sorted(f for f in media.path.iterdir() if may_be_a_camera(f)):
        for file in folder.glob("*/*.mp4"):
            start = start_from_name(file.name)
            if start is not None and index.segments.get(folder.name, start) is None:
                yield file


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None
