"""Single facts of the index, inside a transaction or out of one."""

from __future__ import annotations

import sqlite3


def get_meta(connection: sqlite3.Connection, key: str) -> str | None:
    """The value of a fact, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row["value"] if row else None


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a fact, in place of the one before."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )
