"""Heads of the custody ledger, kept outside Odoo's database."""

from __future__ import annotations

import sqlite3

from ..domain.custody import Head, SeenHead
from ..domain.times import DAY_US, SECOND_US
from .database import Database

_MINUTE_US = 60 * SECOND_US

# The first and the last of each stretch of time stay: the first was seen earliest, the last covers most.
_THIN = """
    DELETE FROM custody_anchor WHERE (company_id, seq, hash) IN (
        SELECT company_id, seq, hash FROM (
            SELECT company_id, seq, hash,
                   row_number() OVER (PARTITION BY company_id, at_us / :length ORDER BY at_us, seq, hash) AS place,
                   count(*) OVER (PARTITION BY company_id, at_us / :length) AS places
              FROM custody_anchor WHERE at_us >= :since AND at_us < :until)
         WHERE place > 1 AND place < places)
"""


class Anchors:
    """At least one head a minute for the last day, and one a day for ever, of those that were told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, head: Head, now_us: int) -> bool:
        """Keep a head for good before this returns; False when it is known."""
        values = (head.company_id, head.seq, bytes.fromhex(head.hash))
        known = self._database.read().execute(
            "SELECT 1 FROM custody_anchor WHERE company_id = ? AND seq = ? AND hash = ?", values
        )
        if known.fetchone():
            return False

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO custody_anchor VALUES (?, ?, ?, ?)", (*values, now_us))
            self._thin(connection, now_us)

        self._database.write(work)
        return True

    def _thin(self, connection: sqlite3.Connection, now_us: int) -> None:
        """Whole minutes and, a day later, whole days that are over."""
        minute = now_us - now_us % _MINUTE_US
        day = (now_us - DAY_US) // DAY_US * DAY_US
        for length, since, until in ((_MINUTE_US, day, minute), (DAY_US, 0, day)):
            connection.execute(_THIN, {"length": length, "since": since, "until": until})

    def told(self) -> list[SeenHead]:
        """What goes to Odoo with each call: the head with the highest number, and one of the others by chance."""
        newest = self._select("ORDER BY seq DESC, at_us LIMIT 1")
        if not newest:
            return []
        head = newest[0].head
        key = (head.company_id, head.seq, bytes.fromhex(head.hash))
        other = self._select("WHERE (company_id, seq, hash) <> (?, ?, ?) ORDER BY random() LIMIT 1", *key)
        return newest + other

    def all(self) -> list[SeenHead]:
        """Oldest number first."""
        return self._select("ORDER BY company_id, seq, at_us")

    def _select(self, rest: str, *values: object) -> list[SeenHead]:
        rows = self._database.read().execute(f"SELECT * FROM custody_anchor {rest}", values)  # noqa: S608
        return [SeenHead(Head(row["company_id"], row["seq"], row["hash"].hex()), row["at_us"]) for row in rows]
