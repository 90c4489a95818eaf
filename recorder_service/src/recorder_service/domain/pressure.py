"""How near the node is to a full disk, and what that means for recording."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .gap import GapReason


class Level(StrEnum):
    """What is left for footage; each level holds all that the one before asks for."""

    NORMAL = "normal"
    TIGHT = "tight"  # a person should act, nothing is stopped
    LOW = "low"  # cameras of the lowest priority are held back until what is left lasts
    FULL = "full"  # nothing is recorded

    @property
    def rank(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Stop:
    """Recording is held back: why, in a reason and in words."""

    reason: GapReason
    words: str


class Due(Protocol):
    """What the purge knows. Asked every two seconds from the guard's thread: from memory, never by a scan."""

    def due_bytes(self) -> int:
        """Footage that may go now: due, in no hold, and the purge is not suspended."""

    def held_bytes(self) -> int:
        """Footage that would be due and that a hold alone keeps."""


class NothingDue:
    """No purge: nothing ever goes."""

    def due_bytes(self) -> int:
        return 0

    def held_bytes(self) -> int:
        return 0
