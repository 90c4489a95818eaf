"""Times are integers of microseconds since 1970 UTC (``*_us``), everywhere inside the service."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


class Clock(Protocol):
    """Source of "now", so that tests can move it."""

    def now_us(self) -> int:
        """Wall clock, µs since 1970 UTC."""

    def monotonic(self) -> float:
        """Seconds that never step back."""


class SystemClock:
    """The host's clock."""

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()


def to_datetime(us: int) -> datetime:
    """Aware UTC datetime of ``us``."""
    return datetime.fromtimestamp(us // SECOND_US, UTC).replace(microsecond=us % SECOND_US)


def iso(us: int | None) -> str | None:
    """``2026-11-24T09:00:00.000001Z``, or None for None."""
    return None if us is None else to_datetime(us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_day(us: int) -> str:
    """``YYYY-MM-DD`` in UTC: the name of a day's folder on disk."""
    return to_datetime(us).strftime("%Y-%m-%d")


def day_start_us(day: str) -> int:
    """The first µs of a UTC day named ``YYYY-MM-DD``."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * SECOND_US


def is_day(name: str) -> bool:
    """Whether that is a UTC day's name, as `utc_day` gives it."""
    try:
        return utc_day(day_start_us(name)) == name
    except ValueError:
        return False


def boottime_us() -> int:
    """µs since this machine's boot, sleep included; no clock setting moves it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class ErpTime:
    """The ERP's clock as last heard, carried on by boot time. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: tuple[int, int] | None = None

    def heard(self, server_us: int) -> int | None:
        """The ERP just said its time. Returns by how many µs its clock was set since it said it before, if it had."""
        now = boottime_us()
        with self._lock:
            moved = None if self._heard is None else server_us - self._heard[0] - (now - self._heard[1])
            self._heard = (server_us, now)
        return moved

    def now_us(self) -> int | None:
        """The ERP's time now, or None before it was heard."""
        with self._lock:
            return None if self._heard is None else self._heard[0] + boottime_us() - self._heard[1]
