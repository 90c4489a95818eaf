"""Events on their way to the ERP."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from ..domain.event import Event
from .database import Database
from .outbox import enqueue


class Events:
    """Kept until the ERP has acknowledged them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event: Event) -> Event:
        """Store and queue; returns the event with its sequence number."""

        def work(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                "INSERT INTO event (at_us, kind, camera_id, detail, code, args) VALUES (?, ?, ?, ?, ?, ?)",
                (event.at_us, event.kind.value, event.camera_id, event.detail, event.code, json.dumps(event.args)),
            )
            seq = cursor.lastrowid or 0
            enqueue(connection, "event", seq)
            return seq

        return replace(event, seq=self._database.write(work))
