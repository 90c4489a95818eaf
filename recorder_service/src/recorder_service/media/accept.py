"""Judge one file: still growing, empty, foreign, or a segment of some worth."""

from __future__ import annotations

import stat
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..domain.segment import SegmentStatus
from .boxes import Walk, walk
from .names import sound
from .writers import written_by_anyone

#: Header and walk may differ by rounding of milliseconds and by the sound track's last frame.
_TOLERANCE_MS = 100
_EMPTY_SECONDS = 60.0
_IDLE_SECONDS = 30.0


class Verdict(StrEnum):
    """What to do with a file."""

    GROWING = "growing"
    EMPTY = "empty"
    FOREIGN = "foreign"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`status` and `walk` are set for segments; `why` is a sentence for anything that is not plain `ok`."""

    verdict: Verdict
    walk: Walk
    status: SegmentStatus = SegmentStatus.OK
    why: str = ""


def judge(path: Path) -> Judgement:
    """Look at a file on disk. Raises OSError when it cannot be read (gone, disk error)."""
    why = _stranger(path)
    if why:
        return Judgement(Verdict.FOREIGN, Walk(0), why=why)
    writer = written_by_anyone(path)
    if writer:
        return Judgement(Verdict.GROWING, Walk(path.stat().st_size))
    found = walk(path)
    if writer is None and not found.closed and _age(path) < _IDLE_SECONDS:
        return Judgement(Verdict.GROWING, found)
    if found.size == 0:
        old = _age(path) >= _EMPTY_SECONDS
        return Judgement(Verdict.EMPTY if old else Verdict.GROWING, found, why="the file is empty")
    if found.mtxi is None:
        return Judgement(Verdict.FOREIGN, found, why=found.problem)
    return _segment(found)


def _stranger(path: Path) -> str:
    """Why it is not even to be opened (a pipe would hold whoever does), or nothing."""
    if not sound(path.name):
        return "its name is not UTF-8"
    return "" if stat.S_ISREG(path.lstat().st_mode) else "it is not a regular file"


def _segment(found: Walk) -> Judgement:
    if found.parts == 0:
        return Judgement(Verdict.SEGMENT, found, SegmentStatus.DAMAGED, "it holds no whole part")
    if not found.closed:
        why = f"the engine did not close it; {found.trailing} bytes after the last whole part"
        return Judgement(Verdict.SEGMENT, found, SegmentStatus.RECOVERED, why)
    short_ms = found.header_ms - found.duration_us // 1000
    if found.trailing or short_ms > _TOLERANCE_MS or found.problem:
        why = found.problem or f"{short_ms} ms less than its header says, {found.trailing} bytes not usable"
        return Judgement(Verdict.SEGMENT, found, SegmentStatus.DAMAGED, why)
    return Judgement(Verdict.SEGMENT, found)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
