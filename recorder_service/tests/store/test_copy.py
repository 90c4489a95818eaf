"""A copy of an index in use is whole, of one moment, and never in the writer's way."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from recorder_service.store import Index
from recorder_service.store.copy import check_index, copy_index
from recorder_service.store.database import DatabaseError
from recorder_service.store.digest import segment_digests
from recorder_service.store.epoch import renew_epoch

from ..conftest import hashed


def counts(file: Path) -> tuple[int, int, int]:
    """Segments, what their totals say, and waiting rows: three tables that one commit changes."""
    with closing(sqlite3.connect(file)) as connection:
        what = ("count(*) FROM segment", "coalesce(sum(segments), 0) FROM total", "count(*) FROM outbox")
        first, second, third = (connection.execute(f"SELECT {words}").fetchone()[0] for words in what)
        return first, second, third


def test_a_copy_made_while_rows_come_in_is_of_one_moment(index: Index, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            index.segments.add(hashed(number), 1)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(8):
            copy_index(index.database.file, tmp_path / f"copy-{number}")
    finally:
        ended.set()
        writer.join()
    seen = [counts(tmp_path / f"copy-{number}") for number in range(8)]
    assert all(a == b == c for a, b, c in seen), seen
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_it_holds_what_the_file_alone_does_not(index: Index, tmp_path: Path) -> None:
    for number in range(20):
        index.segments.add(hashed(number), 1)
    copy_index(index.database.file, tmp_path / "copy")
    shutil.copyfile(index.database.file, tmp_path / "file-alone")
    assert counts(tmp_path / "copy") == (20, 20, 20)
    with closing(sqlite3.connect(tmp_path / "file-alone")) as alone:
        tables = alone.execute("SELECT count(*) FROM sqlite_master WHERE name = 'segment'").fetchone()[0]
        assert not tables or alone.execute("SELECT count(*) FROM segment").fetchone()[0] < 20


def test_it_is_one_private_file(index: Index, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    copy_index(index.database.file, tmp_path / "there" / "copy")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["copy"]
    assert stat.S_IMODE((tmp_path / "there" / "copy").stat().st_mode) == 0o600


def test_an_existing_file_is_not_replaced(index: Index, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(DatabaseError, match="exists and is not replaced"):
        copy_index(index.database.file, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no index"):
        copy_index(tmp_path / "nothing", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_damaged_index_leaves_no_copy(index: Index, tmp_path: Path) -> None:
    for number in range(400):
        index.segments.add(hashed(number), 1)
    index.close()
    content = bytearray(index.database.file.read_bytes())
    content[8192:16384] = bytes(8192)
    index.database.file.write_bytes(content)
    with pytest.raises(DatabaseError):
        copy_index(index.database.file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_check_names_damage(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseError, match="cannot be read"):
        check_index(tmp_path / "bad")


def test_digests_are_by_camera_and_day_and_see_each_change(index: Index, tmp_path: Path) -> None:
    day = 8640  # segments of ten seconds
    for number in (0, 1, day):
        index.segments.add(hashed(number), 1)
    index.segments.add(hashed(0, path="acme-cam-08"), 1)
    before = segment_digests(index.database.file)
    assert {path: [rows[0] for rows in days.values()] for path, days in before.items()} == {
        "acme-cam-07": [2, 1],
        "acme-cam-08": [1],
    }
    index.database.write(lambda c: c.execute("UPDATE segment SET bytes = bytes + 1 WHERE number = ?", (day,)))
    after = segment_digests(index.database.file)
    (first, second), (same, changed) = before["acme-cam-07"].values(), after["acme-cam-07"].values()
    assert (first, before["acme-cam-08"]) == (same, after["acme-cam-08"])
    assert second != changed


def test_a_renewed_epoch_counts_anew_and_keeps_the_rows(index: Index) -> None:
    index.segments.add(hashed(0), 1)
    old = index.epoch
    assert [index.next_seq() for _ in range(3)] == [1, 2, 3]
    new = renew_epoch(index)
    assert index.epoch == new != old
    assert index.next_seq() == 1
    assert index.segments.count() == 1
