"""How far the bytes of the footage were read again and compared: in the order of the rows, over and over."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..domain.segment import Segment, SegmentStatus
from . import rows
from .database import Database
from .meta import get_meta, set_meta
from .segments import change_status
from .totals import stored

_AT, _DONE, _BEGUN, _FAILING = "verified_id", "verified_done", "verified_begun_us", "verified_failing"
#: On disk, damaged or not: what the disk did not give back once it may give another time.
_STORED = "purge = 'live' AND status IN ('ok', 'recovered', 'damaged')"


@dataclass(frozen=True, slots=True)
class Pass:
    """``begun_us`` 0: none yet. ``done`` files were read since then, of ``all`` that are there now."""

    begun_us: int
    done: int
    all: int


class Verified:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self) -> tuple[int, Segment] | None:
        """The next row of this pass with its id; None when all were read."""
        sql = f"SELECT * FROM segment WHERE id > ? AND {_STORED} ORDER BY id LIMIT 1"  # noqa: S608
        row = self._database.read().execute(sql, (self._at(),)).fetchone()
        return (row["id"], rows.segment(row)) if row else None

    def newest(self, count: int, beside: int) -> list[Segment]:
        """The newest stored files, without the one of that id."""
        sql = f"SELECT * FROM segment WHERE {_STORED} AND id != ? ORDER BY id DESC LIMIT ?"  # noqa: S608
        return [rows.segment(row) for row in self._database.read().execute(sql, (beside, count))]

    def read(self, row_id: int) -> None:
        """That row was read."""

        def work(connection: sqlite3.Connection) -> None:
            set_meta(connection, _AT, str(row_id))
            set_meta(connection, _DONE, str(int(get_meta(connection, _DONE) or 0) + 1))

        self._database.write(work)

    def begun_us(self) -> int:
        """When this pass began; 0 when none has."""
        return int(get_meta(self._database.read(), _BEGUN) or 0)

    def begin(self, now_us: int) -> None:
        """Begin again at the oldest row."""

        def work(connection: sqlite3.Connection) -> None:
            set_meta(connection, _AT, "0")
            set_meta(connection, _DONE, "0")
            set_meta(connection, _BEGUN, str(now_us))

        self._database.write(work)

    def spoil(self, row_id: int) -> bool:
        """Its bytes are not what was stored: damaged from now on. False when that is known, or the row has left: a
        purge may have come meanwhile.
        """

        def work(connection: sqlite3.Connection) -> bool:
            row = self._stored(connection, row_id)
            if row is None or row["was"] is not None:
                return False
            connection.execute("UPDATE segment SET was = status WHERE id = ?", (row_id,))
            if row["status"] != SegmentStatus.DAMAGED:
                change_status(connection, row, SegmentStatus.DAMAGED)
            return True

        return self._database.write(work)

    def mend(self, row_id: int) -> bool:
        """Its bytes are what was stored: it is again what it was before a reading called it damaged, if one did."""

        def work(connection: sqlite3.Connection) -> bool:
            row = self._stored(connection, row_id)
            if row is None or row["was"] is None:
                return False
            connection.execute("UPDATE segment SET was = NULL WHERE id = ?", (row_id,))
            if row["was"] != row["status"]:
                change_status(connection, row, SegmentStatus(row["was"]))
            return True

        return self._database.write(work)

    def spoilt(self, row_id: int) -> bool:
        """Whether a reading called it damaged."""
        row = self._stored(self._database.read(), row_id)
        return row is not None and row["was"] is not None

    def failing(self) -> str:
        """The system's words when the disk as a whole gives nothing back; empty while it does."""
        return get_meta(self._database.read(), _FAILING) or ""

    def set_failing(self, words: str) -> None:
        self._database.write(lambda c: set_meta(c, _FAILING, words))

    def told(self) -> Pass:
        """From what is kept with each change: asking looks at no row."""
        read = self._database.read()
        there = stored(read)
        return Pass(self.begun_us(), min(int(get_meta(read, _DONE) or 0), there), there)

    def _stored(self, connection: sqlite3.Connection, row_id: int) -> sqlite3.Row | None:
        sql = f"SELECT * FROM segment WHERE id = ? AND {_STORED}"  # noqa: S608
        row: sqlite3.Row | None = connection.execute(sql, (row_id,)).fetchone()
        return row

    def _at(self) -> int:
        return int(get_meta(self._database.read(), _AT) or 0)
