"""What a camera's state follows from."""

from __future__ import annotations

from recorder_service.domain.config import CameraConfig, StreamSource
from recorder_service.domain.health import CameraState
from recorder_service.engine.tracker import STRIP_SECONDS, Live, Proof, Situation, assess, window_seconds

CAMERA = CameraConfig(7, "cam-7", "c", "n", True, StreamSource("rtsp://x/y"))
BACK = 1000.0
WINDOW = window_seconds(10, 1_000_000)


def _state(now: float, began: float, stripping: bool = True) -> CameraState:
    """At `now`, of a camera that came back at `BACK`; what is recorded of it began to arrive at `began`."""
    return assess(
        Situation(
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
    )[0]


def test_the_first_segment_is_awaited_from_when_the_sound_is_out() -> None:
    assert _state(BACK + WINDOW + 2, BACK + 3) is CameraState.WAITING
    assert _state(BACK + WINDOW + 4, BACK + 3) is CameraState.STALLED
    assert _state(BACK + WINDOW + 2, BACK, stripping=False) is CameraState.STALLED


def test_taking_the_sound_out_again_and_again_is_no_recording() -> None:
    now = BACK + WINDOW + STRIP_SECONDS + 1
    assert _state(now, now - 1) is CameraState.STALLED
