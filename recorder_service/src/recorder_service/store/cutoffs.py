"""Until when footage is kept: the ERP's cutoffs, how far they were followed, and what may go by them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from ..domain.purge import Cutoff, Share
from ..domain.trust import Advance
from .database import Database
from .holds import HELD
from .meta import get_meta, set_meta

#: What may go of a camera by its cutoff, of ``segment s``: (camera, cutoff, cutoff).
DUE = (
    "s.camera_id = ? AND s.purge = 'live' AND s.status NOT IN ('missing', 'deleted') "
    "AND s.start_us < ? AND max(s.stop_us, s.first_seen_us) <= ?"
)
_TAG = "cutoffs_tag"


def cutoffs_tag(connection: sqlite3.Connection) -> str:
    """Of the cutoffs that are stored, "" while none are."""
    return get_meta(connection, _TAG) or ""


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
        read, found = self._database.read(), []
        sql = (
            "SELECT count(*) AS n, coalesce(sum(bytes), 0) AS size, min(start_us) AS first, max(stop_us) AS last "  # noqa: S608
            f"FROM segment s WHERE {DUE} AND NOT {HELD}"
        )
        for cutoff in cutoffs.values():
            row = read.execute(sql, (cutoff.camera_id, cutoff.cutoff_us, cutoff.cutoff_us)).fetchone()
            if row["n"]:
                found.append(Share(cutoff.camera_id, row["n"], row["size"], row["first"], row["last"]))
        return tuple(found)

    def held_back(self, cutoffs: Mapping[int, Cutoff]) -> int:
        """Bytes past their time that a hold alone keeps."""
        read = self._database.read()
        sql = f"SELECT coalesce(sum(bytes), 0) FROM segment s WHERE {DUE} AND {HELD}"  # noqa: S608
        return sum(
            int(read.execute(sql, (c.camera_id, c.cutoff_us, c.cutoff_us)).fetchone()[0]) for c in cutoffs.values()
        )


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
