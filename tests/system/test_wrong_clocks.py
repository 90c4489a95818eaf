"""Clocks a day ahead and a year behind, of the recorder, of Odoo, of both: nothing goes by them, and Odoo says why.

By its name this runs last: it restarts the database, and what cameras did while a clock was wrong looks like gaps.
"""

import re
import time

import pytest
from support import aged, media, rows, wait
from support.clocks import DAY_S, of_database, of_recorder
from support.erp import Erp
from support.system import now_us

US = 10**6
DAY = DAY_S * US
YEAR_S = 365 * DAY_S
# one clock is moved at a time, and never back to where both are right:
# seconds by which the recorder's is off, those of Odoo's, what deletion does then, and why
WRONG = (
    (DAY_S, 0, "off", "+86400 s apart"),
    (DAY_S, DAY_S, "parked", "was set by +86400 s"),
    (0, DAY_S, "off", "-86400 s apart"),
    (0, -YEAR_S, "off", "+31536000 s apart"),
    (-YEAR_S, -YEAR_S, "off", "was set by -31536000 s"),
    (-YEAR_S, 0, "off", "-31536000 s apart"),
)


@pytest.fixture(scope="module")
def footage(system):
    """Return camera, one file whose time is over, and one that has half a day left; Odoo knows both."""
    it = Erp(system.access, "it")
    camera = it.camera("cam-02")
    closed = [f for f in media.files(system.media_root, camera["path"]) if not f.stat().st_mode & 0o222][:2]
    assert len(closed) == 2, "recorded for too short a time"
    now = now_us() // US * US
    system.stop("recorder")
    files = [
        aged.age(system, camera["path"], [file], now - age)[0]
        for file, age in zip(closed, (40 * DAY, 29 * DAY + DAY // 2), strict=True)
    ]
    system.start_all()
    starts = {media.start_us_of(file) for file in files}
    wait.until(lambda: starts <= _starts(it, camera), 90, "the old segments in Odoo", 1)
    return camera, *files


def _starts(it, camera):
    return {int(row["start_us"]) for row in it.segments(camera["id"]) if row["status"] == "ok"}


def _told(it, node):
    (row,) = it.search_read("cctv.recorder", [("node", "=", node)], ["purge_state", "purge_reason"])
    return row["purge_state"], row["purge_reason"] or ""


def _apart(reason):
    """Clocks are read one after the other: a second more or less is none."""
    return re.sub(r"\d+", lambda found: str(round(int(found[0]), -1)), reason)


def test_no_clock_alone_makes_footage_old(system, footage):
    camera, over, young = footage
    digests = {file: media.sha256sum(file) for file in (over, young)}
    index = system.run / "recorder" / "index.sqlite"
    node, begun, lived = rows.meta(index)["node"], time.monotonic(), int(rows.meta(index)["lived_us"])
    # the database first: its end starts anew what does not run, with the wrapper as scripts/run writes it
    with of_database(system) as odoo, of_recorder(system, RECORDER_RETENTION__LOOK_SECONDS=5) as recorder:
        it = Erp(system.access, "it")
        recorder.set(DAY_S)
        wait.until(lambda: _told(it, node)[0] == "off", 90, "deletion stands still", 1)
        aged.seen_long_ago(system, camera["path"], media.start_us_of(young) + DAY)
        for ahead, odoo_ahead, state, reason in WRONG:
            recorder.set(ahead)
            odoo.set(odoo_ahead)
            asked = f"recorder {ahead:+d} s, Odoo {odoo_ahead:+d} s: {state}, {reason}"
            wait.until(lambda said=(state, reason): _says(_told(it, node), *said), 90, asked, 1)
            assert {file: media.sha256sum(file) for file in digests} == digests
        odoo.set(0)
        recorder.set(0)
        wait.until(lambda: not over.exists(), 120, "clocks that are right again are believed", 1)
        lived = int(rows.meta(index)["lived_us"]) - lived
        # kept once a minute
        assert abs(lived / US - (time.monotonic() - begun)) < 150, "lived time follows no clock"
    assert media.sha256sum(young) == digests[young]
    wait.until(lambda: media.start_us_of(young) in _starts(it, camera), 30, "kept in Odoo too", 1)
    assert media.start_us_of(over) not in _starts(it, camera)


def _says(told, state, reason):
    return told[0] == state and reason in _apart(told[1])
