"""Segments and bytes on disk of each path, kept with every change of a row: asking costs no scan."""

from __future__ import annotations

import sqlite3

from ..domain.segment import Segment, SegmentStatus

#: No longer on disk, so not part of what is used.
ABSENT = (SegmentStatus.MISSING, SegmentStatus.DELETED)


def add(connection: sqlite3.Connection, segment: Segment) -> None:
    """A row was added."""
    there = segment.status not in ABSENT
    _count(connection, segment.path, there, there * segment.bytes)


def change(connection: sqlite3.Connection, row: sqlite3.Row, status: SegmentStatus) -> None:
    """A row as it was gets another status."""
    by = (row["status"] in ABSENT) - (status in ABSENT)
    _count(connection, row["path"], by, by * row["bytes"])


def subtract(connection: sqlite3.Connection, path: str, size: int) -> None:
    """The file of a row that counted is gone."""
    _count(connection, path, -1, -size)


def stored(connection: sqlite3.Connection) -> int:
    """Segments on disk, of all paths."""
    return int(connection.execute("SELECT coalesce(sum(segments), 0) FROM total").fetchone()[0])


def _count(connection: sqlite3.Connection, path: str, segments: int, size: int) -> None:
    connection.execute(
        "INSERT INTO total (path, segments, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (path) DO UPDATE "
        "SET segments = segments + ?2, bytes = bytes + ?3",
        (path, segments, size),
    )
