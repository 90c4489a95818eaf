"""Until when footage is kept: the ERP's cutoffs, how far they were followed, and what may go by them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from ..domain.purge import Cutoff, Share
from ..domain.trust import Advance
from .database import Database
from .holds import HELD
from .meta import get_meta, set_meta

#: What is on disk of a camera, of ``segment s``.
_LIVE = "s.camera_id = ? AND s.purge = 'live' AND s.status NOT IN ('missing', 'deleted')"
_OVER = "max(s.stop_us, s.first_seen_us) <= ?"
#: What may go of a camera by its cutoff: (camera, cutoff, cutoff).
DUE = f"{_LIVE} AND s.start_us < ? AND {_OVER}"
#: The part of it in one of the times that `unheld` gives, held by nobody, not stuck: (camera, from, to, cutoff).
FREE = (
    f"{_LIVE} AND s.start_us >= ? AND s.start_us < ? AND {_OVER} AND NOT {HELD} "  # noqa: S608
    "AND s.id NOT IN (SELECT segment FROM stuck)"
)
_NEVER = 2**62
_TAG = "cutoffs_tag"


def cutoffs_tag(connection: sqlite3.Connection) -> str:
    """Of the cutoffs that are stored, "" while none are."""
    return get_meta(connection, _TAG) or ""


def unheld(connection: sqlite3.Connection, cutoff: Cutoff) -> Iterator[tuple[int, int]]:
    """Times (from, to) before a camera's cutoff in which no hold is: what holds keep is not looked at row by row."""
    windows = connection.execute(
        "SELECT h.from_us, coalesce(h.to_us, ?) AS to_us FROM hold_camera c JOIN hold h ON h.hold = c.hold "
        "WHERE c.camera_id = ? AND h.from_us < ? ORDER BY h.from_us",
        (_NEVER, cutoff.camera_id, cutoff.cutoff_us),
    ).fetchall()
    at = -_NEVER
    for window in windows:
        if window["from_us"] > at:
            yield at, window["from_us"]
        at = max(at, window["to_us"])
    if at < cutoff.cutoff_us:
        yield at, cutoff.cutoff_us


class Cutoffs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, cutoffs: Sequence[Cutoff], tag: str) -> None:
        """Replace the cutoffs by the ERP's. A camera seen for the first time begins at its oldest footage."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM cutoff")
            connection.executemany(
                "INSERT INTO cutoff VALUES (?, ?, ?)", [(c.camera_id, c.cutoff_us, c.days) for c in cutoffs]
            )
            for cutoff in cutoffs:
                _begin(connection, cutoff)
            set_meta(connection, _TAG, tag)

        self._database.write(work)

    def tag(self) -> str:
        return cutoffs_tag(self._database.read())

    def all(self) -> dict[int, Cutoff]:
        rows = self._database.read().execute("SELECT * FROM cutoff")
        return {row["camera_id"]: Cutoff(row["camera_id"], row["cutoff_us"], row["days"]) for row in rows}

    def advances(self) -> dict[int, Advance]:
        rows = self._database.read().execute("SELECT * FROM advance")
        return {row["camera_id"]: Advance(row["cutoff_us"], row["lived_us"]) for row in rows}

    def set_advances(self, advances: Mapping[int, Advance]) -> None:
        self._database.write(
            lambda c: c.executemany(
                "INSERT INTO advance VALUES (?, ?, ?) ON CONFLICT (camera_id) DO UPDATE "
                "SET cutoff_us = excluded.cutoff_us, lived_us = excluded.lived_us",
                [(camera, a.cutoff_us, a.lived_us) for camera, a in advances.items()],
            )
        )

    def due(self, cutoffs: Mapping[int, Cutoff]) -> tuple[Share, ...]:
        """What may go and no hold keeps, by camera."""
        read = self._database.read()
        shares = (_due_of(read, cutoff) for cutoff in cutoffs.values())
        return tuple(share for share in shares if share is not None)

    def held_back(self, cutoffs: Mapping[int, Cutoff]) -> int:
        """Bytes past their time that a hold alone keeps."""
        read = self._database.read()
        sql = f"SELECT coalesce(sum(bytes), 0) FROM segment s WHERE {DUE} AND {HELD}"  # noqa: S608
        return sum(
            int(read.execute(sql, (c.camera_id, c.cutoff_us, c.cutoff_us)).fetchone()[0]) for c in cutoffs.values()
        )


def _due_of(connection: sqlite3.Connection, cutoff: Cutoff) -> Share | None:
    sql = (
        "SELECT count(*) AS n, coalesce(sum(bytes), 0) AS size, min(start_us) AS first, max(stop_us) AS last "  # noqa: S608
        f"FROM segment s WHERE {FREE}"
    )
    spans = unheld(connection, cutoff)
    found = [connection.execute(sql, (cutoff.camera_id, *span, cutoff.cutoff_us)).fetchone() for span in spans]
    found = [row for row in found if row["n"]]
    if not found:
        return None
    segments, size = sum(row["n"] for row in found), sum(row["size"] for row in found)
    last = max(row["last"] for row in found)
    return Share(cutoff.camera_id, segments, size, found[0]["first"], last, cutoff.cutoff_us)


def _begin(connection: sqlite3.Connection, cutoff: Cutoff) -> None:
    """Where a camera's cutoff counts from: its oldest footage, so that what an unknown index brings is asked about."""
    oldest = connection.execute(
        "SELECT min(start_us) FROM segment WHERE camera_id = ? AND purge = 'live' "
        "AND status NOT IN ('missing', 'deleted')",
        (cutoff.camera_id,),
    ).fetchone()[0]
    start = cutoff.cutoff_us if oldest is None else min(cutoff.cutoff_us, oldest)
    connection.execute(
        "INSERT INTO advance VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (cutoff.camera_id, start, int(get_meta(connection, "lived_us") or 0)),
    )
