"""Counts what the node records, minute by minute, from the segments as they are taken in."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise

import structlog

from ..domain.segment import Segment
from ..store.forecast import RecordedHours
from .forecast import MINUTE_US, Minute, Outlook, outlook

_log = structlog.get_logger(__name__)

_WHOLE_US = 0.95 * MINUTE_US
_FLAPS = 6  # times that a camera came or went in its last hour: it counts as it is recorded
_LATE_US = 60 * MINUTE_US


class Meter:
    """`expected()`: paths of the cameras that should record. One that was cut in a minute counts as in its last whole
    one, unless it was `lost()` (path to since when, in µs) all through that minute, or comes and goes: what is forecast
    is what is recorded.

    `add` comes from the intake's thread, all else from the guard's.
    """

    def __init__(
        self, hours: RecordedHours, expected: Callable[[], frozenset[str]], lost: Callable[[], Mapping[str, int]]
    ) -> None:
        self._hours = hours
        self._expected = expected
        self._lost = lost
        self._lock = threading.Lock()
        self._open: dict[int, dict[str, list[float]]] = {}
        self._past: dict[str, deque[bool]] = {}
        self._whole: dict[str, float] = {}  # path to bytes of its last whole minute
        self._last: deque[Minute] = deque(maxlen=60)
        self._closed: int | None = None
        self._outlook = Outlook()

    def add(self, segment: Segment) -> None:
        """Spread a segment's bytes over its minutes."""
        length = segment.stop_us - segment.start_us
        if length <= 0 or length > _LATE_US:
            return
        with self._lock:
            for number in range(segment.start_us // MINUTE_US, (segment.stop_us - 1) // MINUTE_US + 1):
                begin = max(segment.start_us, number * MINUTE_US)
                part = min(segment.stop_us, (number + 1) * MINUTE_US) - begin
                if self._closed is not None and number > self._closed:
                    sums = self._open.setdefault(number, {}).setdefault(segment.path, [0.0, 0.0])
                    sums[0] += part
                    sums[1] += segment.bytes * part / length

    def roll(self, now_us: int, segment_seconds: int) -> Outlook:
        """Close the minutes of which no segment can come any more; called often, works once a minute."""
        closing = (now_us - 2 * segment_seconds * 1_000_000) // MINUTE_US - 1
        if self._closed is None:
            # what was recorded before this process, in part by files that it will never see
            self._closed = now_us // MINUTE_US
            self._outlook = outlook(self._hours.all(), (), now_us)
        elif closing > self._closed or closing < self._closed - 60:
            self._settle(closing)
            self._outlook = outlook(self._hours.all(), self._recent(now_us), now_us)
        return self._outlook

    def _recent(self, now_us: int) -> list[Minute]:
        return [minute for minute in self._last if 0 <= now_us // MINUTE_US - minute.number <= 75]

    def _settle(self, closing: int) -> None:
        with self._lock:
            done = {number: self._open.pop(number) for number in sorted(self._open) if number <= closing}
            # a clock that was set back, or that had been a day ahead
            self._open = {number: sums for number, sums in self._open.items() if number < closing + 24 * 60}
            self._closed = closing
        expected, lost = self._expected(), self._lost()
        for number, cameras in done.items():
            whole = {path: cameras.get(path, (0.0, 0.0))[0] >= _WHOLE_US for path in expected}
            for path, one in whole.items():
                self._past.setdefault(path, deque(maxlen=60)).append(one)
            away = {path for path, since_us in lost.items() if since_us <= number * MINUTE_US and path not in cameras}
            awaited = whole.keys() - away
            self._whole |= {path: cameras[path][1] for path, one in whole.items() if one}
            if awaited & cameras.keys():
                cut = [path for path in awaited if not whole[path] and not self._flaps(path)]
                missed = sum(self._missed(path, *cameras.get(path, (0.0, 0.0))) for path in cut)
                self._keep(Minute(number, round(sum(size for _, size in cameras.values()) + missed)))

    def _missed(self, path: str, part: float, size: float) -> float:
        """Bytes that a camera would have recorded beside the `size` of the `part` (µs) that it did."""
        whole = self._whole.get(path)
        if whole is None:
            whole = size * MINUTE_US / part if part else 0.0
        return max(whole - size, 0.0)

    def _flaps(self, path: str) -> bool:
        """It comes and goes: what it records is not what it would record if it stayed."""
        past = list(self._past[path])
        return sum(one is not other for one, other in pairwise(past)) >= _FLAPS

    def _keep(self, minute: Minute) -> None:
        self._last.append(minute)
        try:
            self._hours.add(minute.number // 60, minute.bytes, 60)
        except sqlite3.OperationalError as error:
            _log.error("a minute of the profile is lost", error=str(error))
