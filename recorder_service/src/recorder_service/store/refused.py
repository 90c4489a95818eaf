"""What the ERP refused of holds and deletion: kept with the reason, until a person sends it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..domain.verdict import Verdict
from .database import Database


class RefusedKind(StrEnum):
    HOLD = "hold"  # the receipt of one
    DELETION = "deletion"
    PURGE = "purge"  # its end


@dataclass(frozen=True, slots=True)
class Refusal:
    """``ref`` is the hold's UUID, the segment's id or the purge's run; ``name`` is what people are shown.

    ``version``: of the hold that was told; one that has changed since is told anew.
    """

    kind: RefusedKind
    ref: str
    name: str
    verdict: Verdict
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refusal in the index."""

    id: int
    kind: str
    name: str
    code: str
    message: str
    parked_us: int


class Refused:
    """The rows themselves stay where they are, untold; here stands that they are not to be told for now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def park(self, refusals: Iterable[Refusal], now_us: int) -> list[RefusedRow]:
        """Keep what was refused, in one commit."""

        def work(connection: sqlite3.Connection) -> list[RefusedRow]:
            return [_park(connection, refusal, now_us) for refusal in refusals if _stands(connection, refusal)]

        return self._database.write(work)


def refused_rows(connection: sqlite3.Connection) -> list[RefusedRow]:
    """All of them, oldest first."""
    columns = "id, kind, name, code, message, parked_us"
    return [RefusedRow(*row) for row in connection.execute(f"SELECT {columns} FROM refused ORDER BY id")]  # noqa: S608


def count_refused(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM refused").fetchone()[0])


def send_again(connection: sqlite3.Connection, ids: Iterable[int] | None) -> int:
    """Tell those again (None: all); returns how many."""
    if ids is None:
        return connection.execute("DELETE FROM refused").rowcount
    return sum(connection.execute("DELETE FROM refused WHERE id = ?", (row_id,)).rowcount for row_id in ids)


def not_refused(kind: RefusedKind, ref: str) -> str:
    """SQL: true for a row that may be told; ``ref`` names its column, of text."""
    return f"NOT EXISTS (SELECT 1 FROM refused r WHERE r.kind = '{kind}' AND r.ref = {ref})"  # noqa: S608


def forget_refusal(connection: sqlite3.Connection, kind: RefusedKind, ref: str | None = None) -> None:
    """What was refused has changed, or goes again with all of its kind."""
    if ref is None:
        connection.execute("DELETE FROM refused WHERE kind = ?", (kind.value,))
    else:
        connection.execute("DELETE FROM refused WHERE kind = ? AND ref = ?", (kind.value, ref))


def _stands(connection: sqlite3.Connection, refusal: Refusal) -> bool:
    if refusal.version is None:
        return True
    sql = "SELECT EXISTS (SELECT 1 FROM hold WHERE hold = ? AND version = ?)"
    return bool(connection.execute(sql, (refusal.ref, refusal.version)).fetchone()[0])


def _park(connection: sqlite3.Connection, refusal: Refusal, now_us: int) -> RefusedRow:
    row_id = connection.execute(
        "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'outbox' RETURNING seq"
    ).fetchone()[0]
    row = RefusedRow(row_id, refusal.kind.value, refusal.name, refusal.verdict.code, refusal.verdict.message, now_us)
    connection.execute(
        "INSERT OR REPLACE INTO refused (id, kind, ref, name, code, message, parked_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (row.id, row.kind, refusal.ref, row.name, row.code, row.message, row.parked_us),
    )
    return row
