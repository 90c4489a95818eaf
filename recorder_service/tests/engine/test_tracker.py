"""What a camera's state follows from."""

from __future__ import annotations

from dataclasses import replace

from recorder_service.domain.config import CameraConfig, StreamSource
from recorder_service.domain.gap import GapReason
from recorder_service.domain.health import CameraState
from recorder_service.domain.said import Said, SaidCode
from recorder_service.engine.reasons import Note
from recorder_service.engine.tracker import STRIP_SECONDS, Live, Proof, Situation, assess, health, window_seconds

CAMERA = CameraConfig(7, "cam-7", "c", "n", True, StreamSource("rtsp://x/y"))
BACK = 1000.0
WINDOW = window_seconds(10, 1_000_000)


def _state(now: float, began: float, stripping: bool = True) -> CameraState:
    return assess(_situation(now, began, stripping))[0]


def _situation(now: float, began: float, stripping: bool = True) -> Situation:
    """At `now`, of a camera that came back at `BACK`; what is recorded of it began to arrive at `began`."""
    return Situation(
        camera=CAMERA,
        live=Live(available=True, up_at=began, grown_at=now),
        source=Live(available=True, up_at=BACK, grown_at=now),
        proof=Proof(BACK - 60, None, 1_000_000),
        note=None,
        note_age=0.0,
        hold=None,
        refused="",
        stripping=stripping,
        engine_up=True,
        config_age=1e6,
        caught_up_at=0.0,
        segment_seconds=10,
        now=now,
        now_us=0,
    )


def test_the_first_segment_is_awaited_from_when_the_sound_is_out() -> None:
    assert _state(BACK + WINDOW + 2, BACK + 3) is CameraState.WAITING
    assert _state(BACK + WINDOW + 4, BACK + 3) is CameraState.STALLED
    assert _state(BACK + WINDOW + 2, BACK, stripping=False) is CameraState.STALLED


def test_each_state_but_recording_says_why_in_a_code() -> None:
    at = _situation(BACK, BACK)
    note = Note(0, GapReason.AUTH_FAILED, "401")
    away = replace(at, source=Live(down_at=BACK - 60))
    room = Said("no room", SaidCode.ROOM_LEFT, free="1.00", reserve="2.00")
    cases = [
        (replace(at, camera=replace(CAMERA, record=False)), "recording_off", {}),
        (replace(at, hold=(GapReason.DISK_FULL, room)), "room_left", {"free": "1.00", "reserve": "2.00"}),
        (replace(at, refused=Said("x", SaidCode.ADDRESS_HOST)), "address_host", {}),
        (replace(at, engine_up=False), "engine_away", {}),
        (replace(away, note=note), "engine_says", {"words": "401"}),
        (away, "by_reason", {}),
        (replace(away, config_age=1), "connecting", {}),
        (replace(at, now=BACK + 60), "sends_nothing", {}),
        (replace(at, live=Live(), now=BACK + 60, source=replace(at.source, grown_at=BACK + 60)), "sound_stays", {}),
        (at, "first_segment", {}),
        (replace(at, now=BACK + 999, source=replace(at.source, grown_at=BACK + 999)), "no_segment", {}),
    ]
    for situation, code, args in cases:
        detail = assess(situation)[2]
        assert isinstance(detail, Said), code
        assert (detail.code.value, dict(detail.args)) == (code, args)
    long = Said("x" * 900, SaidCode.CONNECTING)
    told = health(at, CameraState.WAITING, "", long, 0).detail
    assert (len(told), isinstance(told, Said)) == (500, True)


def test_the_first_segment_after_a_stop_of_ours_is_awaited_from_its_end() -> None:
    now = BACK + 3600
    note = Note(0, GapReason.CONFIG_CHANGE, "")
    at = replace(_situation(now, BACK, stripping=False), note=note)
    assert assess(replace(at, note_age=WINDOW - 1))[0] is CameraState.WAITING
    for age in (WINDOW + 1, -1.0):
        assert assess(replace(at, note_age=age))[0] is CameraState.STALLED
    lost = replace(at, note=Note(0, GapReason.SOURCE_LOST, ""), note_age=1.0)
    assert assess(lost)[0] is CameraState.STALLED


def test_taking_the_sound_out_again_and_again_is_no_recording() -> None:
    now = BACK + WINDOW + STRIP_SECONDS + 1
    assert _state(now, now - 1) is CameraState.STALLED
