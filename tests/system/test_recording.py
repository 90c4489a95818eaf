"""Six cameras record; what Odoo shows is what lies on the disk."""

import re
import time
from datetime import UTC, datetime

import pytest
from support import media, proofs, wait
from support.system import now_us

STEADY = ["cam-01", "cam-02", "cam-03", "cam-04", "cam-05"]
COUNTER_FRAMES = 595
# segment 20 s, intake, sync interval
CLOSE_TO_ROW_S = 45
# readTimeout of the engine and a little more
ENGINE_PATIENCE_S = 14


@pytest.fixture(scope="module")
def begun(system):
    """Wait until three segments of each steady camera are there; return the time from which to look."""
    return now_us() - 90 * 10**6


def _rows(it, code, count, begun):
    camera = it.camera(code)
    rows = wait.until(
        lambda: len(found := it.segments(camera["id"], begun)) >= count and found, 150, f"{count} segments of {code}", 2
    )
    return camera, rows


@pytest.mark.parametrize("code", [*STEADY, "cam-06"])
def test_rows_are_the_files(system, it, begun, code):
    camera, rows = _rows(it, code, 3, begun)
    proofs.rows_match_files(system.media_root, camera["path"], rows)
    old_enough = now_us() - CLOSE_TO_ROW_S * 10**6
    proofs.files_have_rows(system.media_root, camera["path"], it.segments(camera["id"]), begun, old_enough)
    assert {row["status"] for row in rows} == {"ok"}


@pytest.mark.parametrize("code", STEADY)
def test_steady_camera_has_no_gap(it, begun, code):
    camera, rows = _rows(it, code, 3, begun)
    proofs.gap_free(rows)
    assert not it.gaps(camera["id"], int(rows[0]["start_us"]))
    state = it.camera(code)["recording_state"]
    assert state == "recording"


def test_last_minute_is_there(it):
    rows = [it.segments(camera["id"])[-1] for code, camera in it.cameras().items() if code in STEADY]
    assert len(rows) == len(STEADY)
    for row in rows:
        assert now_us() - int(row["stop_us"]) < 60 * 10**6


def test_no_frame_is_lost_between_files(system, it, begun):
    camera, rows = _rows(it, "cam-02", 3, begun)
    numbers = proofs.numbers_of(system.media_root, camera["path"], rows)
    assert len(numbers) > 500
    assert proofs.lost_frames(numbers, COUNTER_FRAMES) == 0


def test_sound_is_not_stored(system, it, begun):
    """Audio is off by default: the camera sends AAC, the file holds none."""
    camera, rows = _rows(it, "cam-04", 2, begun)
    for row in rows:
        assert media.streams(media.file_of(system.media_root, camera["path"], row["start_us"])) == {"video": "h264"}


def test_kinds_of_cameras(system, it, begun):
    for code, codec in (("cam-01", "h264"), ("cam-03", "hevc"), ("cam-05", "h264")):
        camera, rows = _rows(it, code, 1, begun)
        assert media.streams(media.file_of(system.media_root, camera["path"], rows[-1]["start_us"]))["video"] == codec


def test_coverage_is_the_sum_of_the_rows(it):
    """The day's rollup against the rows it stands for, with rows still arriving: it lies between two readings."""
    camera = it.camera("cam-01")

    def seconds():
        rows = it.segments(camera["id"])
        return sum(int(row["stop_us"]) - int(row["start_us"]) for row in rows) / 10**6, len(rows)

    before, count_before = seconds()
    days = it.search_read(
        "cctv.coverage", [("camera_id", "=", camera["id"])], ["recorded_seconds", "segments", "bytes"]
    )
    after, count_after = seconds()
    assert count_before <= sum(day["segments"] for day in days) <= count_after
    assert before - 1 <= sum(day["recorded_seconds"] for day in days) <= after + 1


