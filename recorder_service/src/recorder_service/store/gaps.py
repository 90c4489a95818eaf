"""Gaps in the index."""

from __future__ import annotations

import builtins
import sqlite3
from dataclasses import replace

from ..domain.gap import Gap, GapReason
from . import rows
from .database import Database
from .outbox import enqueue


class Gaps:
    """Each change queues the gap for the ERP in the same commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, gap: Gap) -> Gap:
        """Store a gap, open or closed. One with the same camera and start takes the new stop and reason."""

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "INSERT INTO gap (camera_id, path, start_us, stop_us, reason) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (camera_id, start_us) DO UPDATE SET stop_us = excluded.stop_us, reason = excluded.reason "
                "WHERE stop_us IS NOT excluded.stop_us OR reason <> excluded.reason RETURNING id",
                (gap.camera_id, gap.path, gap.start_us, gap.stop_us, gap.reason.value),
            ).fetchone()
            if row is not None:
                enqueue(connection, "gap", row["id"])

        self._database.write(work)
        return gap

    def close(self, gap: Gap, stop_us: int, reason: GapReason | None = None) -> Gap:
        """Close it (and correct its reason)."""
        return self.add(replace(gap, stop_us=stop_us, reason=reason or gap.reason))

    def open_of(self, path: str) -> Gap | None:
        """The open gap of a path, the newest if there should be several."""
        row = (
            self._database.read()
            .execute("SELECT * FROM gap WHERE path = ? AND stop_us IS NULL ORDER BY start_us DESC LIMIT 1", (path,))
            .fetchone()
        )
        return rows.gap(row) if row else None

    def all_open(self) -> builtins.list[Gap]:
        found = self._database.read().execute("SELECT * FROM gap WHERE stop_us IS NULL ORDER BY start_us")
        return [rows.gap(row) for row in found]

    def list(
        self, path: str | None = None, from_us: int | None = None, to_us: int | None = None, limit: int = 100
    ) -> builtins.list[Gap]:
        """Newest first; open ones count as lasting until now."""
        sql = "SELECT * FROM gap WHERE (?1 IS NULL OR path = ?1) AND (?2 IS NULL OR stop_us IS NULL OR stop_us > ?2)"
        sql += " AND (?3 IS NULL OR start_us < ?3) ORDER BY start_us DESC LIMIT ?4"
        return [rows.gap(row) for row in self._database.read().execute(sql, (path, from_us, to_us, limit))]
