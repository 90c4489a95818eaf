"""Holds in the index. Storing one takes the same mutex as every unlink, so nothing goes once it is stored."""

from __future__ import annotations

import builtins
import json
import sqlite3
import threading
from collections.abc import Callable, Sequence

from ..domain.hold import Hold, HoldReceipt, HoldState
from ..domain.segment import segment_file
from .database import Database
from .meta import get_meta, set_meta
from .refused import RefusedKind, forget_refusal, not_refused

GONE_ROWS = 500
#: Segments that a hold touches; ``h`` and ``s`` are joined by the caller.
TOUCHES = "s.stop_us > h.from_us AND (h.to_us IS NULL OR s.start_us < h.to_us)"
#: True for a segment ``s`` that any hold keeps.
HELD = (
    "EXISTS (SELECT 1 FROM hold_camera c JOIN hold h ON h.hold = c.hold "  # noqa: S608
    f"WHERE c.camera_id = s.camera_id AND {TOUCHES})"
)
_PRESENT = "s.status NOT IN ('missing', 'deleted')"
#: After a hold was stored, a row that is still leaving has lost its file already.
_KEPT = f"{_PRESENT} AND s.purge = 'live'"


class Holds:
    """``mutex``: whoever unlinks footage holds it while he reads the row and its holds once more, and unlinks.

    ``present``: whether a file (below the media root) is there; True when nobody can tell.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.mutex = threading.Lock()
        self.present: Callable[[str], bool] = lambda _file: True

    def version(self) -> int:
        """The newest version taken over; 0 asks the ERP for all."""
        return int(get_meta(self._database.read(), "holds_version") or 0)

    def take_over(
        self, holds: Sequence[Hold], version: int, now_us: int, *, trusted: bool = True
    ) -> builtins.list[HoldReceipt]:
        """Store what the ERP tells, all in one commit: doomed segments in a hold's window live again.

        A hold only grows, and leaves by a released row with a higher version only, of a database that is ``trusted``.
        Returns the receipts of the new or changed holds.
        """

        def work(connection: sqlite3.Connection) -> builtins.list[HoldReceipt]:
            believed = [hold for hold in holds if trusted or hold.state is not HoldState.RELEASED]
            receipts = [r for hold in believed if (r := _take(connection, hold, now_us, self.present)) is not None]
            newest = max([version, *(hold.version for hold in holds)])
            set_meta(connection, "holds_version", str(max(newest, int(get_meta(connection, "holds_version") or 0))))
            return receipts

        with self.mutex:
            return self._database.write(work)

    def ask_anew(self) -> None:
        """The ERP's database stepped back: ask for all of its holds, and tell it of all that are held here."""

        def work(connection: sqlite3.Connection) -> None:
            forget_refusal(connection, RefusedKind.HOLD)
            set_meta(connection, "holds_version", "0")
            _write_receipts(connection, _all(connection))

        with self.mutex:
            self._database.write(work)

    def pull_anew(self) -> None:
        """Ask for all of the ERP's holds, those that it released among them."""
        self._database.write(lambda c: set_meta(c, "holds_version", "0"))

    def save_what_is_back(self) -> int:
        """A power cut brings back what was unlinked a moment before it: where a hold came in that moment, it is kept.

        Returns how many rows live again; the receipts, which called them gone, are told anew.
        """

        def work(connection: sqlite3.Connection) -> int:
            holds = _all(connection)
            saved = sum(_rescue(connection, hold, self.present) for hold in holds)
            if saved:
                _write_receipts(connection, holds)
            return saved

        with self.mutex:
            return self._database.write(work)

    def list(self) -> list[Hold]:
        """Every hold in force."""
        return _all(self._database.read())

    def receipts(self, limit: int) -> builtins.list[HoldReceipt]:
        """What the ERP has not answered yet, the newest versions first: these a restored database has lost."""
        rows = self._database.read().execute(
            "SELECT hold, receipt FROM hold WHERE receipt IS NOT NULL "  # noqa: S608
            f"AND {not_refused(RefusedKind.HOLD, 'hold.hold')} ORDER BY version DESC LIMIT ?",
            (limit,),
        )
        told = {row["hold"]: json.loads(row["receipt"]) for row in rows}
        return [_read_receipt(hold, told[hold.hold]) for hold in reversed(self.list()) if hold.hold in told]

    def acknowledged(self, receipts: Sequence[HoldReceipt]) -> None:
        """These need not be told again, unless the hold or what it keeps changed meanwhile."""

        def work(connection: sqlite3.Connection) -> None:
            same = [r for r in receipts if _known(connection, r.hold.hold) == r.hold]
            connection.executemany(
                "UPDATE hold SET receipt = NULL WHERE hold = ? "
                "AND json_extract(receipt, '$.kept') = ? AND json_extract(receipt, '$.gone') = ?",
                [(r.hold.hold, r.kept, r.gone) for r in same],
            )

        self._database.write(work)

    def keeps(self, camera_id: int, start_us: int, stop_us: int) -> bool:
        """Whether any hold keeps that stretch of a camera."""
        sql = f"SELECT {HELD} FROM (SELECT ? AS camera_id, ? AS start_us, ? AS stop_us) s"  # noqa: S608
        return bool(self._database.read().execute(sql, (camera_id, start_us, stop_us)).fetchone()[0])

    def held_bytes(self) -> int:
        """Bytes on disk that holds keep; looks at every segment under a hold, so not for each second."""
        sql = (
            "SELECT coalesce(sum(bytes), 0) FROM (SELECT DISTINCT s.id, s.bytes FROM hold h "  # noqa: S608
            f"JOIN hold_camera c ON c.hold = h.hold JOIN segment s ON s.camera_id = c.camera_id AND {TOUCHES} "
            f"WHERE {_PRESENT})"
        )
        return int(self._database.read().execute(sql).fetchone()[0])


