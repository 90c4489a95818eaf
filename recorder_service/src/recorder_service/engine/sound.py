"""What is known of each camera's sound, kept over restarts."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from ..domain.config import CameraConfig
from ..store.index import Index
from .client import LivePath
from .paths import RAW_PREFIX, Sound, source_url

_META = "sounds"
_NOT_SOUND = ("AV1", "VP9", "VP8", "H265", "H264", "MPEG-4 Video", "MPEG-1/2 Video", "M-JPEG", "Generic", "KLV")


def hears(live: LivePath) -> bool:
    """True when a live path carries sound, by MediaMTX's codec names."""
    return any(codec not in _NOT_SOUND for codec in live.codecs)


def engine_tells(
    camera: CameraConfig, configured: Mapping[str, Mapping[str, Any]], live: Mapping[str, LivePath]
) -> Sound:
    """What the engine's own paths show of a camera at its present address, for an index that knows nothing."""
    source = source_url(camera.main)
    if configured.get(RAW_PREFIX + camera.path, {}).get("source") == source:
        return Sound.PRESENT
    path = live.get(camera.path)
    pulled = configured.get(camera.path, {}).get("source") == source
    if not pulled or path is None or not path.available or not path.codecs:
        return Sound.UNKNOWN
    return Sound.PRESENT if hears(path) else Sound.SILENT


class SoundBook:
    """Per camera *and address*: another address may be another device, of which nothing is known."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._known: dict[str, list[str]] = json.loads(index.meta(_META) or "{}")

    def of(self, camera: CameraConfig) -> Sound:
        """What is known of a camera at its present address."""
        with self._lock:
            key, sound = self._known.get(camera.path, ["", ""])
        return Sound(sound) if key == _key(camera) else Sound.UNKNOWN

    def learn(self, camera: CameraConfig, sound: Sound) -> bool:
        """Keep what was heard; True when that is news."""
        if self.of(camera) is sound:
            return False
        with self._lock:
            self._known[camera.path] = [_key(camera), sound.value]
            text = json.dumps(self._known, sort_keys=True)
        self._index.set_meta(_META, text)
        return True


def _key(camera: CameraConfig) -> str:
    return hashlib.sha256(camera.main.url.encode()).hexdigest()[:12]
