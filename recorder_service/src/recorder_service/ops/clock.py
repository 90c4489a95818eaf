"""The host's clock: steps while we watch, and its offset against its time source."""

from __future__ import annotations

import ctypes
import threading
from collections import deque

from ..domain.times import Clock

_STEP_US = 500_000
_STA_NANO = 0x2000
_TIME_ERROR = 5


class ClockWatch:
    """Notices when wall and monotonic time run apart. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._steps: deque[tuple[int, int]] = deque(maxlen=1000)
        self._base: int | None = None

    def check(self) -> int:
        """Call about once a second. µs by which the clock was set since the last call (0 = not)."""
        now_us = self._clock.now_us()
        base = now_us - int(self._clock.monotonic() * 1_000_000)
        before, self._base = self._base, base
        if before is None or abs(base - before) < _STEP_US:
            return 0
        with self._lock:
            self._steps.append((now_us, base - before))
        return base - before

    def now_us(self) -> int:
        """The host's clock."""
        return self._clock.now_us()

    def back(self, from_us: int) -> int:
        """µs that the clock was set *back* after `from_us` of its own time before that."""
        with self._lock:
            return sum(-step for at, step in self._steps if step < 0 and at - step >= from_us)

    def forward(self, from_us: int, to_us: int) -> int:
        """µs that the clock was set *forward* between two of its own times: time that never was."""
        with self._lock:
            return sum(step for at, step in self._steps if step > 0 and from_us <= at <= to_us + 2_000_000)


_libc = ctypes.CDLL(None, use_errno=True)


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def offset_ms() -> float | None:
    """The kernel's idea of its offset (adjtimex(2)), or None when the clock is not synchronised."""
    data = _Timex()
    state = _libc.adjtimex(ctypes.byref(data))
    if state in (-1, _TIME_ERROR):
        return None
    return float(data.offset) / (1e6 if data.status & _STA_NANO else 1e3)
