"""A gap: time in which a camera should have been recorded and was not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GapReason(StrEnum):
    SOURCE_LOST = "source_lost"
    AUTH_FAILED = "auth_failed"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    ENGINE_RESTART = "engine_restart"
    DRIFT_RESET = "drift_reset"
    WRITE_ERROR = "write_error"
    DISK_FULL = "disk_full"
    CONFIG_CHANGE = "config_change"
    QUOTA = "quota"
    MISSING_FILE = "missing_file"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gap:
    """``stop_us`` is None while the gap is open. Known to the ERP by (camera, start)."""

    camera_id: int
    path: str
    start_us: int
    stop_us: int | None
    reason: GapReason

    @property
    def open(self) -> bool:
        return self.stop_us is None
