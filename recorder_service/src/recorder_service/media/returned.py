"""Files that were missing and are there again: brought back from a copy, or by a folder that was away."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ..domain.config import CameraConfig
from ..domain.event import Code, EventKind, Told
from ..domain.said import Args
from ..store.index import Index
from .guarded import Guarded
from .seal import seal, sha256
from .telling import Telling


class Returned:
    """A row is what it was before it was missing, if the file has the bytes that were recorded."""

    def __init__(self, index: Index, telling: Telling, guarded: Guarded) -> None:
        self._index = index
        self._telling = telling
        self._guarded = guarded
        self._others: dict[Path, tuple[int, int, int]] = {}

    def look(self, camera: CameraConfig, path: str, day: str, files: Mapping[int, Path]) -> None:
        """Of a day's missing rows, the files of their names (by start in µs)."""
        back = [
            file
            for start, file in sorted(files.items())
            if self._guarded.do(camera, file, partial(self._is_back, camera, path, start)) is True
        ]
        if back:
            name = self._telling.name(back[0])
            args: Args = {"count": len(back), "day": day, "file": name}
            text = f"{len(back)} file(s) of {path} of {day} that were missing are there again: {name} …"
            self._telling.event(camera, EventKind.INTEGRITY, Told(text, Code.FILES_BACK, args))

    def _is_back(self, camera: CameraConfig, path: str, start_us: int, file: Path) -> bool:
        row, found = self._index.segments.get(path, start_us), file.lstat()
        as_it_is = found.st_ino, found.st_mtime_ns, found.st_size
        # another size: it may be on its way still
        if row is None or found.st_size != row.bytes or self._others.get(file) == as_it_is:
            return False
        if sha256(file)[0] != row.sha256:
            self._others[file] = as_it_is
            self._telling.once(camera, file, "refused", "has the name of a missing file, and other bytes")
            return False
        seal(file)
        return self._index.segments.find(path, start_us)
