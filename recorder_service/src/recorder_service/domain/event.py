"""Events: what happened on the node, once, at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    SOURCE_LOST = "source_lost"
    SOURCE_BACK = "source_back"
    DISK_LOW = "disk_low"
    QUOTA_REACHED = "quota_reached"
    CLOCK_STEP = "clock_step"
    INTEGRITY = "integrity"
    ENGINE_DOWN = "engine_down"
    ENGINE_UP = "engine_up"
    CONFIG_REFUSED = "config_refused"
    PARKED = "parked"
    AUDIO_REFUSED = "audio_refused"


@dataclass(frozen=True, slots=True)
class Event:
    """``detail`` is one sentence for people; ``seq`` is given by the index."""

    at_us: int
    kind: EventKind
    camera_id: int | None = None
    detail: str = ""
    seq: int = 0
