"""Purges in the index: which segments leave, in which state, under which purge.

Every change of a row on its way out is committed before the next step is taken (``synchronous=FULL``):
doomed with the intent, confirmed, and gone only once the file is absent and its folder fsynced. An exact account of
deletion over any crash follows from that order alone.
"""

from __future__ import annotations

import builtins
import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass

from ..domain.purge import Cutoff, Deletion, Purge, PurgeState, Share
from ..domain.said import coded, recoded
from ..domain.segment import SegmentStatus, segment_file
from ..domain.times import SECOND_US
from . import totals
from .cutoffs import FREE, cutoffs_tag, unheld
from .database import Database
from .holds import HELD
from .meta import get_meta, set_meta
from .outbox import enqueue
from .refused import RefusedKind, forget_refusal, not_refused
from .segments import change_status

_AHEAD_US = 3600 * SECOND_US
_REFUSED = "park_refused"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A row on its way out."""

    id: int
    file: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """How many files the disk did not let go, and what it said of the newest of them."""

    count: int = 0
    words: str = ""
    file: str = ""


class Purges:
    """At most one purge is under way, and at most one waits for a person beside it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self) -> Purge | None:
        """The purge under way: released, asked or confirmed."""
        return self._first("state IN ('released', 'asked', 'confirmed')")

    def parked(self) -> Purge | None:
        """The purge that waits for a person."""
        return self._first("state = 'parked'")

    def _first(self, where: str) -> Purge | None:
        row = self._database.read().execute(f"SELECT * FROM purge WHERE {where} ORDER BY id LIMIT 1").fetchone()  # noqa: S608
        return _purge(row) if row else None

    def park(self, shares: Sequence[Share], reason: str, now_us: int) -> Purge:
        """Keep what a person is to decide, or bring it up to date; nothing is doomed."""

        def work(connection: sqlite3.Connection) -> Purge:
            tag = cutoffs_tag(connection)
            row = connection.execute("SELECT run FROM purge WHERE state = 'parked'").fetchone()
            if row is None:
                return _add(connection, Purge(str(uuid.uuid4()), PurgeState.PARKED, tag, tuple(shares), reason), now_us)
            connection.execute(
                "UPDATE purge SET tag = ?, reason = ?, said = ?, shares = ? WHERE run = ?",
                (tag, reason, json.dumps(coded(reason)), _dump(shares), row["run"]),
            )
            return Purge(row["run"], PurgeState.PARKED, tag, tuple(shares), reason)

        return self._database.write(work)

    def doom(
        self,
        cutoffs: Mapping[int, Cutoff],
        limit: int,
        blocks: Callable[[str], int | None],
        now_us: int,
        *,
        run: str | None = None,
    ) -> Purge | None:
        """Choose at most ``limit`` due, unheld segments and commit that intent with them.

        Args:
            blocks: bytes that a file takes on disk, None when it is absent: its row is marked missing instead.
            run: a purge that a person released, to be carried out under its own name.

        Returns:
            The purge in state ASKED, or None when nothing is due.
        """

        def work(connection: sqlite3.Connection) -> Purge | None:
            name = run or str(uuid.uuid4())
            shares, left = [], limit
            for cutoff in cutoffs.values():
                share = _doom_camera(connection, cutoff, name, left, blocks)
                if share is not None:
                    shares.append(share)
                    left -= share.segments
            if run is not None:
                if shares:
                    return _restate(connection, run, tuple(shares))
                self.cancel(run, "nothing of it is due any more", now_us)
                return None
            return (
                _add(connection, Purge(name, PurgeState.ASKED, cutoffs_tag(connection), tuple(shares)), now_us)
                if shares
                else None
            )

        return self._database.write(work)

    def release(self, run: str) -> None:
        """A person gave leave for a parked purge."""
        self._set_state(run, PurgeState.RELEASED, (PurgeState.PARKED,))

    def park_again(self, run: str) -> None:
        """There is more than that person saw."""
        self._set_state(run, PurgeState.PARKED, (PurgeState.RELEASED,))

    def refused(self) -> set[int]:
        """Cameras of which a person refused what waited for a word."""
        return _cameras(self._database.read())

    def refuse(self, cameras: Sequence[int]) -> None:
        self._database.write(lambda c: _set_refused(c, _cameras(c) | set(cameras)))

    def ask_again(self, cameras: Set[int]) -> None:
        """A person is asked about these once more."""
        if cameras:
            self._database.write(lambda c: _set_refused(c, _cameras(c) - cameras))

    def confirm(self, run: str) -> None:
        """The ERP said go; holds of that answer are stored. Rows that a hold took back stay out."""

        def work(connection: sqlite3.Connection) -> None:
            _change_state(connection, run, PurgeState.CONFIRMED, (PurgeState.ASKED,))
            connection.execute(
                "UPDATE segment SET purge = 'confirmed' WHERE purge_run = ? AND purge = 'doomed'", (run,)
            )

        self._database.write(work)

    def cancel(self, run: str, reason: str, now_us: int) -> None:
        """What is left of this purge lives again. It is done when something of it went before, a restart ago."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE segment SET purge = 'live' WHERE purge_run = ? AND purge = 'doomed'", (run,))
            went = _gone_shares(connection, run)
            state = PurgeState.DONE if went else PurgeState.CANCELLED
            connection.execute(
                "UPDATE purge SET state = ?, shares = coalesce(?, shares), reason = ?, said = '{}', ended_us = ? "
                "WHERE run = ? AND state IN ('parked', 'released', 'asked')",
                (state.value, _dump(went) if went else None, reason, now_us, run),
            )

        self._database.write(work)

    def reopen(self, run: str) -> None:
        """After a start: what was confirmed is asked about once more."""

        def work(connection: sqlite3.Connection) -> None:
            _change_state(connection, run, PurgeState.ASKED, (PurgeState.CONFIRMED,))
            connection.execute(
                "UPDATE segment SET purge = 'doomed' WHERE purge_run = ? AND purge = 'confirmed'", (run,)
            )

        self._database.write(work)

    def leaving(self, run: str, limit: int, after: int = 0) -> builtins.list[Leaving]:
        """Confirmed rows with an id above ``after`` that are not settled yet, oldest id first."""
        rows = self._database.read().execute(
            "SELECT id, path, start_us, file FROM segment WHERE purge_run = ? AND purge = 'confirmed' AND id > ? "
            "ORDER BY id LIMIT ?",
            (run, after, limit),
        )
        return [Leaving(row["id"], row["file"] or segment_file(row["path"], row["start_us"])) for row in rows]

    def may_unlink(self, row_id: int) -> bool:
        """Read once more, under the mutex of the holds: confirmed still, and no hold keeps it."""
        sql = f"SELECT 1 FROM segment s WHERE s.id = ? AND s.purge = 'confirmed' AND NOT {HELD}"  # noqa: S608
        return self._database.read().execute(sql, (row_id,)).fetchone() is not None

    def settle(self, ids: Sequence[int], now_us: int) -> int:
        """Files that are absent, their folders fsynced: their rows are gone. Returns how many were."""
        return self._database.write(lambda c: sum(_gone(c, row_id, now_us) for row_id in ids))

    def set_aside(self, run: str, failed: Mapping[int, str]) -> None:
        """Files that the disk would not let go (row id -> its words): they live, and are not chosen for now."""
        reason = f"the disk did not let go of all: {next(iter(failed.values()))}"

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE segment SET purge = 'live' WHERE id = ? AND purge = 'confirmed'", [(row,) for row in failed]
            )
            connection.executemany("INSERT OR REPLACE INTO stuck VALUES (?, ?)", failed.items())
            connection.execute("UPDATE purge SET reason = ?, said = '{}' WHERE run = ?", (reason, run))

        self._database.write(work)

    def stuck(self) -> Stuck:
        """What was set aside and is not yet tried again."""
        read = self._database.read()
        row = read.execute("SELECT count(*) AS n, max(segment) AS newest, words FROM stuck").fetchone()
        if not row["n"]:
            return Stuck()
        named = read.execute("SELECT path, start_us, file FROM segment WHERE id = ?", (row["newest"],)).fetchone()
        return Stuck(row["n"], row["words"], named["file"] or segment_file(named["path"], named["start_us"]))

    def unstick(self) -> None:
        """Let what was set aside be chosen again."""
        self._database.write(lambda c: c.execute("DELETE FROM stuck"))

    def end(self, run: str, now_us: int) -> Purge | None:
        """Close a confirmed purge of which nothing is left to do; None while something is."""

        def work(connection: sqlite3.Connection) -> Purge | None:
            left = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM segment WHERE purge_run = ? AND purge IN ('doomed', 'confirmed'))", (run,)
            ).fetchone()[0]
            if left:
                return None
            connection.execute(
                "UPDATE purge SET state = 'done', ended_us = ?, shares = ? WHERE run = ? AND state = 'confirmed'",
                (now_us, _dump(_gone_shares(connection, run)), run),
            )
            return _purge(connection.execute("SELECT * FROM purge WHERE run = ?", (run,)).fetchone())

        return self._database.write(work)

    # -- what the ERP must still hear --------------------------------------------------------------------

    def ended(self, limit: int = 50) -> builtins.list[Purge]:
        rows = self._database.read().execute(
            "SELECT * FROM purge WHERE told = 0 AND state IN ('done', 'cancelled') "  # noqa: S608
            f"AND {not_refused(RefusedKind.PURGE, 'purge.run')} ORDER BY id LIMIT ?",
            (limit,),
        )
        return [_purge(row) for row in rows]

    def ended_told(self, runs: Sequence[str]) -> None:
        self._database.write(
            lambda c: c.executemany("UPDATE purge SET told = 1 WHERE run = ?", [(run,) for run in runs])
        )

    def untold(self, limit: int) -> builtins.list[Deletion]:
        """Gone segments of which the ERP does not know yet that they are."""
        rows = self._database.read().execute(
            "SELECT id, camera_id, start_us, gone_us, purge_run, freed FROM segment "  # noqa: S608
            "WHERE purge = 'gone' AND gone_told = 0 "
            f"AND {not_refused(RefusedKind.DELETION, 'CAST(segment.id AS TEXT)')} ORDER BY id LIMIT ?",
            (limit,),
        )
        return [
            Deletion(row["id"], row["camera_id"], row["start_us"], row["gone_us"], row["purge_run"], row["freed"] or 0)
            for row in rows
        ]

    def told(self, ids: Sequence[int]) -> None:
        self._database.write(
            lambda c: c.executemany("UPDATE segment SET gone_told = 1 WHERE id = ?", [(row_id,) for row_id in ids])
        )

    def tell_again(self) -> None:
        """The ERP's database stepped back: tell of each gone segment and of each purge that it refused."""

        def work(connection: sqlite3.Connection) -> None:
            for kind in (RefusedKind.DELETION, RefusedKind.PURGE):
                forget_refusal(connection, kind)
            connection.execute("UPDATE segment SET gone_told = 0 WHERE purge = 'gone'")

        self._database.write(work)

    def unfuture(self, now_us: int) -> int:
        """Nothing was first seen later than now: what a clock that stood ahead has stamped is brought back.

        Called only while the clock is believed. Returns how many rows.
        """

        def work(connection: sqlite3.Connection) -> int:
            newest = connection.execute(
                "SELECT first_seen_us FROM segment WHERE id = (SELECT max(id) FROM segment)"
            ).fetchone()
            if newest is None or newest[0] <= now_us + _AHEAD_US:
                return 0
            sql = "UPDATE segment SET first_seen_us = ?1 WHERE first_seen_us > ?1"
            return connection.execute(sql, (now_us,)).rowcount

        return self._database.write(work)

    def forget(self, before_us: int, limit: int) -> int:
        """Drop rows that went before that and of which the ERP knows; the newest of each camera stays, for gaps.

        Returns how many.
        """
        sql = (
            "DELETE FROM segment WHERE id IN (SELECT s.id FROM segment s WHERE s.purge = 'gone' AND s.gone_told = 1 "
            "AND s.gone_us < ? AND s.id <> (SELECT max(id) FROM segment n WHERE n.path = s.path) "
            "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'segment' AND o.ref = s.id) LIMIT ?)"
        )
        return self._database.write(lambda c: c.execute(sql, (before_us, limit)).rowcount)

    def list(self, limit: int = 50) -> builtins.list[tuple[Purge, int, int | None]]:
        """Newest first, with when each was made and ended (µs)."""
        rows = self._database.read().execute("SELECT * FROM purge ORDER BY id DESC LIMIT ?", (limit,))
        return [(_purge(row), row["made_us"], row["ended_us"]) for row in rows]

    def _set_state(self, run: str, state: PurgeState, source: Sequence[PurgeState]) -> None:
        self._database.write(lambda c: _change_state(c, run, state, source))


