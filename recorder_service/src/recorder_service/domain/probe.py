"""What a probe of ``recorder check`` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
