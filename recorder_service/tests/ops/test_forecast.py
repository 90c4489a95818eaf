"""Hours left: against a generated node, by hand, and over a restart."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder_service.domain.segment import Segment
from recorder_service.ops.forecast import HOUR_US, MINUTE_US, Minute, Outlook, outlook
from recorder_service.ops.meter import Meter
from recorder_service.store import Index
from recorder_service.store.forecast import KEEP_HOURS, RecordedHour

from ..conftest import NODE

START = 490_000  # an hour since 1970
GB = 10**9


def generated(draw: random.Random, days: int) -> Callable[[int], float]:
    """Bytes of a minute of a node of 30 cameras: 55 % at night, ±8 % noise an hour, one more from the fourth day on."""
    noise = [draw.uniform(0.92, 1.08) for _ in range(days * 24)]

    def minute(number: int) -> float:
        hour = number // 60 - START
        day = 1.0 if 6 <= (number // 60 + 7) % 24 < 19 else 0.55
        return (31 if hour >= 80 else 30) * 4e6 / 8 * 60 * day * noise[hour]

    return minute


def recorded(minute: Callable[[int], float], until: int, outage: range) -> tuple[dict[int, RecordedHour], list[Minute]]:
    hours: dict[int, RecordedHour] = {}
    for hour in range(START, until // 60 + 1):
        numbers = [n for n in range(hour * 60, min(hour * 60 + 60, until)) if n not in outage]
        if numbers:
            hours[hour] = RecordedHour(round(sum(map(minute, numbers))), 60 * len(numbers))
    last = [Minute(n, round(minute(n))) for n in range(until - 60, until) if n not in outage]
    return hours, last


def truth(minute: Callable[[int], float], at: int, size: float) -> float:
    number = at
    while size > 0:
        size -= minute(number)
        number += 1
    return (number - at) / 60


def test_forecast_of_a_generated_node() -> None:
    """156 points of a week, with an outage of two hours: the median error is below 5 %, 95 % are below 20 %.

    The lower of the two answers hardly ever promises 15 % too much.
    """
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    minute = generated(draw, 14)
    outage = range((START + 100) * 60, (START + 102) * 60)
    errors, flat, over = [], [], []
    for point in range(156):
        at = (START + 75) * 60 + point * 30
        size = draw.uniform(0.05, 1.5) * GB * 1000
        found = outlook(*recorded(minute, at, outage), at * MINUTE_US)
        assert found.profile
        real = truth(minute, at, size)
        errors.append(abs((found.hours(size) or 0) - real) / real)
        flat.append(abs(size / (found.mean or 1) / 3600 - real) / real)
        over.append(((found.soonest(size) or 0) - real) / real)
    high, promised = sorted(errors)[148], sorted(over)[148]
    print(f"median {statistics.median(errors):.3f}, p95 {high:.3f}, 24-h mean {statistics.median(flat):.3f}")
    print(f"over-promise of the lower: p95 {promised:.3f}, worst {max(over):.3f}")
    assert statistics.median(errors) < 0.05
    assert high < 0.20
    assert statistics.median(errors) < statistics.median(flat)
    assert promised < 0.15


def test_until_three_days_are_known_the_mean_of_a_day_counts() -> None:
    now = (START + 50) * HOUR_US
    day = {START + n: RecordedHour(3600 * (100 if n % 24 < 12 else 300), 3600) for n in range(50)}
    found = outlook(day, [], now)
    assert (found.mean, found.profile, found.hours(200 * 3600 * 5)) == (200.0, None, 5.0)
    assert outlook({START: RecordedHour(10, 60)}, [], now).mean is None, "a minute is no forecast"
    assert outlook({}, [], now).hours(5) is None


def test_profile_walks_through_the_day_and_follows_the_trend() -> None:
    hours = {START + n: RecordedHour(3600 * (100 if (START + n) % 24 < 12 else 300), 3600) for n in range(96)}
    at = next(START + n for n in range(80, 96) if (START + n) % 24 == 11)
    found = outlook(hours, [], at * HOUR_US + HOUR_US // 2)
    assert found.profile
    assert found.hours(1800 * 100) == pytest.approx(0.5)
    assert found.hours(1800 * 100 + 3600 * 300) == pytest.approx(1.5)
    assert found.hours(1800 * 100 + 10 * 24 * 3600 * 200) == pytest.approx(240.5, abs=0.4)
    assert found.hours(-5) == 0
    louder = outlook(hours, [Minute(at * 60 + n, 60 * 150) for n in range(30)], at * HOUR_US + HOUR_US // 2)
    assert louder.hours(1800 * 150) == pytest.approx(0.5)
    assert (louder.soonest(1800 * 150) or 0) <= 1800 * 150 / 200 / 3600, "an alarm goes by the lower of both"
    few = outlook(hours, [Minute(at * 60, 60 * 150)], at * HOUR_US)
    assert few.profile == outlook(hours, [], at * HOUR_US).profile


def test_hours_of_a_clock_that_was_ahead_are_not_believed() -> None:
    good = {START + n: RecordedHour(3600 * 100, 3600) for n in range(24)}
    ahead = good | {START + 9000 + n: RecordedHour(3600 * 900, 3600) for n in range(24)}
    now = (START + 24) * HOUR_US
    assert outlook(ahead, [], now) == outlook(good, [], now)


class Recorder:
    """Feeds a meter with segments of 20 s, as the intake would."""

    def __init__(self, index: Index, cameras: tuple[str, ...] = ("cam-1", "cam-2")) -> None:
        self.now = (START + 1) * HOUR_US
        self.expected = frozenset(cameras)
        self.lost: dict[str, int] = {}
        self.meter = Meter(index.hours, lambda: self.expected, lambda: self.lost)
        self.meter.roll(self.now, 20)

    def minutes(self, count: int, *cameras: str, size: int = 1000) -> Outlook:
        for _ in range(3 * count):
            for camera in cameras:
                self.meter.add(Segment(1, camera, self.now, self.now + 20_000_000, size, "ab" * 16, 0))
            self.now += 20_000_000
            found = self.meter.roll(self.now, 20)
        return found


def test_a_camera_that_should_record_counts_as_in_its_last_whole_minute(index: Index) -> None:
    recorder = Recorder(index)
    recorder.minutes(30, "cam-1", "cam-2")
    recorder.minutes(20, "cam-1")
    known = index.hours.all()
    assert sum(hour.seconds for hour in known.values()) in (48 * 60, 49 * 60)
    assert all(hour.bytes == hour.seconds * 100 for hour in known.values())
    recorder.expected = frozenset(("cam-1",))
    found = recorder.minutes(10, "cam-1")
    assert found.mean
    assert found.mean < 100
    recorder.expected = frozenset()
    before = index.hours.all()
    recorder.minutes(10, "cam-1")
    assert index.hours.all() == before


def test_a_camera_that_comes_and_goes_counts_as_it_is_recorded(index: Index) -> None:
    recorder = Recorder(index)
    for _ in range(20):
        recorder.minutes(1, "cam-1", "cam-2")
        recorder.minutes(1, "cam-1")
    known = index.hours.all().values()
    assert sum(hour.seconds for hour in known) >= 38 * 60, "it keeps no minute of the other from counting"
    assert sum(hour.bytes for hour in known) < 38 * 60 * 85, "at first as whole, then half of the time"


def test_a_newcomer_with_a_camera_that_is_cut_again_and_again_has_a_forecast(index: Index) -> None:
    recorder = Recorder(index, ("cam-1", "cam-2", "cam-3"))
    for _ in range(9):
        recorder.meter.add(Segment(1, "cam-2", recorder.now, recorder.now + 20_000_000, 1000, "ab" * 16, 0))
        found = recorder.minutes(1, "cam-1")
    assert found.mean == 100.0, "of the two that are recorded, each as a whole"


def test_a_camera_that_is_dead_does_not_stop_the_forecast(index: Index) -> None:
    recorder = Recorder(index)
    recorder.lost = {"cam-2": recorder.now + 12_000_000}
    found = recorder.minutes(10, "cam-1")
    assert found.mean == 50.0, "what is recorded, and nothing else"
    recorder.lost = {}
    recorder.minutes(1, "cam-1")
    before = index.hours.all()
    recorder.minutes(10, "cam-1", "cam-2")
    after = index.hours.all()
    seconds = sum(hour.seconds for hour in after.values()) - sum(hour.seconds for hour in before.values())
    assert seconds >= 8 * 60
    grown = sum(hour.bytes for hour in after.values()) - sum(hour.bytes for hour in before.values())
    assert grown >= (seconds - 2 * 60) * 100, "its rate comes back with it"


def test_a_minute_in_which_nobody_recorded_that_should_is_left_out(index: Index) -> None:
    recorder = Recorder(index)
    recorder.lost = {"cam-1": recorder.now, "cam-2": recorder.now}
    recorder.minutes(10)
    recorder.minutes(10, "cam-3")
    assert index.hours.all() == {}, "nobody that should record did"


def test_restart_keeps_the_profile_and_counts_nothing_twice(tmp_path: Path) -> None:
    with Index(tmp_path / "index.sqlite", NODE) as index:
        for hour in range(START - 96, START + 1):
            index.hours.add(hour, 3600 * 1000, 3600)
        first = Recorder(index)
        first.minutes(30, "cam-1", "cam-2")
        before = index.hours.all()
        expected = first.meter.roll(first.now, 20)
    with Index(tmp_path / "index.sqlite", NODE) as index:
        again = Recorder(index)
        again.now = first.now
        again.meter = Meter(index.hours, lambda: again.expected, dict)
        found = again.meter.roll(again.now, 20)
        assert found.mean == expected.mean
        assert found.profile
        # what the scan after the start finds of the time before is not new
        for n in range(30):
            at = first.now - n * 20_000_000
            for camera in ("cam-1", "cam-2"):
                again.meter.add(Segment(1, camera, at, at + 20_000_000, 9, "ab" * 16, 0))
        again.minutes(2)
        assert index.hours.all() == before
        again.minutes(10, "cam-1", "cam-2")
        grown = index.hours.all()
        assert sum(hour.seconds for hour in grown.values()) > sum(hour.seconds for hour in before.values())
        assert all(hour.seconds <= 3600 for hour in grown.values())


def test_old_hours_leave(index: Index) -> None:
    for hour in range(START, START + KEEP_HOURS + 5):
        index.hours.add(hour, 60, 60)
    kept = index.hours.all()
    assert (len(kept), min(kept)) == (KEEP_HOURS, START + 5)


def test_a_clock_set_back_or_ahead_breaks_nothing(index: Index) -> None:
    recorder = Recorder(index)
    recorder.minutes(10, "cam-1", "cam-2")
    for step in (-3 * HOUR_US, 30 * 24 * HOUR_US, -30 * 24 * HOUR_US):
        recorder.now += step
        seconds = sum(hour.seconds for hour in index.hours.all().values())
        recorder.minutes(10, "cam-1", "cam-2")
        assert sum(hour.seconds for hour in index.hours.all().values()) > seconds
    assert all(hour.bytes == hour.seconds * 100 for hour in index.hours.all().values())