def _cameras(connection: sqlite3.Connection) -> set[int]:
    return set(json.loads(get_meta(connection, _REFUSED) or "[]"))


def _set_refused(connection: sqlite3.Connection, cameras: Set[int]) -> None:
    set_meta(connection, _REFUSED, json.dumps(sorted(cameras)))


def _doom_camera(
    connection: sqlite3.Connection, cutoff: Cutoff, run: str, limit: int, blocks: Callable[[str], int | None]
) -> Share | None:
    sql = f"SELECT s.* FROM segment s WHERE {FREE} ORDER BY s.start_us LIMIT ?"  # noqa: S608
    rows: builtins.list[sqlite3.Row] = []
    for span in unheld(connection, cutoff):
        rows += connection.execute(sql, (cutoff.camera_id, *span, cutoff.cutoff_us, limit - len(rows))).fetchall()
    taken = []
    for row in rows:
        freed = blocks(row["file"] or segment_file(row["path"], row["start_us"]))
        if freed is None:
            # it went without our doing: that is told, and is no deletion
            change_status(connection, row, SegmentStatus.MISSING)
            continue
        connection.execute(
            "UPDATE segment SET purge = 'doomed', purge_run = ?, freed = ? WHERE id = ?", (run, freed, row["id"])
        )
        taken.append(row)
    if not taken:
        return None
    return Share(
        cutoff.camera_id,
        len(taken),
        sum(row["bytes"] for row in taken),
        min(row["start_us"] for row in taken),
        max(row["stop_us"] for row in taken),
    )


