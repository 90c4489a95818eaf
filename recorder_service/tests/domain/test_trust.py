"""What clocks can do to retention: a camera recorded all the time, kept 7 days, and a clock that goes wrong.

No event may delete footage inside its retention. The events are those that machines really meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder_service.domain.purge import Cutoff
from recorder_service.domain.times import DAY_US, SECOND_US
from recorder_service.domain.trust import Advance, Baseline, Reading, judge, leaps, moved

HOUR_US = 3600 * SECOND_US
STEP_US = 600 * SECOND_US
DAYS = 7
START_US = 1_790_000_000_000_000


@dataclass
class World:
    """True time, and how far the node's and the ERP's clocks stand from it (µs). A segment each ten minutes."""

    now: int = START_US
    wall: int = 0
    erp: int | None = 0
    lived: int = 0
    boot: int = 1
    baseline: Baseline | None = None
    advance: Advance | None = None
    kept: list[tuple[int, int, int]] = field(default_factory=list)  # true end, stamped end, first seen
    seen: int = 0
    early: int = 0
    purged: int = 0
    parked: int = 0

    def step(self, running: bool = True) -> None:
        self.now += STEP_US
        if not running:
            return
        self.lived += STEP_US
        wall = self.now + self.wall
        erp = None if self.erp is None else self.now + self.erp
        self.seen = max(self.seen, wall, erp or 0)
        self.kept.append((self.now, wall, self.seen))
        self._purge(wall, erp)

    def _purge(self, wall: int, erp: int | None) -> None:
        trust = judge(Reading(wall, self.lived, erp, str(self.boot)), self.baseline)
        self.baseline = trust.baseline
        if erp is None:
            return
        cutoff = Cutoff(1, erp - DAYS * DAY_US, DAYS).lowered(min(wall, erp))
        if self.advance is None:
            self.advance = Advance(cutoff.cutoff_us, self.lived)
        due = [k for k in self.kept if max(k[1], k[2]) <= cutoff.cutoff_us]
        if trust.problem:
            self.parked += bool(trust.lasting and due)
            return
        if leaps({1: cutoff}, {1: self.advance}, self.lived):
            self.parked += bool(due)
            return
        self.advance = moved(self.advance, cutoff.cutoff_us, self.lived)
        self.early += sum(self.now - k[0] < DAYS * DAY_US for k in due)
        self.purged += len(due)
        self.kept = [k for k in self.kept if k not in due]

    def run(self, hours: float, running: bool = True) -> None:
        for _ in range(round(hours * 6)):
            self.step(running)

    def reboot(self) -> None:
        self.boot += 1


def world() -> World:
    made = World()
    made.run(8 * 24)
    assert made.purged > 100
    assert made.early == 0
    return made


def node_a_day_ahead_for_an_hour(w: World) -> None:
    w.wall = DAY_US
    w.run(1)
    w.wall = 0


def node_a_day_ahead_for_good(w: World) -> None:
    w.wall = DAY_US


def node_a_year_behind_for_an_hour(w: World) -> None:
    w.wall = -365 * DAY_US
    w.run(1)
    w.wall = 0


def erp_a_day_ahead_for_an_hour(w: World) -> None:
    w.erp = DAY_US
    w.run(1)
    w.erp = 0


def both_a_day_ahead_for_an_hour(w: World) -> None:
    w.wall = w.erp = DAY_US
    w.run(1)
    w.wall = w.erp = 0


def both_thirty_days_ahead_for_an_hour(w: World) -> None:
    w.wall = w.erp = 30 * DAY_US
    w.run(1)
    w.wall = w.erp = 0


def boot_into_1970_and_ntp_after_twenty_minutes(w: World) -> None:
    w.reboot()
    w.wall = -w.now
    w.erp = None
    w.run(1 / 3)
    w.wall, w.erp = 0, 0


def reboot_with_both_clocks_a_day_ahead(w: World) -> None:
    w.reboot()
    w.wall = w.erp = DAY_US


def off_for_three_days(w: World) -> None:
    w.run(72, running=False)
    w.reboot()


def erp_away_for_a_week(w: World) -> None:
    w.erp = None
    w.run(7 * 24)
    w.erp = 0


EVENTS = [
    node_a_day_ahead_for_an_hour, node_a_day_ahead_for_good, node_a_year_behind_for_an_hour,
    erp_a_day_ahead_for_an_hour, both_a_day_ahead_for_an_hour, both_thirty_days_ahead_for_an_hour,
    boot_into_1970_and_ntp_after_twenty_minutes, reboot_with_both_clocks_a_day_ahead, off_for_three_days,
    erp_away_for_a_week,
]  # fmt: skip
WAITS = {node_a_day_ahead_for_good, reboot_with_both_clocks_a_day_ahead, off_for_three_days}


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.__name__)
def test_no_event_deletes_early(event) -> None:  # type: ignore[no-untyped-def]
    w = world()
    event(w)
    before = w.purged
    w.run(24)
    assert w.early == 0
    if event in WAITS:
        assert w.purged == before, "a person is asked first"
        assert w.parked or event is node_a_day_ahead_for_good
    else:
        assert w.purged > before, "it catches up by itself"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["node", "erp", "both", "reboot", "off", "erp away", "right"]),
            st.integers(-400 * 24, 400 * 24),
            st.integers(1, 30),
        ),
        max_size=6,
    )
)
def test_no_history_deletes_early(history: list[tuple[str, int, int]]) -> None:
    w = world()
    for what, hours, lasting in history:
        match what:
            case "node":
                w.wall = hours * HOUR_US
            case "erp":
                w.erp = hours * HOUR_US
            case "both":
                w.wall = w.erp = hours * HOUR_US
            case "reboot":
                w.reboot()
            case "off":
                w.run(lasting, running=False)
                w.reboot()
            case "erp away":
                w.erp = None
            case _:
                w.wall, w.erp = 0, 0
        w.run(lasting)
    assert w.early == 0
