"""Rows that the ERP must still hear of. Each is queued in the transaction that made or changed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ..domain.event import Event
from ..domain.gap import Gap
from ..domain.health import Pending
from ..domain.job import JobResult
from ..domain.segment import Segment
from ..domain.verdict import Verdict, VerdictCode
from . import rows
from .database import Database
from .refused import RefusedRow, count_refused, refused_rows, send_again

_REQUEUED = 10_000  # rows a commit
_RELEASED = 500  # the same, each found by its id

KINDS = ("segment", "gap", "event", "job")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which outbox row, in which version, went into a batch."""

    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one call; each list runs in parallel to its tickets."""

    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    events: tuple[Event, ...] = ()
    jobs: tuple[JobResult, ...] = ()
    tickets: dict[str, tuple[Ticket, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.segments) + len(self.gaps) + len(self.events) + len(self.jobs)


@dataclass(frozen=True, slots=True)
class Parked:
    """A row that the ERP refused, and why. Of what it refused of holds and deletion ``row`` is the name."""

    id: int
    kind: str
    row: Segment | Gap | Event | JobResult | str
    code: str
    message: str
    tries: int
    parked_us: int


def enqueue(connection: sqlite3.Connection, kind: str, ref: int) -> None:
    """Queue a row, or queue it anew with a higher version when it waits or is parked already."""
    connection.execute(
        "INSERT INTO outbox (kind, ref) VALUES (?, ?) ON CONFLICT (kind, ref) DO UPDATE "
        "SET version = version + 1, parked_us = NULL, code = '', message = '', tries = 0, told = ''",
        (kind, ref),
    )


class Outbox:
    """The queue as the ERP link sees it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batch(self, limit: int) -> Batch:
        """The oldest waiting rows, at most ``limit`` in all: results and events first (few), then gaps, segments."""
        found: dict[str, list[sqlite3.Row]] = {}
        left = limit
        for kind in ("job", "event", "gap", "segment"):
            found[kind] = self._waiting(kind, left)
            left -= len(found[kind])
        return _batch(found)

    def _waiting(self, kind: str, limit: int) -> list[sqlite3.Row]:
        sql = _SELECT[kind] + " WHERE o.kind = ? AND o.parked_us IS NULL ORDER BY o.id LIMIT ?"
        return self._database.read().execute(sql, (kind, limit)).fetchall()

    def settle(self, batch: Batch, verdicts: dict[str, Sequence[Verdict]], now_us: int) -> list[Parked]:
        """Take the ERP's answers in one commit: ok rows leave, refused ones are parked, the rest stays.

        Args:
            verdicts: by kind, one a row, in the batch's order.

        Returns:
            The rows parked by this call, without those that are refused once more as they were before `release`.

        Raises:
            ValueError: the number of verdicts is not that of the rows.
        """
        for kind in KINDS:
            if len(verdicts.get(kind, ())) != len(batch.tickets.get(kind, ())):
                raise ValueError(f"{kind}: {len(verdicts.get(kind, ()))} verdicts for another number of rows")

        def work(connection: sqlite3.Connection) -> list[int]:
            parked: list[int] = []
            for kind in KINDS:
                for ticket, verdict in zip(batch.tickets.get(kind, ()), verdicts.get(kind, ()), strict=True):
                    parked += _settle_row(connection, kind, ticket, verdict, now_us)
            return parked

        ids = set(self._database.write(work))
        return [parked for parked in self.parked() if parked.id in ids] if ids else []

    def park(self, kind: str, ticket: Ticket, verdict: Verdict, now_us: int) -> None:
        """Park one row that makes the whole call fail."""
        self._database.write(lambda c: _settle_row(c, kind, ticket, verdict, now_us))

    def suspect(self, before_us: int, now_us: int, *, soon: bool) -> Batch | None:
        """The row that the ERP broke on, alone, whose turn it is: parked before that time, or (``soon``) tried once."""
        turn = "o.code = ? AND o.parked_us IS NOT NULL AND (o.parked_us < ? OR o.parked_us > ? OR (? AND o.tries <= 1))"
        found: list[tuple[str, sqlite3.Row]] = []
        for kind in KINDS:
            sql = f"{_SELECT[kind]} WHERE o.kind = ? AND {turn} ORDER BY o.parked_us LIMIT 1"
            values = (kind, VerdictCode.FAULT.value, before_us, now_us, soon)
            row = self._database.read().execute(sql, values).fetchone()
            found += [(kind, row)] if row else []
        if not found:
            return None
        kind, row = min(found, key=lambda one: one[1]["parked_us"])
        return _batch({kind: [row]})

    def release(self, code: VerdictCode, *, quietly: bool = False) -> int:
        """Send all rows again that were parked for that reason, which has passed; returns how many.

        In several commits, so that new footage is indexed in between. `quietly`: it may not have passed, and the same
        refusal once more is no news.
        """
        sql = "SELECT id FROM outbox WHERE parked_us IS NOT NULL AND code = ?"
        ids = [row[0] for row in self._database.read().execute(sql, (code.value,))]
        told = code.value if quietly else ""
        steps = [ids[at : at + _RELEASED] for at in range(0, len(ids), _RELEASED)]
        return sum(self._database.write(partial(_release, ids=step, told=told)) for step in steps)

    def parked(self) -> list[Parked]:
        """All parked rows, oldest first, with what was refused of holds and deletion."""
        found = []
        for kind in KINDS:
            sql = _SELECT[kind] + " WHERE o.kind = ? AND o.parked_us IS NOT NULL ORDER BY o.id"
            for row in self._database.read().execute(sql, (kind,)):
                found.append(
                    Parked(
                        row["outbox_id"], kind, _MAKE[kind](row), row["refusal"], row["message"], row["tries"],
                        row["parked_us"],
                    )
                )  # fmt: skip
        found += map(_refused, refused_rows(self._database.read()))
        return sorted(found, key=lambda parked: parked.id)

    def retry(self, ids: Sequence[int] | None = None) -> int:
        """Send parked rows again (all, or those ids); returns how many."""

        def work(connection: sqlite3.Connection) -> int:
            wanted = ids if ids is not None else [
                row[0] for row in connection.execute("SELECT id FROM outbox WHERE parked_us IS NOT NULL")
            ]  # fmt: skip
            return send_again(connection, ids) + _release(connection, wanted)

        return self._database.write(work)

    def has_waiting(self) -> bool:
        """True when a row waits to be sent."""
        sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE parked_us IS NULL)"
        return bool(self._database.read().execute(sql).fetchone()[0])

    def behind(self, rows: int) -> bool:
        """True when more segments than that wait; costs at most so many steps."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE kind = 'segment' AND parked_us IS NULL LIMIT ?)"
        return int(self._database.read().execute(sql, (rows + 1,)).fetchone()[0]) > rows

    def requeue_all(self) -> int:
        """Queue every segment and gap that is not queued (the ERP lost rows it had acknowledged); returns how many.

        In several commits, so that new footage is indexed in between.
        """
        return sum(self._requeue(kind) for kind in ("gap", "segment"))

    def _requeue(self, kind: str) -> int:
        newest = int(self._database.read().execute(f"SELECT coalesce(max(id), 0) FROM {kind}").fetchone()[0])  # noqa: S608
        sql = (
            f"INSERT INTO outbox (kind, ref) SELECT '{kind}', id FROM {kind} "  # noqa: S608
            "WHERE id > ? AND id <= ? ORDER BY id ON CONFLICT (kind, ref) DO NOTHING"
        )
        steps = [(low, min(low + _REQUEUED, newest)) for low in range(0, newest, _REQUEUED)]
        return sum(self._execute(sql, step) for step in steps)

    def _execute(self, sql: str, values: tuple[int, int]) -> int:
        return self._database.write(lambda c: c.execute(sql, values).rowcount)

    def pending(self) -> Pending:
        """How many rows wait or are parked."""
        read = self._database.read()
        waiting = "SELECT count(*) FROM outbox WHERE kind = ? AND parked_us IS NULL"
        counts = {kind: read.execute(waiting, (kind,)).fetchone()[0] for kind in KINDS}
        parked = read.execute("SELECT count(*) FROM outbox WHERE parked_us IS NOT NULL").fetchone()[0]
        refused = count_refused(read)
        return Pending(counts["segment"], counts["gap"], parked + refused, counts["event"], counts["job"])


def _refused(row: RefusedRow) -> Parked:
    return Parked(row.id, row.kind, row.name, row.code, row.message, 1, row.parked_us)


_SELECT = {
    kind: f"SELECT o.id AS outbox_id, o.version, o.tries, o.parked_us, o.code AS refusal, o.message, t.* "  # noqa: S608
    f"FROM outbox o JOIN {kind} t ON t.{'seq' if kind == 'event' else 'id'} = o.ref"
    for kind in KINDS
}
_MAKE: dict[str, Callable[[sqlite3.Row], Segment | Gap | Event | JobResult]] = {
    "segment": rows.segment,
    "gap": rows.gap,
    "event": rows.event,
    "job": rows.job_result,
}


def _batch(found: Mapping[str, list[sqlite3.Row]]) -> Batch:
    found = {kind: found.get(kind, []) for kind in KINDS}
    return Batch(
        segments=tuple(map(rows.segment, found["segment"])),
        gaps=tuple(map(rows.gap, found["gap"])),
        events=tuple(map(rows.event, found["event"])),
        jobs=tuple(map(rows.job_result, found["job"])),
        tickets={k: tuple(Ticket(r["outbox_id"], r["version"]) for r in v) for k, v in found.items()},
    )


def _release(connection: sqlite3.Connection, ids: Iterable[int], told: str = "") -> int:
    """Let parked rows wait again; returns how many. `told`: the refusal that is no news of them."""
    sql = (
        "UPDATE outbox SET parked_us = NULL, tries = 0, code = '', message = '', told = ? "
        "WHERE id = ? AND parked_us IS NOT NULL"
    )
    return sum(connection.execute(sql, (told, row_id)).rowcount for row_id in ids)


def _settle_row(connection: sqlite3.Connection, kind: str, ticket: Ticket, verdict: Verdict, now_us: int) -> list[int]:
    if verdict.ok:
        _done(connection, kind, ticket)
        return []
    parked_us = now_us if verdict.parks else None
    changed = connection.execute(
        "UPDATE outbox SET tries = tries + 1, parked_us = ?, code = ?, message = ? WHERE id = ? AND version = ? "
        "RETURNING told",
        (parked_us, verdict.code, verdict.message, ticket.id, ticket.version),
    ).fetchone()
    return [ticket.id] if changed and verdict.parks and changed["told"] != verdict.code else []


def _done(connection: sqlite3.Connection, kind: str, ticket: Ticket) -> None:
    # A row that changed on the way has a higher version: it stays queued and goes again.
    row = connection.execute(
        "DELETE FROM outbox WHERE id = ? AND version = ? RETURNING ref", (ticket.id, ticket.version)
    ).fetchone()
    if row is None:
        return
    if kind == "segment":
        connection.execute("UPDATE segment SET state = 'synced' WHERE id = ?", (row["ref"],))
    elif kind == "event":
        connection.execute("DELETE FROM event WHERE seq = ?", (row["ref"],))
    elif kind == "job":
        connection.execute("DELETE FROM job WHERE id = ?", (row["ref"],))