def _gone(connection: sqlite3.Connection, row_id: int, now_us: int) -> int:
    row = connection.execute(
        "UPDATE segment SET purge = 'gone', status = 'deleted', gone_us = ? WHERE id = ? AND purge = 'confirmed' "
        "RETURNING path, bytes, state, freed, purge_run",
        (now_us, row_id),
    ).fetchone()
    if row is None:
        return 0
    totals.subtract(connection, row["path"], row["bytes"])
    connection.execute("UPDATE purge SET freed = freed + ? WHERE run = ?", (row["freed"] or 0, row["purge_run"]))
    if row["state"] != "synced":
        # the ERP has not heard of it at all: it does, in its last state
        enqueue(connection, "segment", row_id)
    return 1


def _gone_shares(connection: sqlite3.Connection, run: str) -> tuple[Share, ...]:
    rows = connection.execute(
        "SELECT camera_id, count(*) AS n, sum(bytes) AS size, min(start_us) AS first, max(stop_us) AS last "
        "FROM segment WHERE purge_run = ? AND purge = 'gone' GROUP BY camera_id",
        (run,),
    )
    return tuple(Share(row["camera_id"], row["n"], row["size"], row["first"], row["last"]) for row in rows)


def _add(connection: sqlite3.Connection, purge: Purge, now_us: int) -> Purge:
    connection.execute(
        "INSERT INTO purge (run, state, tag, reason, said, shares, made_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            purge.run,
            purge.state.value,
            purge.tag,
            purge.reason,
            json.dumps(coded(purge.reason)),
            _dump(purge.shares),
            now_us,
        ),
    )
    return purge


def _restate(connection: sqlite3.Connection, run: str, shares: tuple[Share, ...]) -> Purge:
    _change_state(connection, run, PurgeState.ASKED, (PurgeState.RELEASED,))
    connection.execute("UPDATE purge SET shares = ? WHERE run = ?", (_dump(shares), run))
    return _purge(connection.execute("SELECT * FROM purge WHERE run = ?", (run,)).fetchone())


def _change_state(connection: sqlite3.Connection, run: str, state: PurgeState, source: Sequence[PurgeState]) -> None:
    marks = ", ".join("?" * len(source))
    connection.execute(
        f"UPDATE purge SET state = ? WHERE run = ? AND state IN ({marks})",  # noqa: S608
        (state.value, run, *(s.value for s in source)),
    )


def _dump(shares: Sequence[Share]) -> str:
    return json.dumps([asdict(share) for share in shares])


def _purge(row: sqlite3.Row) -> Purge:
    shares = tuple(Share(**share) for share in json.loads(row["shares"]))
    said = json.loads(row["said"])
    reason = recoded(row["reason"], said.get("code", ""), said.get("args", {}))
    return Purge(row["run"], PurgeState(row["state"]), row["tag"], shares, reason, row["rescued"], row["freed"])
