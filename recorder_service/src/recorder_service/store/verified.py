"""How far the bytes of the footage were read again and compared: in the order of the rows, over and over."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..domain.segment import Segment
from . import rows
from .database import Database
from .meta import get_meta, set_meta

_AT, _BEGUN = "verified_id", "verified_begun_us"
#: On disk, and as good as when it was taken in.
_SOUND = "purge = 'live' AND status IN ('ok', 'recovered')"


@dataclass(frozen=True, slots=True)
class Pass:
    """``begun_us`` 0: none yet. ``done`` of ``all`` files were read since then."""

    begun_us: int
    done: int
    all: int


class Verified:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self) -> tuple[int, Segment] | None:
        """The next row of this pass with its id; None when all were read."""
        sql = f"SELECT * FROM segment WHERE id > ? AND {_SOUND} ORDER BY id LIMIT 1"  # noqa: S608
        row = self._database.read().execute(sql, (self._at(),)).fetchone()
        return (row["id"], rows.segment(row)) if row else None

    def read(self, row_id: int) -> None:
        """That row was read."""
        self._database.write(lambda c: set_meta(c, _AT, str(row_id)))

    def begun_us(self) -> int:
        """When this pass began; 0 when none has."""
        return int(get_meta(self._database.read(), _BEGUN) or 0)

    def begin(self, now_us: int) -> None:
        """Begin again at the oldest row."""

        def work(connection: sqlite3.Connection) -> None:
            set_meta(connection, _AT, "0")
            set_meta(connection, _BEGUN, str(now_us))

        self._database.write(work)

    def still(self, row_id: int) -> bool:
        """Whether the row is as it was chosen: a purge may have come meanwhile."""
        sql = f"SELECT 1 FROM segment WHERE id = ? AND {_SOUND}"  # noqa: S608
        return self._database.read().execute(sql, (row_id,)).fetchone() is not None

    def told(self) -> Pass:
        sql = f"SELECT count(*) AS n, coalesce(sum(id <= ?), 0) AS done FROM segment WHERE {_SOUND}"  # noqa: S608
        row = self._database.read().execute(sql, (self._at(),)).fetchone()
        return Pass(self.begun_us(), row["done"], row["n"])

    def _at(self) -> int:
        return int(get_meta(self._database.read(), _AT) or 0)