def test_dropped_camera_shows_its_gap(system, it, draw):
    """A camera that vanishes for a drawn time: a gap of that length, with the reason, closed by itself."""
    code, away = draw.choice(["cam-01", "cam-03", "cam-04"]), draw.uniform(9, 16)
    print(f"drop {code} for {away:.1f} s")
    camera = it.camera(code)
    begun = now_us()
    system.script("cameras", "drop", "--name", code)
    try:
        time.sleep(away)
    finally:
        system.script("cameras", "resume", "--name", code)
    back = now_us()
    gap = wait.until(
        lambda: next((gap for gap in it.gaps(camera["id"], begun - 5 * 10**6) if gap["stop"]), None),
        90,
        "closed gap",
        1,
    )
    assert gap["reason"] in ("source_lost", "refused"), gap
    assert int(gap["start_us"]) < begun + 2 * 10**6
    assert back - 2 * 10**6 < int(gap["stop_us"]) < back + 15 * 10**6
    rows = wait.until(lambda: it.segments(camera["id"], int(gap["stop_us"]) - 10**6), 60, "segment after the gap", 1)
    assert abs(int(rows[0]["start_us"]) - int(gap["stop_us"])) <= proofs.SEAM_US
    lost, again = wait.until(lambda: _events(it, camera["id"], begun), 60, "events of the loss and of the return", 1)
    assert (lost["code"], lost["args"]["reason"]) in (("camera_lost", "source_lost"), ("camera_lost", "refused"))
    assert (again["code"], again["told"]) == ("camera_back", "Kamera direkam lagi.")


def _events(it, camera_id, from_us):
    """Return what the recorder told of a camera since then, in Indonesian; None before it told of two things."""
    since = datetime.fromtimestamp(from_us // 10**6 - 2, UTC).strftime("%Y-%m-%d %H:%M:%S")
    domain = [("camera_id", "=", camera_id), ("at", ">=", since)]
    fields = ["code", "args", "told"]
    rows = it.search_read("cctv.recorder.event", domain, fields, order="at, id", context={"lang": "id_ID"})
    return rows if len(rows) > 1 else None


def _outages(system, since):
    """Return the drop-out camera's outages begun after ``since``: ``(down, up)`` in seconds, from the cameras' log."""
    changes = re.findall(r"^(\S+)Z cam-06: (up|down) -> ", (system.run / "log" / "cameras.log").read_text(), re.M)
    moments = [(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp(), before) for stamp, before in changes]
    pairs = zip(moments, moments[1:], strict=False)
    return [(down, up) for (down, before), (up, then) in pairs if (before, then) == ("up", "down") and down > since]


def test_drop_out_camera_shows_its_gaps(system, it, begun):
    """Each time that the sixth camera vanished by itself is a gap with a reason that says so."""
    since = begun / 1e6 + 90  # nothing else was hurt since then
    outages = wait.until(lambda: _outages(system, since), 240, "an outage of the drop-out camera", 2)
    camera = it.camera("cam-06")
    print("outages", outages)
    for down, up in outages:

        def told(down=down, up=up):
            for gap in it.gaps(camera["id"]):
                start, stop = int(gap["start_us"]) / 1e6, int(gap["stop_us"] or 0) / 1e6
                if abs(start - down) < 3 and up - 2 < stop < up + 12:
                    return gap
            return None

        assert wait.until(told, 60, f"gap for the outage at {down}", 1)["reason"] in ("source_lost", "refused")


def test_stalled_camera_is_noticed(system, it, draw):
    """A camera that hangs with its connection open is not shown as recording."""
    code = draw.choice(["cam-01", "cam-04"])
    camera, begun = it.camera(code), now_us()
    system.script("cameras", "stall", "--name", code)
    try:
        state = wait.until(
            lambda: (s := it.camera(code)["recording_state"]) in ("stalled", "offline") and s, 45, "noticed", 1
        )
        print(f"{code}: {state}")
        time.sleep(max(0, begun / 1e6 + ENGINE_PATIENCE_S - time.time()))
    finally:
        system.script("cameras", "resume", "--name", code)
    wait.until(lambda: it.camera(code)["recording_state"] == "recording", 90, "recording again", 1)
    gap = wait.until(
        lambda: next((gap for gap in it.gaps(camera["id"], begun - 5 * 10**6) if gap["stop"]), None),
        60,
        "closed gap",
        1,
    )
    assert gap["reason"] in ("timeout", "source_lost"), gap
