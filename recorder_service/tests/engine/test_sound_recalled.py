"""What the engine's own paths show of a camera's sound, when the index knows nothing."""

from __future__ import annotations

import pytest

from recorder_service.domain.config import CameraConfig, StreamSource
from recorder_service.domain.secret import Secret
from recorder_service.engine.client import LivePath
from recorder_service.engine.paths import Sound
from recorder_service.engine.sound import engine_tells

PATH = "acme-cam-01"
CAMERA = CameraConfig(1, PATH, "01", "Gate", True, StreamSource("rtsp://camera/main", "admin", Secret("one")))
OURS, OTHER = {"source": "rtsp://admin:one@camera/main"}, {"source": "rtsp://admin:one@other/main"}
RAW = f"raw/{PATH}"


def live(*codecs: str, available: bool = True) -> dict[str, LivePath]:
    return {PATH: LivePath(PATH, available, 1000, codecs)}


@pytest.mark.parametrize(
    ("configured", "seen", "sound"),
    [
        ({PATH: OURS}, live("H264"), Sound.SILENT),
        ({PATH: OURS}, live("H264", "MPEG-4 Audio"), Sound.PRESENT),
        ({PATH: {"source": "publisher"}, RAW: OURS}, live("H264"), Sound.PRESENT),
        ({PATH: OURS}, live("H264", available=False), Sound.UNKNOWN),
        ({PATH: OURS}, live(), Sound.UNKNOWN),
        ({PATH: OURS}, {}, Sound.UNKNOWN),
        ({PATH: OTHER}, live("H264"), Sound.UNKNOWN),
        ({PATH: {"source": "publisher"}, RAW: OTHER}, live("H264"), Sound.UNKNOWN),
        ({}, live("H264"), Sound.UNKNOWN),
    ],
)
def test_only_the_camera_at_its_present_address_tells(
    configured: dict[str, dict[str, str]], seen: dict[str, LivePath], sound: Sound
) -> None:
    assert engine_tells(CAMERA, configured, seen) is sound