def _take(
    connection: sqlite3.Connection, hold: Hold, now_us: int, present: Callable[[str], bool]
) -> HoldReceipt | None:
    known = _known(connection, hold.hold)
    if hold.state is HoldState.RELEASED:
        if known is not None and known.version < hold.version:
            _drop(connection, hold.hold)
        return None
    if known is not None:
        hold = hold.joined(known)
        if hold == known:
            return None
    _drop(connection, hold.hold)
    connection.execute(
        "INSERT INTO hold (hold, version, from_us, to_us, stored_us) VALUES (?, ?, ?, ?, ?)",
        (hold.hold, hold.version, hold.from_us, hold.to_us, now_us),
    )
    connection.executemany(
        "INSERT INTO hold_camera (camera_id, hold) VALUES (?, ?)", [(c, hold.hold) for c in set(hold.cameras)]
    )
    _rescue(connection, hold, present)
    text = _receipt(connection, hold)
    connection.execute("UPDATE hold SET receipt = ? WHERE hold = ?", (text, hold.hold))
    return _read_receipt(hold, json.loads(text))


def _drop(connection: sqlite3.Connection, hold: str) -> None:
    connection.execute("DELETE FROM hold WHERE hold = ?", (hold,))
    forget_refusal(connection, RefusedKind.HOLD, hold)


def _window(hold: Hold) -> tuple[str, list[int]]:
    marks = ", ".join("?" * len(hold.cameras)) or "NULL"
    return (
        f"s.camera_id IN ({marks}) AND s.stop_us > ? AND s.start_us < ?",
        [*hold.cameras, hold.from_us, hold.to_us if hold.to_us is not None else 2**62],
    )


def _rescue(connection: sqlite3.Connection, hold: Hold, present: Callable[[str], bool]) -> int:
    """Leaving rows whose file is there live again; one that is unlinked already stays on its way to gone."""
    where, values = _window(hold)
    rows = connection.execute(
        "SELECT s.id, s.path, s.start_us, s.file, s.purge_run FROM segment s "  # noqa: S608
        f"WHERE s.purge IN ('doomed', 'confirmed') AND {where}",
        values,
    ).fetchall()
    saved = [row for row in rows if present(row["file"] or segment_file(row["path"], row["start_us"]))]
    for row in saved:
        connection.execute("UPDATE segment SET purge = 'live' WHERE id = ?", (row["id"],))
        connection.execute("UPDATE purge SET rescued = rescued + 1 WHERE run = ?", (row["purge_run"],))
    return len(saved)


def _write_receipts(connection: sqlite3.Connection, holds: Sequence[Hold]) -> None:
    for hold in holds:
        connection.execute("UPDATE hold SET receipt = ? WHERE hold = ?", (_receipt(connection, hold), hold.hold))


def _receipt(connection: sqlite3.Connection, hold: Hold) -> str:
    where, values = _window(hold)
    kept = connection.execute(
        f"SELECT count(*) AS n, coalesce(sum(bytes), 0) AS size FROM segment s WHERE {_KEPT} AND {where}",  # noqa: S608
        values,
    ).fetchone()
    gone = connection.execute(f"SELECT count(*) FROM segment s WHERE NOT ({_KEPT}) AND {where}", values).fetchone()[0]  # noqa: S608
    first = connection.execute(
        f"SELECT camera_id, start_us FROM segment s WHERE NOT ({_KEPT}) AND {where} ORDER BY start_us LIMIT ?",  # noqa: S608
        [*values, GONE_ROWS],
    ).fetchall()
    return json.dumps({"kept": kept["n"], "bytes": kept["size"], "gone": gone, "rows": [list(row) for row in first]})


def _read_receipt(hold: Hold, told: dict[str, object]) -> HoldReceipt:
    rows = tuple((int(camera), int(start)) for camera, start in told["rows"])  # type: ignore[attr-defined]
    return HoldReceipt(hold, int(str(told["kept"])), int(str(told["gone"])), int(str(told["bytes"])), rows)


def _known(connection: sqlite3.Connection, name: str) -> Hold | None:
    row = connection.execute("SELECT version, from_us, to_us FROM hold WHERE hold = ?", (name,)).fetchone()
    if row is None:
        return None
    sql = "SELECT camera_id FROM hold_camera WHERE hold = ? ORDER BY camera_id"
    cameras = tuple(camera for (camera,) in connection.execute(sql, (name,)))
    return Hold(name, row["version"], HoldState.ACTIVE, cameras, row["from_us"], row["to_us"])


def _all(connection: sqlite3.Connection) -> list[Hold]:
    cameras: dict[str, list[int]] = {}
    for row in connection.execute("SELECT hold, camera_id FROM hold_camera ORDER BY camera_id"):
        cameras.setdefault(row["hold"], []).append(row["camera_id"])
    rows = connection.execute("SELECT hold, version, from_us, to_us FROM hold ORDER BY version").fetchall()
    return [
        Hold(row["hold"], row["version"], HoldState.ACTIVE, tuple(cameras.get(row["hold"], ())), row["from_us"],
             row["to_us"])
        for row in rows
    ]  # fmt: skip
