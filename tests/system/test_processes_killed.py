"""kill -9 of each process in turn, and a service that hangs: what contract and docs/architecture.md promise."""

import os
import signal
import time

import pytest
from support import media, proofs, wait, watch
from support.system import now_us

US = 10**6
COUNTER_FRAMES = 595
WITHOUT_LOSS = ["recorder", "mediamtx-gate", "odoo", "postgres"]
LONG_STOP_S = 600
SHORT_STOP_S = 50


def _settle(it, camera_id, since_us, limit_s=90):
    """Wait until rows reach past ``since_us``; a login again, as Odoo may have been away."""
    return wait.until(
        lambda: (rows := it.segments(camera_id)) and int(rows[-1]["start_us"]) > since_us and rows,
        limit_s,
        "new rows",
        1,
    )


def _covering(rows, from_us):
    return [row for row in rows if int(row["stop_us"]) > from_us]


def _nothing_lost(system, it, code, begun, rows):
    camera = it.camera(code)
    span = _covering(rows, begun)
    proofs.rows_match_files(system.media_root, camera["path"], span)
    proofs.files_have_rows(system.media_root, camera["path"], rows, begun, int(rows[-1]["start_us"]))
    proofs.gap_free(span)
    return camera, span


def test_killing_all_but_the_engine_costs_no_frame(system, it, draw):
    order = draw.sample(WITHOUT_LOSS, len(WITHOUT_LOSS))
    camera, begun = it.camera("cam-02"), now_us()
    for name in order:
        pause = draw.uniform(2, 9)
        print(f"after {pause:.1f} s: kill -9 {name}")
        time.sleep(pause)
        system.kill(name)
        system.await_healthy(name)
    system.await_healthy(*WITHOUT_LOSS, "mediamtx-engine")
    rows = _settle(it, camera["id"], now_us())
    camera, span = _nothing_lost(system, it, "cam-02", begun, rows)
    numbers = proofs.numbers_of(system.media_root, camera["path"], span)
    assert proofs.lost_frames(numbers, COUNTER_FRAMES) == 0
    assert not it.gaps(camera["id"], begun)


def test_scheduled_work_goes_on_after_the_database_was_killed(system):
    system.kill("postgres")
    system.await_healthy("postgres")
    watch.await_next(system)
    system.await_healthy("odoo")


def _age_of_open_file(system, path):
    """Return how many seconds the camera's newest file has been recorded for."""
    return (now_us() - media.start_us_of(media.files(system.media_root, path)[-1])) / US


@pytest.mark.parametrize("code", ["cam-02", "cam-04"], ids=["pictures", "sound taken out"])
def test_killing_the_engine_costs_six_seconds_at_most(system, it, draw, code):
    camera, begun = it.camera(code), now_us()
    pause = draw.uniform(5, 18)
    print(f"after {pause:.1f} s: kill -9 mediamtx-engine")
    time.sleep(pause)
    # not at the seam of two files, where nothing is left half-written
    wait.until(lambda: 4 <= _age_of_open_file(system, camera["path"]) <= 15, 30, "the middle of a file", 0.5)
    killed = now_us()
    system.kill("mediamtx-engine")
    system.await_healthy("mediamtx-engine")
    rows = _settle(it, camera["id"], now_us() + 5 * US)
    span = _covering(rows, begun)
    proofs.rows_match_files(system.media_root, camera["path"], span)
    proofs.files_have_rows(system.media_root, camera["path"], rows, begun, int(rows[-1]["start_us"]))
    (hole,) = proofs.holes(span)
    length = (hole[1] - hole[0]) / US
    print(f"hole {length:.2f} s")
    assert length <= 6.0 + proofs.SEAM_US / 1e6
    gaps = wait.until(lambda: [gap for gap in it.gaps(camera["id"], begun) if gap["stop"]], 60, "closed gap", 1)
    (gap,) = gaps
    assert gap["reason"] == "engine_restart"
    assert abs(int(gap["start_us"]) - hole[0]) <= proofs.SEAM_US
    assert abs(int(gap["stop_us"]) - hole[1]) <= proofs.SEAM_US
    cut = max((row for row in span if int(row["start_us"]) <= killed), key=lambda row: int(row["start_us"]))
    assert cut["status"] == "recovered", "the file that the engine left half-written keeps its whole parts"
    if code == "cam-02":
        _lost_as_told(system, camera, span, length)
        assert media.frame_numbers(media.file_of(system.media_root, camera["path"], cut["start_us"]))


def _lost_as_told(system, camera, span, length):
    """Compare the hole in time with the numbers in the pictures."""
    lost = proofs.lost_frames(proofs.numbers_of(system.media_root, camera["path"], span), COUNTER_FRAMES)
    print(f"{lost} frames lost")
    assert lost <= 60
    assert abs(lost - length * 10) <= 12, "the hole in time and the frames lost do not tell the same"


def _hang(system, it, seconds):
    camera, begun = it.camera("cam-02"), now_us()
    pid = system.pid("recorder")
    print(f"SIGSTOP of the service for {seconds} s")
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    back = now_us()
    rows = _settle(it, camera["id"], back - 21 * US, 60)
    print(f"rows reached the present {(now_us() - back) / US:.1f} s after SIGCONT")
    camera, span = _nothing_lost(system, it, "cam-02", begun, rows)
    assert proofs.lost_frames(proofs.numbers_of(system.media_root, camera["path"], span), COUNTER_FRAMES) == 0


def test_hanging_service_costs_no_frame(system, it):
    _hang(system, it, SHORT_STOP_S)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_service_hanging_for_ten_minutes_costs_no_frame(system, it):
    _hang(system, it, LONG_STOP_S)
