"""Indexed segments."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from ..domain.segment import Place, Segment, SegmentState, SegmentStatus, StateError, segment_file
from ..domain.times import DAY_US, utc_day
from . import rows, totals
from .database import Database
from .outbox import enqueue

_NEXT = "SELECT min(start_us) AS start FROM segment WHERE path = ? AND start_us >= ?"


class Segments:
    """Rows of sealed, hashed files. A row's commit is the point of custody."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, segment: Segment, first_seen_us: int, *, late: bool = False) -> Segment:
        """Index a hashed segment and queue it for the ERP, in one commit. The next never follows one found `late`.

        A segment of that path and start which is there already with the same hash is left as it is (idempotent).

        Returns:
            The segment in state INDEXED.

        Raises:
            StateError: the segment is not HASHED.
            sqlite3.IntegrityError: another hash is indexed for the same path and start.
        """
        if segment.state is not SegmentState.HASHED:
            raise StateError(f"only a hashed segment can be indexed, this one is {segment.state}")
        indexed = segment.advance(SegmentState.INDEXED)

        def work(connection: sqlite3.Connection) -> None:
            known = connection.execute(
                "SELECT sha256 FROM segment WHERE path = ? AND start_us = ?", (segment.path, segment.start_us)
            ).fetchone()
            if known is None:
                _insert(connection, indexed, first_seen_us)
                if not late:
                    _set_tip(connection, indexed)
            elif known["sha256"] != bytes.fromhex(segment.sha256):
                raise sqlite3.IntegrityError(f"{segment.file} is indexed with another hash")

        self._database.write(work)
        return indexed

    def set_status(self, path: str, start_us: int, status: SegmentStatus) -> bool:
        """Change a row's status (``missing``, ``damaged``, …) and queue it again; False when there is no such row."""

        def work(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT * FROM segment WHERE path = ? AND start_us = ?", (path, start_us)
            ).fetchone()
            if row is None:
                return False
            if row["status"] != status:
                change_status(connection, row, status)
            return True

        return self._database.write(work)

    def lose(self, path: str, start_us: int) -> bool:
        """Mark a row whose file is gone, unless a purge has or had it; True when it was marked."""

        def work(connection: sqlite3.Connection) -> bool:
            sql = "SELECT 1 FROM segment WHERE path = ? AND start_us = ? AND purge = 'live' AND status NOT IN (?, ?)"
            if connection.execute(sql, (path, start_us, *(s.value for s in totals.ABSENT))).fetchone() is None:
                return False
            return self.set_status(path, start_us, SegmentStatus.MISSING)

        return self._database.write(work)

    def find(self, path: str, start_us: int) -> bool:
        """A missing row whose file is there again is what it was before; False when it is not missing any more."""

        def work(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT * FROM segment WHERE path = ? AND start_us = ? AND purge = 'live' AND status = 'missing'",
                (path, start_us),
            ).fetchone()
            if row is None:
                return False
            connection.execute("UPDATE segment SET was = NULL WHERE id = ?", (row["id"],))
            change_status(connection, row, SegmentStatus(row["was"] or SegmentStatus.OK))
            return True

        return self._database.write(work)

    def get(self, path: str, start_us: int) -> Segment | None:
        row = self._one("SELECT * FROM segment WHERE path = ? AND start_us = ?", path, start_us)
        return rows.segment(row) if row else None

    def last(self, path: str) -> Segment | None:
        """The segment of ``path`` with the highest start."""
        row = self._one("SELECT * FROM segment WHERE path = ? ORDER BY start_us DESC LIMIT 1", path)
        return rows.segment(row) if row else None

    def tip(self, path: str) -> Place | None:
        """Where a path's next segment follows: not the one with the highest start, for clocks are set back, nor the
        one that was indexed last, for files are found late.
        """
        row = self._one("SELECT run, number, start_us, stop_us FROM tip WHERE path = ?", path)
        return rows.place(row) if row else None

    def before(self, segment: Segment) -> Place | None:
        """The nearest one before `segment` in its own run."""
        row = self._one(
            "SELECT run, number, start_us, stop_us FROM segment WHERE path = ? AND run = ? AND number < ? "
            "ORDER BY number DESC LIMIT 1",
            segment.path, bytes.fromhex(segment.run), segment.number,
        )  # fmt: skip
        return rows.place(row) if row else None

    def last_stop(self, path: str) -> int | None:
        """End in µs of a path's tip."""
        tip = self.tip(path)
        return tip.stop_us if tip else None

    def days_of(self, path: str) -> Iterator[str]:
        """UTC days of a path that have rows, oldest first; one seek a day."""
        at = -(2**63)
        while (row := self._one(_NEXT, path, at)) is not None and row["start"] is not None:
            yield utc_day(row["start"])
            at = (row["start"] // DAY_US + 1) * DAY_US

    def last_start(self, path: str) -> int | None:
        """The highest start in µs of a path."""
        row = self._one("SELECT max(start_us) AS start FROM segment WHERE path = ?", path)
        return None if row is None or row["start"] is None else int(row["start"])

    def starts(self, path: str, from_us: int, to_us: int) -> set[int]:
        """Starts of all rows with ``from_us <= start < to_us``: what a scan compares a folder with.

        Read from an index alone: rows of one camera lie far apart.
        """
        sql = "SELECT start_us FROM segment WHERE path = ? AND start_us >= ? AND start_us < ?"
        return {start for (start,) in self._database.read().execute(sql, (path, from_us, to_us))}

    def present(self, path: str, from_us: int, to_us: int) -> set[int]:
        """Those of them whose file should be there."""
        sql = (
            "SELECT start_us FROM segment WHERE path = ? AND start_us >= ? AND start_us < ? "
            "AND status NOT IN ('missing', 'deleted')"
        )
        return {start for (start,) in self._database.read().execute(sql, (path, from_us, to_us))}

    def missing(self, path: str, from_us: int, to_us: int) -> set[int]:
        """Those of them whose file went without a purge."""
        sql = "SELECT start_us FROM segment WHERE path = ? AND start_us >= ? AND start_us < ? AND status = 'missing'"
        return {start for (start,) in self._database.read().execute(sql, (path, from_us, to_us))}

    def list(
        self, path: str | None = None, from_us: int | None = None, to_us: int | None = None, limit: int = 100
    ) -> builtins.list[Segment]:
        """Newest first."""
        sql = "SELECT * FROM segment WHERE (?1 IS NULL OR path = ?1) AND (?2 IS NULL OR start_us >= ?2)"
        sql += " AND (?3 IS NULL OR start_us < ?3) ORDER BY start_us DESC LIMIT ?4"
        return [rows.segment(row) for row in self._database.read().execute(sql, (path, from_us, to_us, limit))]

    def between(self, path: str, from_us: int, to_us: int) -> builtins.list[Segment]:
        """Those of a path that start in that time, oldest first."""
        sql = "SELECT * FROM segment WHERE path = ? AND start_us >= ? AND start_us < ? ORDER BY start_us"
        return [rows.segment(row) for row in self._database.read().execute(sql, (path, from_us, to_us))]

    def days(self) -> Iterator[tuple[str, int, str]]:
        """Path, camera and UTC day of which there are rows; looks at every row."""
        day = "date(start_us / 1000000, 'unixepoch')"
        sql = f"SELECT DISTINCT path, camera_id, {day} AS day FROM segment ORDER BY path, day"  # noqa: S608
        for row in self._database.read().execute(sql):
            yield row["path"], row["camera_id"], row["day"]

    def first_seen_us(self, path: str, start_us: int) -> int | None:
        """When a row was first seen, which never steps back from one to the next."""
        row = self._one("SELECT first_seen_us FROM segment WHERE path = ? AND start_us = ?", path, start_us)
        return None if row is None else int(row["first_seen_us"])

    def restore(self, segments: Sequence[Segment], seen_us: Mapping[str, int] | None = None) -> int:
        """Take over rows that the ERP has already; known ones stay as they are. Returns how many are new.

        They count as first seen when they ended, or at the later time that ``seen_us`` tells by file: the clock by
        which they ended may have been wrong.
        """
        later = seen_us or {}

        def work(connection: sqlite3.Connection) -> int:
            return sum(_restore(connection, s, max(s.stop_us, later.get(s.file, 0))) for s in segments)

        return self._database.write(work)

    def iterate(self, path: str) -> Iterator[Segment]:
        """All of a path, oldest first."""
        for row in self._database.read().execute("SELECT * FROM segment WHERE path = ? ORDER BY start_us", (path,)):
            yield rows.segment(row)

    def paths(self) -> builtins.list[str]:
        """All paths that have rows."""
        return [row[0] for row in self._database.read().execute("SELECT path FROM total ORDER BY path")]

    def used_bytes(self, path: str | None = None) -> int:
        """Bytes on disk by the index, of one path or all; costs no scan."""
        row = self._one("SELECT coalesce(sum(bytes), 0) AS n FROM total WHERE ?1 IS NULL OR path = ?1", path)
        return int(row["n"]) if row else 0

    def count(self, path: str | None = None) -> int:
        """Segments on disk by the index."""
        row = self._one("SELECT coalesce(sum(segments), 0) AS n FROM total WHERE ?1 IS NULL OR path = ?1", path)
        return int(row["n"]) if row else 0

    def _one(self, sql: str, *args: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.read().execute(sql, args).fetchone()
        return row


def change_status(connection: sqlite3.Connection, row: sqlite3.Row, status: SegmentStatus) -> None:
    """Give a row of ``segment`` another status and queue it for the ERP; one that goes missing keeps what it was."""
    if status is SegmentStatus.MISSING:
        connection.execute("UPDATE segment SET was = coalesce(was, status) WHERE id = ?", (row["id"],))
    connection.execute("UPDATE segment SET status = ?, state = 'indexed' WHERE id = ?", (status.value, row["id"]))
    totals.change(connection, row, status)
    enqueue(connection, "segment", row["id"])


def _insert(connection: sqlite3.Connection, segment: Segment, first_seen_us: int) -> None:
    derived = segment.file == segment_file(segment.path, segment.start_us)
    cursor = connection.execute(
        "INSERT INTO segment (camera_id, path, start_us, stop_us, bytes, sha256, run, number, status, state, test,"
        " file, first_seen_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'indexed', ?, ?,"
        # a clock that stood in the past must not make footage old: it never steps back
        " max(?, coalesce((SELECT first_seen_us FROM segment WHERE id = (SELECT max(id) FROM segment)), 0)))",
        (
            segment.camera_id, segment.path, segment.start_us, segment.stop_us, segment.bytes,
            bytes.fromhex(segment.sha256), bytes.fromhex(segment.run), segment.number, segment.status.value,
            int(segment.test), None if derived else segment.file, first_seen_us,
        ),
    )  # fmt: skip
    totals.add(connection, segment)
    enqueue(connection, "segment", cursor.lastrowid or 0)


def _restore(connection: sqlite3.Connection, segment: Segment, first_seen_us: int) -> int:
    sha256 = bytes.fromhex(segment.sha256) if segment.sha256 else None
    new = connection.execute(
        "INSERT INTO segment (camera_id, path, start_us, stop_us, bytes, sha256, run, number, status, state, test,"
        " first_seen_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'synced', ?, ?) ON CONFLICT (path, start_us) DO NOTHING",
        (
            segment.camera_id, segment.path, segment.start_us, segment.stop_us, segment.bytes, sha256,
            bytes.fromhex(segment.run), segment.number, segment.status.value, int(segment.test), first_seen_us,
        ),
    ).rowcount  # fmt: skip
    if new:
        totals.add(connection, segment)
        _set_tip(connection, segment, only_later=True)
    return new


def _set_tip(connection: sqlite3.Connection, segment: Segment, *, only_later: bool = False) -> None:
    connection.execute(
        "INSERT INTO tip (path, run, number, start_us, stop_us) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE "
        "SET run = excluded.run, number = excluded.number, start_us = excluded.start_us, stop_us = excluded.stop_us "
        "WHERE NOT ? OR excluded.start_us > start_us",
        (
            segment.path, bytes.fromhex(segment.run), segment.number, segment.start_us, segment.stop_us, only_later,
        ),
    )  # fmt: skip
