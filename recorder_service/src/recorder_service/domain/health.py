"""What a heartbeat says of the node."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .pressure import Level
from .probe import Result
from .purge import PurgeHealth


class CameraState(StrEnum):
    RECORDING = "recording"  # closed segments prove it
    WAITING = "waiting"  # should record, not proven yet
    STALLED = "stalled"
    OFFLINE = "offline"
    OFF = "off"
    AUDIO_REFUSED = "audio_refused"


class Alarm(StrEnum):
    QUOTA = "quota"
    DISK_LOW = "disk_low"
    DISK_MISSING = "disk_missing"
    ENGINE_DOWN = "engine_down"
    GATE_DOWN = "gate_down"
    CLOCK = "clock"
    PARKED = "parked"
    KEY_EXPIRING = "key_expiring"
    PURGE_PARKED = "purge_parked"
    PURGE_LOCKED = "purge_locked"
    DISK_TIGHT = "disk_tight"
    ONLY_HELD = "only_held"


# nothing is recorded while one of these lasts; the others call for a hand and footage is stored all the same
STOPPING = frozenset((Alarm.QUOTA, Alarm.DISK_LOW, Alarm.DISK_MISSING, Alarm.ENGINE_DOWN, Alarm.ONLY_HELD))


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """``reason`` a gap reason or empty; ``detail`` one sentence without credentials."""

    camera_id: int
    state: CameraState
    reason: str = ""
    since_us: int = 0
    last_stop_us: int | None = None
    kbps: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """State of engine or gate; ``started_us`` None while down."""

    up: bool
    started_us: int | None = None


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """Bytes. ``used`` = indexed segments, ``quota`` 0 = none, ``ballast`` = set aside on all file systems of the node,
    ``index_free`` = free on the index's file system. Hours are None until something was measured.
    """

    path: str
    total: int
    free: int
    used: int
    quota: int
    reserve: int
    hours_left: float | None = None
    hours_left_without_purge: float | None = None
    level: Level = Level.NORMAL
    ballast: int = 0
    index_free: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """Rows that the ERP has not acknowledged."""

    segments: int = 0
    gaps: int = 0
    parked: int = 0
    events: int = 0
    jobs: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """All that the recording side knows; the ERP link adds ``pending`` and its own alarms before it sends.

    ``checks``: what the probes of this machine found wrong; None until they have looked.
    """

    versions: dict[str, str]
    disk: DiskHealth
    engine: ProcessHealth
    gate: ProcessHealth
    recording: bool
    cameras: tuple[CameraHealth, ...] = ()
    alarms: frozenset[Alarm] = field(default_factory=frozenset)
    clock_offset_ms: float | None = None
    purge: PurgeHealth | None = None
    checks: tuple[Result, ...] | None = None
