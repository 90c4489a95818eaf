"""Folders in which nothing was new, and that no file has come to or gone from since."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

#: A folder that changed so shortly before may change once more without its time telling: clocks of file systems tick.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What another name in a folder, or another disk in its place, would change."""

    device: int
    inode: int
    changed_ns: int


class Quiet:
    """By path and day. What is remembered spares the look at each name; a look at all days never goes by it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Mark] = {}

    def forget(self, path: str) -> None:
        """Of a path, lest what has left be remembered for good."""
        self._known = {place: mark for place, mark in self._known.items() if place[0] != path}

    def still(self, path: str, day: str, mark: Mark | None) -> bool:
        """Whether it is as it was when nothing was new."""
        return mark is not None and self._known.get((path, day)) == mark

    def keep(self, path: str, day: str, mark: Mark | None) -> None:
        """Nothing was new, after the mark was taken."""
        if mark is not None:
            self._known[path, day] = mark


def mark(folder: Path) -> Mark | None:
    """To be taken before the folder is read; None when that is no proof."""
    try:
        stat = os.stat(folder)  # noqa: PTH116 - once for each camera, every half minute
    except OSError:
        return None
    # not the time of modification: a copy may set that back
    if stat.st_ctime_ns > time.time_ns() - _SETTLED_NS:
        return None
    return Mark(stat.st_dev, stat.st_ino, stat.st_ctime_ns)
