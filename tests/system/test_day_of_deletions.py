"""A day of footage whose time is over, on real parts that are killed meanwhile; then disk, node and Odoo are compared.

Which pieces there are, what is held when, what is lost by hand and who is killed is drawn from the run's seed. What is
true at the end is read off the disk.
"""

import random

import pytest
from support import aged, audit, media, rows, wait
from support.erp import Erp
from support.holds import hold
from support.system import now_us

US = 10**6
HOUR = 3600 * US
DAY = 24 * HOUR
CODES = ("cam-01", "cam-04", "cam-05")
PIECES = 8
FILES = 2
#: Of a retention of 30 days (public and restricted) and 60 (high security); both are to be met.
OLD_DAYS, YOUNG_DAYS = 63, 27


class Day:
    """What was made, and what is to become of it."""

    def __init__(self, system, seed):
        self.draw = random.Random(f"{seed}-day")
        self.it = Erp(system.access, "it")
        self.cameras = {code: self.it.camera(code) for code in CODES}
        self.paths = {camera["path"]: camera for camera in self.cameras.values()}
        self.begun = now_us() // HOUR * HOUR
        self.old, self.young, self.held, self.late, self.lost = {}, {}, set(), set(), None
        self.blocks = {}


@pytest.fixture(scope="module")
def day(system, request):
    """Return the day at its end: all that was due has gone, and all is told."""
    made = Day(system, request.config.cctv_seed)
    try:
        _record(system, made)
        _hold(system, made)
        _live(system, made)
    finally:
        system.start_all()
    return made


def _record(system, day):
    system.stop("recorder")
    for path, camera in day.paths.items():
        closed = [f for f in media.files(system.media_root, path) if not f.stat().st_mode & 0o222]
        hours = sorted(day.draw.sample(range(24), PIECES))
        for kind, days in ((day.old, OLD_DAYS), (day.young, YOUNG_DAYS)):
            for hour in hours if kind is day.old else hours[:2]:
                first = day.begun - days * DAY + hour * HOUR
                files = aged.age(system, path, day.draw.sample(closed, FILES), first)
                kind.update({(path, media.start_us_of(file)): file for file in files})
        assert camera["state"] in ("active", "testing")
    system.start_all()
    known = len(day.old) + len(day.young)
    wait.until(lambda: len(_told(system, day)) == known, 120, "the old footage in Odoo", 2)
    system.stop("recorder")
    for path in day.paths:
        aged.seen_long_ago(system, path, day.begun - DAY)
    for key, file in day.old.items():
        day.blocks[key] = file.stat().st_blocks * 512


def _told(system, day):
    return [r for r in audit.of_paths(rows.of_database(system), day.paths) if r[1] < day.begun - 20 * DAY]


def _hold(system, day):
    """One hold for two hours of one camera before anything goes, over the footage that begins in them."""
    camera = day.cameras[day.draw.choice(CODES)]
    mine = sorted(key for key in day.old if key[0] == camera["path"])
    first = day.draw.choice(mine[2:-2])[1]
    hold(system, camera, first - first % US, first + 2 * HOUR)
    day.held = {key for key in mine if first <= key[1] < first + 2 * HOUR or _reaches(day, key, first)}


def _reaches(day, key, first_us):
    return key[1] < first_us < key[1] + round(media.seconds(day.old[key]) * US)


def _live(system, day):
    """The purge begins; one file is lost by hand, one hold comes late, and processes are killed on the way."""
    day.lost = day.draw.choice(sorted(day.young))
    day.young.pop(day.lost).unlink()
    due = set(day.old) - day.held
    before = set(_runs(day))
    system.start_all()
    names = ["recorder", "odoo", "mediamtx-engine", "recorder"]
    day.draw.shuffle(names)
    for name in names:
        left = sum(day.old[key].exists() for key in due)
        system.kill(name)
        wait.until(lambda left=left: _fewer(day, due, left), 20, "footage on its way", 1) if left == len(due) else None
    system.await_healthy("recorder", "odoo", "mediamtx-engine")
    _late_hold(system, day)
    due -= day.late
    wait.until(lambda: not any(day.old[key].exists() for key in due), 240, "all that was due gone", 2)
    wait.until(lambda: _all_told(system, day, due, before), 120, "all of it told", 2)


