"""A byte of stored footage changes on its disk: the recorder finds it, and Odoo says so where people look."""

import sqlite3

import pytest
from support import media, wait
from support.aged import own_index
from support.erp import Erp


@pytest.fixture(scope="module")
def flipped(system, request):
    """Yield the camera, the start of a closed segment in which one byte was changed, and what was damaged before."""
    it = Erp(system.access, "it")
    camera = it.camera("cam-05")
    (row,) = [row for row in it.segments(camera["id"]) if row["status"] == "ok"][-3:-2]
    file = media.file_of(system.media_root, camera["path"], row["start_us"])
    before = _damaged(it, camera)
    system.stop("recorder")
    try:
        _flip(file)
        _to_be_read_next(system, camera["path"], row["start_us"])
    finally:
        system.start_all()
    assert media.sha256sum(file) != row["sha256"]
    yield camera, row["start_us"], before
    _flip(file)
    assert media.sha256sum(file) == row["sha256"]


def _damaged(it, camera):
    return {row["start_us"] for row in it.segments(camera["id"]) if row["status"] == "damaged"}


def _flip(file):
    mode = file.stat().st_mode
    file.chmod(0o640)
    with file.open("r+b") as stream:
        stream.seek(media.size(file) // 2)
        byte = stream.read(1)[0]
        stream.seek(-1, 1)
        stream.write(bytes([byte ^ 1]))
    file.chmod(mode)


def _to_be_read_next(system, path, start_us):
    """Let the pass over the footage stand before that file."""
    with sqlite3.connect(system.run / "recorder" / "index.sqlite") as index:
        row = "SELECT id - 1 FROM segment WHERE path = ? AND start_us = ?"
        index.execute(f"INSERT OR REPLACE INTO meta VALUES ('verified_id', ({row}))", (path, int(start_us)))
    own_index(system)


def test_its_row_says_damaged_and_no_other(system, it, flipped):
    camera, start, before = flipped
    assert wait.until(lambda: _damaged(it, camera) - before, 120, "found", 1) == {start}


def test_people_are_told_which_file_it_is(system, it, flipped):
    camera, start, _before = flipped
    name = media.file_of(system.media_root, camera["path"], start).name
    domain = [("camera_id", "=", camera["id"]), ("kind", "=", "integrity")]
    told = wait.until(
        lambda: [e for e in it.search_read("cctv.recorder.event", domain, ["told"]) if name in e["told"]],
        60,
        "the event",
        1,
    )
    assert "hash differs" in told[0]["told"] or "hash-nya berbeda" in told[0]["told"]
