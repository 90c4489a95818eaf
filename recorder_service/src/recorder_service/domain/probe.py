"""What a probe of ``recorder check`` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .said import Said, SaidCode


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Result:
    """``fix`` is empty for ``ok``."""

    name: str
    level: Level
    message: str
    fix: str = ""

    @property
    def failed(self) -> bool:
        return self.level is Level.FAIL


def index_written(trouble: str) -> Result:
    """The index's disk takes what is written, or why it does not."""
    if not trouble:
        return Result("index", Level.OK, "written")
    text = f"the index cannot be written: {trouble}"
    fix = "free its disk, or mount it writable again: footage is recorded meanwhile, and gets its rows then"
    return Result("index", Level.FAIL, Said(text, SaidCode.INDEX_UNWRITABLE, words=trouble), fix)
