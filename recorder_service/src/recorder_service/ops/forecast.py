"""How long what is left will last, by the node's own profile of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..store.forecast import RecordedHour

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
_DAYS = 3  # of which the profile is made
_ENOUGH = 60 * 5  # seconds of recording before any forecast
_PRESENT = 2 / 3  # of the hours of these days have to be known
_TREND = 15  # whole minutes of the last hour before its trend counts
_TREND_BOUNDS = (1 / 3, 3.0)


@dataclass(frozen=True, slots=True)
class Minute:
    """What all cameras recorded in a minute, those that were cut as if whole. `number`: minutes since 1970 UTC."""

    number: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Bytes a second to come: `mean` of 24 hours, and `profile` by hour of the day (UTC) with the present trend in it.

    Both None: nothing is known yet. `profile` is None until three days are known.
    """

    now_us: int = 0
    mean: float | None = None
    profile: tuple[float, ...] | None = None

    def hours(self, size: float) -> float | None:
        """Hours until `size` bytes are recorded: by the profile, or by the mean until there is one."""
        return self._walk(size) if self.profile else self._flat(size)

    def soonest(self, size: float) -> float | None:
        """The lower of both: what an alarm goes by."""
        known = [h for h in (self._flat(size), self._walk(size) if self.profile else None) if h is not None]
        return min(known) if known else None

    def _flat(self, size: float) -> float | None:
        return max(size, 0.0) / self.mean / 3600 if self.mean else None

    def _walk(self, size: float) -> float | None:
        assert self.profile is not None
        day = sum(self.profile) * 3600
        if day <= 0:
            return None
        days, left = divmod(max(size, 0.0), day)
        done, at = days * 24, self.now_us / HOUR_US
        while left > 0:
            rate = self.profile[int(at) % 24]
            span = int(at) + 1 - at
            if left <= rate * span * 3600:
                return done + left / rate / 3600
            left -= rate * span * 3600
            done, at = done + span, at + span
        return done


def outlook(hours: Mapping[int, RecordedHour], last: Sequence[Minute], now_us: int) -> Outlook:
    """What the recorded `hours` and the whole minutes of the last hour let expect."""
    present = now_us // HOUR_US
    known = {hour: found for hour, found in hours.items() if hour <= present}
    mean = _mean(known)
    profile = _profile(known, present, mean) if mean else None
    if profile is not None:
        trend = _trend(profile, last)
        profile = tuple(rate * trend for rate in profile)
    return Outlook(now_us, mean, profile)


def _mean(hours: Mapping[int, RecordedHour]) -> float | None:
    """Of the newest 24 hours that are known, each weighing the same, since a day has each of them once."""
    newest = [hours[hour] for hour in sorted(hours)[-24:]]
    if sum(hour.seconds for hour in newest) < _ENOUGH:
        return None
    return sum(hour.rate for hour in newest) / len(newest) or None


def _profile(hours: Mapping[int, RecordedHour], present: int, mean: float) -> tuple[float, ...] | None:
    span = range(present - _DAYS * 24, present)
    if min(hours) > span[0] or sum(hour in hours for hour in span) < _PRESENT * len(span):
        return None
    out = []
    for clock in range(24):
        rates = [hours[hour].rate for hour in span if hour % 24 == clock and hour in hours]
        out.append(sum(rates) / len(rates) if rates else mean)
    return tuple(out)


def _trend(profile: Sequence[float], last: Sequence[Minute]) -> float:
    expected = sum(profile[minute.number // 60 % 24] * 60 for minute in last)
    if len(last) < _TREND or expected <= 0:
        return 1.0
    low, high = _TREND_BOUNDS
    return min(max(sum(minute.bytes for minute in last) / expected, low), high)
