"""What a new index takes over from the one before, where that can still be read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from .database import Database
from .index import Index

#: Holds first of all: a hold ends by a release alone, never because an index was lost.
_TABLES = ("hold", "hold_camera", "custody_anchor", "config", "gap")


def inherit(index: Index, old: Path) -> dict[str, int]:
    """Copy holds, heads of the custody ledger, the configuration and gaps; returns rows by table.

    A table that cannot be read is left out: a damaged index is the usual reason for making a new one.
    """
    found: dict[str, int] = {}
    with closing(sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        for table in _TABLES:
            found[table] = _copy(index.database, connection, table)
    return found


def _copy(database: Database, source: sqlite3.Connection, table: str) -> int:
    try:
        rows = source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    except sqlite3.DatabaseError:
        return 0
    if not rows:
        return 0
    columns = [name for name in rows[0].keys() if not (table == "gap" and name == "id")]  # noqa: SIM118
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
    values = [tuple(row[name] for name in columns) for row in rows]
    return database.write(lambda c: c.executemany(sql, values).rowcount)
