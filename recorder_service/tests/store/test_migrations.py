"""An index that landed with an older service is taken over by each later one, with all its rows."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recorder_service.domain.event import Code, EventKind, Told
from recorder_service.domain.gap import GapReason
from recorder_service.domain.segment import SegmentStatus
from recorder_service.store import Index
from recorder_service.store.database import migrations

from ..conftest import NODE, hashed

LANDED = sorted((Path(__file__).parent / "landed").glob("schema_*.sql"))
TABLES = ("meta", "segment", "total", "gap", "event", "job", "outbox", "config")


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables that the first index had, by table."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        return {table: list(map(dict, connection.execute(f"SELECT * FROM {table} ORDER BY 1"))) for table in TABLES}


def shape(file: Path) -> dict[str, Any]:
    """Columns and indexes by table, whatever the words that made them."""
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        columns = {name: sorted(row[1:6] for row in connection.execute(f"PRAGMA table_info({name})")) for name in names}
        indexes = connection.execute(
            "SELECT tbl_name, name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY 1, 2"
        )
        return {"columns": columns, "indexes": list(indexes)}


@pytest.fixture(params=LANDED, ids=lambda path: path.stem)
def landed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An index file as an older service left it."""
    file = tmp_path / "index.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;")
        connection.executescript(request.param.read_text("utf-8"))
    return file


def test_no_row_is_lost_or_changed_on_the_way(landed: Path) -> None:
    before = rows(landed)
    assert len(before["segment"]) == 12
    Index(landed, NODE).close()
    after = rows(landed)
    for table, old in before.items():
        assert len(after[table]) >= len(old), table
        for row in old:
            assert any(row.items() <= new.items() for new in after[table]), f"{table} has no longer {row}"


def test_it_ends_in_the_shape_of_a_new_index(landed: Path, tmp_path: Path) -> None:
    Index(landed, NODE).close()
    Index(tmp_path / "new.sqlite", NODE).close()
    assert shape(landed) == shape(tmp_path / "new.sqlite")
    with closing(sqlite3.connect(landed)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == migrations()[-1][0]
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_service_goes_on_from_it(landed: Path) -> None:
    with Index(landed, NODE) as index:
        assert (index.segments.count(), index.segments.used_bytes()) == (11, 2 * sum(range(1000, 1006)) - 1004)
        pending = index.outbox.pending()
        assert (pending.segments, pending.parked, pending.events) == (4, 1, 1)
        assert [gap.reason for gap in index.gaps.list()] == [GapReason.SOURCE_LOST, GapReason.ENGINE_RESTART]
        assert index.next_seq() == 42
        statuses = {segment.status for segment in index.segments.list(path="acme-cam-08")}
        assert statuses == {SegmentStatus.OK, SegmentStatus.MISSING}
        index.segments.add(hashed(6), 1)
        assert index.segments.count("acme-cam-07") == 7
        assert index.config.load() == {}


def test_an_event_from_before_goes_as_it_was_written(landed: Path) -> None:
    with Index(landed, NODE) as index:
        fresh = Told("MediaMTX v1 records again", Code.ENGINE_UP, {"version": "v1"}).event(5, EventKind.ENGINE_UP)
        index.events.add(fresh)
        old, new = index.outbox.batch(10).events
    assert (old.kind, old.detail, old.code, old.args) == (EventKind.DISK_LOW, "{}", "", {})
    assert new == replace(fresh, seq=2)
    assert new.args == {"version": "v1"}


@pytest.mark.parametrize("file", LANDED, ids=lambda path: path.stem)
def test_landed_scripts_were_not_edited(file: Path, tmp_path: Path) -> None:
    """A script that has run on somebody's disk is history: its tables are still what it makes today."""
    number = int(re.search(r"\d+", file.stem)[0])  # type: ignore[index]
    for name, text in {
        "then": file.read_text("utf-8"),
        "now": "\n".join(sql for script, sql in migrations() if script <= number),
    }.items():
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.executescript(text)
    assert shape(tmp_path / "then") == shape(tmp_path / "now")
