"""Time arithmetic of coverage: half-open intervals of integer microseconds since 1970 UTC. Nothing of Odoo in here."""

import time
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
FAR_FUTURE = 4 * 10**15  # year 2096: later times are nonsense and datetime has an end


def merge(intervals):
    """Return the union of ``(start, stop)`` pairs as sorted, disjoint pairs (touching ones are joined)."""
    merged = []
    for start, stop in sorted(intervals):
        if merged and start <= merged[-1][1]:
            if stop > merged[-1][1]:
                merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((start, stop))
    return merged


def intersect(left, right):
    """Return the intersection of two sorted, disjoint lists of pairs."""
    common, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, stop = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < stop:
            common.append((start, stop))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return common


def by_day(intervals, tz):
    """Return ``{site day: µs}`` of disjoint pairs, cut at the midnights of zone ``tz``."""
    days = {}
    for start, stop in intervals:
        while start < stop:
            day = day_of(start, tz)
            end = min(stop, day_bounds(day, tz)[1])
            days[day] = days.get(day, 0) + end - start
            start = end
    return days


def day_of(us, tz):
    """Return the calendar day at ``us`` in zone ``tz``."""
    start, stop, day = _recent.get(tz, (0, 0, None))
    if not start <= us < stop:
        day = (EPOCH + timedelta(microseconds=us)).astimezone(_zone(tz)).date()
        _recent[tz] = (*day_bounds(day, tz), day)
    return day


@lru_cache(maxsize=4096)
def day_bounds(day: date, tz: str):
    """Return ``(start, stop)`` in µs of a calendar day in zone ``tz`` (23 or 25 hours where clocks change)."""
    zone = _zone(tz)
    return tuple(
        (datetime(d.year, d.month, d.day, tzinfo=zone) - EPOCH) // MICROSECOND for d in (day, day + timedelta(days=1))
    )


def to_us(moment):
    """Return a naive UTC datetime as µs since 1970."""
    return (moment.replace(tzinfo=timezone.utc) - EPOCH) // MICROSECOND


def from_us(us):
    """Return µs since 1970 as a naive UTC datetime, microseconds kept."""
    return (EPOCH + timedelta(microseconds=us)).replace(tzinfo=None)


def past(us):
    """Return µs since 1970 of another's clock, now in place of a time yet to come."""
    return min(us, time.time_ns() // 1000)


_recent = {}  # zone -> bounds and date of the day last asked for: a batch asks for the same one again and again


@lru_cache(maxsize=64)
def _zone(tz):
    return ZoneInfo(tz or "UTC")
