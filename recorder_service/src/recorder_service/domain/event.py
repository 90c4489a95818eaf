"""Events: what happened on the node, once, at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: What fills the blanks of an event's sentence.
Args = Mapping[str, str | int]

_LONGEST = 500  # characters of a sentence


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
    """``detail`` is one sentence for people, as the log has it; ``code`` and ``args`` say the same to the ERP, which
    tells it in its reader's language; ``seq`` is given by the index.
    """

    at_us: int
    kind: EventKind
    camera_id: int | None = None
    detail: str = ""
    seq: int = 0
    code: str = ""
    args: Args = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: a sentence, and the code and arguments that say the same."""

    text: str
    code: str = ""
    args: Args = field(default_factory=dict, hash=False)

    def event(self, at_us: int, kind: EventKind, camera_id: int | None = None) -> Event:
        """Long sentences are cut."""
        return Event(at_us, kind, camera_id, self.text[:_LONGEST], code=self.code, args=self.args)
