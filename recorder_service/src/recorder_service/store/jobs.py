"""Jobs that the ERP handed over, until their results are acknowledged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from ..domain.job import Job, JobResult
from ..domain.said import coded
from . import rows
from .database import Database
from .outbox import enqueue


class Jobs:
    """A claimed job survives a restart and is done again then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, jobs: Iterable[Job], now_us: int) -> None:
        """Store jobs; one that is known already stays as it is."""
        values = [(j.id, j.kind.value, j.camera_id, json.dumps(dict(j.params)), now_us) for j in jobs]
        self._database.write(
            lambda c: c.executemany(
                "INSERT INTO job (id, kind, camera_id, params, state, at_us) VALUES (?, ?, ?, ?, 'claimed', ?) "
                "ON CONFLICT (id) DO NOTHING",
                values,
            )
        )

    def refuse(self, ids: Iterable[int], error: str, now_us: int) -> None:
        """Answer jobs that this service cannot do."""

        def work(connection: sqlite3.Connection) -> None:
            for number in ids:
                new = connection.execute(
                    "INSERT INTO job (id, kind, camera_id, params, state, result, error, at_us) "
                    "VALUES (?, '', 0, '{}', 'failed', ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                    (number, json.dumps(coded(error)), error, now_us),
                ).rowcount
                if new:
                    enqueue(connection, "job", number)

        self._database.write(work)

    def claimed(self) -> list[Job]:
        """What is still to be done, oldest first."""
        return [
            rows.job(row)
            for row in self._database.read().execute("SELECT * FROM job WHERE state = 'claimed' ORDER BY id")
        ]

    def finish(self, result: JobResult) -> None:
        """Store a result and queue it; the parameters (a trial password) leave the disk's live pages."""

        def work(connection: sqlite3.Connection) -> None:
            changed = connection.execute(
                "UPDATE job SET state = ?, result = ?, error = ?, params = '{}' WHERE id = ? AND state = 'claimed'",
                (result.state.value, json.dumps(dict(result.result)), result.error, result.id),
            ).rowcount
            if changed:
                enqueue(connection, "job", result.id)

        self._database.write(work)
