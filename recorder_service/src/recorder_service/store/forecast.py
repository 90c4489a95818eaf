"""The node's profile of the day, kept so that it survives a restart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .database import Database

#: Rows, not days: a node that stood still for weeks keeps what it knew.
KEEP_HOURS = 14 * 24


@dataclass(frozen=True, slots=True)
class RecordedHour:
    """``bytes`` that the whole node recorded in ``seconds`` of that hour."""

    bytes: int
    seconds: int

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return self.bytes / self.seconds


class RecordedHours:
    """At most `KEEP_HOURS` rows, so reading all of them costs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, hour: int, size: int, seconds: int) -> None:
        """Add a recorded minute or more to its hour; the oldest hours leave."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO recorded_hour VALUES (?1, ?2, ?3) ON CONFLICT (hour) DO UPDATE "
                "SET bytes = bytes + ?2, seconds = seconds + ?3",
                (hour, size, seconds),
            )
            connection.execute(
                "DELETE FROM recorded_hour WHERE hour <= "
                "(SELECT hour FROM recorded_hour ORDER BY hour DESC LIMIT 1 OFFSET ?)",
                (KEEP_HOURS,),
            )

        self._database.write(work)

    def all(self) -> dict[int, RecordedHour]:
        """By hour since 1970 UTC."""
        found = self._database.read().execute("SELECT hour, bytes, seconds FROM recorded_hour")
        return {row["hour"]: RecordedHour(row["bytes"], row["seconds"]) for row in found}
