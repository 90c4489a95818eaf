"""Events: what happened on the node, once, at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .said import Args

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


class Code(StrEnum):
    """What an event says; the ERP has a sentence for each (docs/wire.md)."""

    CAMERA_BACK = "camera_back"
    CAMERA_LOST = "camera_lost"
    SOUND_REFUSED = "sound_refused"
    SOUND_ERASED = "sound_erased"
    CAMERA_REFUSED = "camera_refused"
    STRANGE_PICTURES = "strange_pictures"
    ENGINE_UP = "engine_up"
    ENGINE_DOWN = "engine_down"
    ENGINE_FILE_REFUSED = "engine_file_refused"
    CONFIG_REFUSED = "config_refused"
    HOST_CLOCK = "host_clock"
    MEDIA_MISSING = "media_missing"
    INDEX_DISK = "index_disk"
    ROOM_GONE = "room_gone"
    ROOM_HELD = "room_held"
    ROOM_AGAIN = "room_again"
    ROOM_AGAIN_FOR = "room_again_for"
    ROOM_TIGHT = "room_tight"
    ROOM_TIGHT_FOR = "room_tight_for"
    DELETION_WAITS = "deletion_waits"
    FILES_GONE = "files_gone"
    FILES_STUCK = "files_stuck"
    FILES_BACK = "files_back"
    FILE_UNSYNCED = "file_unsynced"
    FILE_TROUBLE = "file_trouble"
    FILE_REFUSED = "file_refused"
    FILE_FOREIGN = "file_foreign"
    FILE_EMPTY = "file_empty"
    FILE_RECOVERED = "file_recovered"
    FILE_DAMAGED = "file_damaged"
    BYTES_DIFFER = "bytes_differ"
    FILE_UNREADABLE = "file_unreadable"
    FILE_SOUND = "file_sound"
    FOOTAGE_UNREADABLE = "footage_unreadable"
    FOOTAGE_READABLE = "footage_readable"
    FILE_MISNAMED = "file_misnamed"
    FILE_CLOCK = "file_clock"
    NUMBERS_MISSING = "numbers_missing"
    INDEX_OLDER = "index_older"
    INDEX_DELETED = "index_deleted"
    ROWS_PARKED = "rows_parked"
    DATABASE_BACK = "database_back"


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
    code: Code
    args: Args = field(default_factory=dict, hash=False)

    def event(self, at_us: int, kind: EventKind, camera_id: int | None = None) -> Event:
        """Long sentences are cut."""
        return Event(at_us, kind, camera_id, self.text[:_LONGEST], code=self.code, args=self.args)