def _fewer(day, due, left):
    return True if sum(day.old[key].exists() for key in due) <= left else None


def _late_hold(system, day):
    """Over a camera's whole day, while it goes: what it finds it keeps, and says how much that is."""
    camera = day.cameras[day.draw.choice(CODES)]
    first = day.begun - OLD_DAYS * DAY
    day.late_hold = hold(system, camera, first, first + DAY)
    domain = [("hold_id", "=", day.late_hold), ("acked_at", "!=", False)]
    (ack,) = wait.until(lambda: day.it.search_read("cctv.hold.ack", domain, ["kept", "gone"]), 60, "the late hold", 1)
    mine = {key for key in day.old if key[0] == camera["path"]}
    day.late = {key for key in mine if day.old[key].exists()}
    assert (ack["kept"], ack["gone"]) == (len(day.late), len(mine) - len(day.late))


def _runs(day, state="done"):
    found = day.it.search_read("cctv.deletion.run", [("state", "=", state)], ["name", "done_segments", "freed"])
    return {run["name"]: run for run in found}


def _all_told(system, day, due, before):
    gone = {row[:2] for row in _told(system, day) if row[5] == "deleted"}
    done = [run for name, run in _runs(day).items() if name not in before]
    return due <= gone and sum(run["done_segments"] for run in done) >= len(due)


def test_what_is_held_or_young_is_there_and_the_rest_is_not(system, day):
    disk = audit.on_disk(system.media_root, day.paths)
    assert (day.held | day.late) <= set(disk)
    assert set(day.young) <= set(disk)
    assert not (set(day.old) - day.held - day.late) & set(disk)


def test_disk_index_and_odoo_are_equal(system, day):
    until = now_us() - 60 * US
    index = rows.of_index(system.run / "recorder" / "index.sqlite")
    wait.until(lambda: not _pending(system, until), 90, "all rows told", 1)
    odoo = rows.of_database(system)
    disk = audit.on_disk(system.media_root, day.paths)
    for where, told in (("the index", index), ("Odoo", odoo)):
        audit.equal(disk, audit.of_paths(told, day.paths), where, until)
    assert len(disk) > len(day.young)


def _pending(system, until):
    known = rows.of_index(system.run / "recorder" / "index.sqlite")
    told = rows.of_index(system.run / "recorder" / "index.sqlite", state="synced")
    return {row for row in known - told if row[1] < until}


def test_what_was_lost_by_hand_is_missing_and_never_deleted(system, day):
    (row,) = [row for row in _told(system, day) if row[:2] == day.lost]
    assert row[5] == "missing"


def test_each_deletion_stands_on_a_run_that_odoo_allowed(day):
    gone = set(day.old) - day.held - day.late
    runs = {}
    for path, camera in day.paths.items():
        domain = [("camera_id", "=", camera["id"]), ("status", "=", "deleted")]
        for row in day.it.search_read("cctv.segment", domain, ["start_us", "deletion_run"]):
            key = (path, int(row["start_us"]))
            if key in gone:
                runs.setdefault(row["deletion_run"], set()).add(key)
    assert set.union(*runs.values()) == gone
    told = day.it.search_read(
        "cctv.deletion.run", [("uuid", "in", list(runs))], ["uuid", "state", "done_segments", "freed"]
    )
    assert {run["uuid"]: (run["state"], run["done_segments"], run["freed"]) for run in told} == {
        uuid: ("done", len(keys), sum(day.blocks[key] for key in keys)) for uuid, keys in runs.items()
    }
