"""Sentences for people that the ERP tells in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

#: What fills the blanks of a sentence.
Args = Mapping[str, str | int]


class SaidCode(StrEnum):
    """What is said of checks, cameras and jobs; the ERP has a sentence for each (docs/wire.md)."""

    SETTINGS_OPEN = "settings_open"
    SETTINGS_OWNER = "settings_owner"
    LINK_IS_MEDIA = "link_is_media"
    LINK_TAKEN = "link_taken"
    MEDIA_ABSENT = "media_absent"
    MEDIA_FOREIGN = "media_foreign"
    MEDIA_UNMARKED = "media_unmarked"
    MEDIA_MARK_BROKEN = "media_mark_broken"
    MEDIA_UNREADABLE = "media_unreadable"
    MEDIA_UNWRITABLE = "media_unwritable"
    MEDIA_OPEN = "media_open"
    MEDIA_READ_ONLY = "media_read_only"
    FOOTAGE_UNREADABLE = "footage_unreadable"
    HOLDS_UNKNOWN = "holds_unknown"
    DATABASE_UNCONFIRMED = "database_unconfirmed"
    ERP_CLOCK_UNKNOWN = "erp_clock_unknown"
    CLOCKS_APART = "clocks_apart"
    HOST_CLOCK_SET = "host_clock_set"
    ERP_CLOCK_SET = "erp_clock_set"
    LIMIT_LEAPT = "limit_leapt"
    FILES_STUCK = "files_stuck"
    DELETION_REFUSED = "deletion_refused"
    SPACE_LEFT = "space_left"
    QUOTA_USED = "quota_used"
    ROWS_REFUSED = "rows_refused"
    DATABASE_STEPPED = "database_stepped"
    PROGRAM_ABSENT = "program_absent"
    CLOCK_ALONE = "clock_alone"
    CLOCK_OFF = "clock_off"
    WORKER_FAILS = "worker_fails"
    WORKER_HANGS = "worker_hangs"
    RECORDING_OFF = "recording_off"
    ROOM_LEFT = "room_left"
    ROOM_OF_QUOTA = "room_of_quota"
    HELD_BACK = "held_back"
    INDEX_UNWRITABLE = "index_unwritable"
    INDEX_FULL = "index_full"
    VOLUME_GONE = "volume_gone"
    ENGINE_AWAY = "engine_away"
    ENGINE_SAYS = "engine_says"
    ENGINE_REFUSES = "engine_refuses"
    CONNECTING = "connecting"
    SENDS_NOTHING = "sends_nothing"
    SOUND_STAYS = "sound_stays"
    FIRST_SEGMENT = "first_segment"
    NO_SEGMENT = "no_segment"
    BY_REASON = "by_reason"
    PATH_INVALID = "path_invalid"
    ADDRESS_BLANK = "address_blank"
    ADDRESS_PERCENT = "address_percent"
    ADDRESS_HASH = "address_hash"
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_SCHEME = "address_scheme"
    ADDRESS_LOGIN = "address_login"
    ADDRESS_HOST = "address_host"
    CAMERA_UNKNOWN = "camera_unknown"
    NO_SUBSTREAM = "no_substream"
    STREAM_SILENT = "stream_silent"
    STREAM_UNREADABLE = "stream_unreadable"
    STREAM_BLIND = "stream_blind"
    STILL_LARGE = "still_large"
    STILL_FAILED = "still_failed"
    JOB_BROKE = "job_broke"
    JOB_UNKNOWN = "job_unknown"


class Said(str):
    """A sentence that carries the code and the arguments that say the same."""

    __slots__ = ("args", "code")
    code: SaidCode
    args: Args

    def __new__(cls, text: str, code: SaidCode, **args: str | int) -> Self:
        said = super().__new__(cls, text)
        said.code, said.args = code, args
        return said

    def __deepcopy__(self, _memo: object) -> Self:
        return self


class SaidError(Exception):
    """A failure that is told to people: `said` is its sentence, with its code where it has one."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def retold(text: str, said: str) -> str:
    """Another sentence that says the same as `said`."""
    return Said(text, said.code, **said.args) if isinstance(said, Said) else text


def recoded(text: str, code: str, args: Args) -> str:
    """A sentence with the code and the arguments that were kept with it; plain where there is none, or a newer one."""
    return Said(text, SaidCode(code), **args) if code in set(SaidCode) else text


def coded(said: str) -> dict[str, Any]:
    """Code and arguments as the wire has them; nothing of a sentence that has none."""
    return {"code": said.code.value, "args": dict(said.args)} if isinstance(said, Said) else {}
