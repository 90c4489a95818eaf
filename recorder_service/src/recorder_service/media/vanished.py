"""Rows whose file is gone, though nobody deleted it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..domain.config import CameraConfig
from ..domain.event import Code, EventKind, Told
from ..domain.said import Args
from ..domain.segment import Segment
from ..store.index import Index
from .telling import Telling


class Vanished:
    """`verified()`: the media root is there and ours at this moment; without that no file is called missing."""

    def __init__(self, root: Path, index: Index, telling: Telling, verified: Callable[[], bool]) -> None:
        self._root = root
        self._index = index
        self._telling = telling
        self._verified = verified

    def look(self, camera: CameraConfig, day: str, starts: Iterable[int]) -> None:
        """Of rows of a day for which its folder has no file of their name, those that are gone say so."""
        absent = [segment for segment in self._rows(camera.path, starts) if self._is_gone(segment)]
        # the disk may have gone as a whole; what is absent while it is there, is absent
        if not absent or not self._verified():
            return
        lost = [s for s in absent if self._is_gone(s) and self._index.segments.lose(s.path, s.start_us)]
        if lost:
            text = f"{len(lost)} file(s) of {camera.path} of {day} are gone and nobody deleted them: {lost[0].file} …"
            args: Args = {"count": len(lost), "day": day, "file": lost[0].file}
            self._telling.event(camera, EventKind.INTEGRITY, Told(text, Code.FILES_GONE, args))

    def _rows(self, path: str, starts: Iterable[int]) -> Iterator[Segment]:
        for start in starts:
            if (row := self._index.segments.get(path, start)) is not None:
                yield row

    def _is_gone(self, segment: Segment) -> bool:
        try:
            (self._root / segment.file).lstat()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False
