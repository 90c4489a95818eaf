"""What is told of cameras' files."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import structlog

from ..domain.config import CameraConfig
from ..domain.event import Code, Event, EventKind, Told
from ..domain.times import Clock
from ..store.index import Index
from .names import shown

_log = structlog.get_logger(__name__)


class Telling:
    """Events about files below `root`."""

    def __init__(self, root: Path, index: Index, clock: Clock) -> None:
        self._root = root
        self._index = index
        self._clock = clock

    def name(self, file: Path) -> str:
        """A file's path below the root, as it can be told."""
        return shown(str(file.relative_to(self._root)))

    def make(self, camera: CameraConfig, kind: EventKind, told: Told) -> Event:
        """An event of now, for the commit of what it is about; logged already."""
        _log.warning(told.text, kind=kind.value, camera=camera.path)
        return told.event(self._clock.now_us(), kind, camera.id)

    def event(self, camera: CameraConfig, kind: EventKind, told: Told) -> None:
        self._index.events.add(self.make(camera, kind, told))

    def once(self, camera: CameraConfig, file: Path, fault: str, words: str) -> None:
        """Tell of a fault of a file, once over all restarts; the index may be out of order just now."""
        name, words = self.name(file), shown(words)
        with contextlib.suppress(sqlite3.Error):
            if self._index.meta(f"{fault}:{name}") is None:
                self.event(camera, EventKind.INTEGRITY, Told(f"{name} {words}", Code(f"file_{fault}"), {"file": name}))
                self._index.set_meta(f"{fault}:{name}", words)

    def told(self, file: Path, fault: str) -> bool:
        """Whether that fault of the file was ever told."""
        return self._index.meta(f"{fault}:{self.name(file)}") is not None
