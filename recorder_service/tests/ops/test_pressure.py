"""Levels, their hysteresis, and who is held back first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recorder_service.domain.config import NodeConfig
from recorder_service.domain.gap import GapReason
from recorder_service.domain.pressure import Level, Stop
from recorder_service.ops.forecast import Outlook
from recorder_service.ops.guard import change
from recorder_service.ops.pressure import LEAST_RESERVE, Demand, Look, Pressure, Room, decide

GB = 10**9
NODE = NodeConfig("n", 60, 5 * GB, GB)
BLIND = Outlook()


def judge(room: Room, before: Pressure | None = None, node: NodeConfig = NODE, **more: object) -> Pressure:
    return decide(Look(node, room, **{"outlook": BLIND, **more}), before or Pressure())  # type: ignore[arg-type]


def test_quota_holds_until_there_is_room() -> None:
    assert judge(Room(100 * GB, 50 * GB, 5 * GB - 1)).stop is None
    full = judge(Room(100 * GB, 50 * GB, 5 * GB))
    assert (full.level, full.reason) == (Level.FULL, GapReason.QUOTA)
    assert full.stop
    assert full.stop.reason is GapReason.QUOTA
    assert judge(Room(100 * GB, 50 * GB, int(4.95 * GB)), full).stop is not None
    assert judge(Room(100 * GB, 50 * GB, int(4.8 * GB)), full).stop is None


def test_reserve_stops_before_the_disk_is_full() -> None:
    full = judge(Room(100 * GB, GB - 1, 0))
    assert (full.level, full.reason) == (Level.FULL, GapReason.DISK_FULL)
    assert judge(Room(100 * GB, GB, 0), full).stop is not None
    assert judge(Room(100 * GB, int(1.05 * GB), 0), full).stop is None
    bare = NodeConfig("n")
    assert judge(Room(GB, LEAST_RESERVE - 1, 0), node=bare).stop is not None
    assert judge(Room(GB, LEAST_RESERVE, 10**15), node=bare).stop is None


def test_without_a_forecast_the_last_part_is_tight_and_nothing_is_held_back() -> None:
    cameras = [Demand(f"cam-{n}", n, 10) for n in range(3)]
    tight = judge(Room(100 * GB, 2 * GB, 0), demands=cameras)
    assert (tight.level, tight.stops, tight.hours) == (Level.TIGHT, {}, None)
    assert judge(Room(100 * GB, 20 * GB, 0), demands=cameras).level is Level.NORMAL


def test_footage_that_may_go_counts_as_room_for_the_forecast_but_not_for_the_next_byte() -> None:
    hourly = Outlook(0, GB / 3600)
    found = judge(Room(1000 * GB, 2 * GB, 0), node=NodeConfig("n", 60, 0, GB), outlook=hourly, due=99 * GB)
    assert (found.level, found.hours, found.hours_bare) == (Level.NORMAL, 100.0, 1.0)
    assert judge(Room(1000 * GB, GB - 1, 0), outlook=hourly, due=99 * GB).level is Level.FULL


CAMERAS = [Demand(f"cam-{priority}", number, priority, 5e5) for number, priority in enumerate((30, 10, 40, 20))]


def test_cameras_leave_by_priority_and_return_in_the_opposite_order() -> None:
    node = NodeConfig("n", 60, 0, GB)
    hourly = Outlook(0, 2e6)
    now = Pressure()
    told, left, level = [], 400 * GB, []
    while left > -GB:
        before, now = now, judge(Room(1000 * GB, left + GB, 0), now, node, outlook=hourly, demands=CAMERAS)
        told += sorted(set(now.stops) - set(before.stops))
        level += [now.level] if not level or level[-1] is not now.level else []
        assert not before.stops or now.stop or set(before.stops) <= set(now.stops), "none returns while room shrinks"
        left -= GB // 10
    assert told == ["cam-10", "cam-20", "cam-30"], "the last one goes on until nothing may be written"
    assert level == [Level.NORMAL, Level.TIGHT, Level.LOW, Level.FULL]
    back: list[str] = []
    while left < 150 * GB:
        before, now = now, judge(Room(1000 * GB, left + GB, 0), now, node, outlook=hourly, demands=CAMERAS)
        back += sorted(set(before.stops) - set(now.stops), reverse=True)
        left += GB // 10
    assert (back, now.level) == (["cam-30", "cam-20", "cam-10"], Level.NORMAL)


def test_equal_priority_leaves_by_number_and_an_edit_of_priorities_is_followed() -> None:
    node = NodeConfig("n", 60, 0, GB)
    equal = [Demand(f"cam-{n}", n, 10, 5e5) for n in range(4)]
    room = Room(1000 * GB, 15 * GB, 0)
    low = judge(room, node=node, outlook=Outlook(0, 2e6), demands=equal)
    assert sorted(low.stops) == ["cam-3"]
    edited = [*equal[:3], Demand("cam-3", 3, 90, 5e5)]
    assert sorted(judge(room, low, node, outlook=Outlook(0, 2e6), demands=edited).stops) == ["cam-2"]


rates = st.floats(1e3, 1e8)
sizes = st.integers(10 * GB, 100_000 * GB)
rooms = st.builds(
    lambda total, free, used: Room(total, int(total * free), int(total * used)),
    sizes, st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
nodes = st.builds(
    lambda quota, keep: NodeConfig("n", 60, quota, keep),
    st.one_of(st.just(0), sizes), st.integers(0, 5 * GB),
)  # fmt: skip
demands = st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), rates)), max_size=8).map(
    lambda found: [Demand(f"cam-{n}", n, priority, rate) for n, (priority, rate) in enumerate(found)]
)
outlooks = st.one_of(
    st.just(BLIND),
    rates.map(lambda rate: Outlook(0, rate)),
    st.lists(rates, min_size=24, max_size=24).map(lambda profile: Outlook(0, sum(profile) / 24, tuple(profile))),
)


@given(nodes, rooms, rooms, outlooks, demands, st.integers(0, 100 * GB))
def test_a_second_look_at_the_same_room_changes_nothing(
    node: NodeConfig, earlier: Room, room: Room, outlook: Outlook, cameras: list[Demand], due: int
) -> None:
    before = decide(Look(node, earlier, outlook, cameras, due), Pressure())
    once = decide(Look(node, room, outlook, cameras, due), before)
    twice = decide(Look(node, room, outlook, cameras, due), once)
    assert (once.level, once.stops.keys(), once.stop) == (twice.level, twice.stops.keys(), twice.stop)
    assert change(once, twice) is None


@given(
    sizes, rates, demands, st.sampled_from((12.0, 2.0, 0.0)), st.sampled_from((1.0, 1.25, 1.5, 2.0)), st.integers(1, 8),
    st.floats(-1.5, 1.5), st.booleans(),
)  # fmt: skip
def test_room_that_trembles_around_a_mark_never_makes_recording_flap(
    size: int, rate: float, cameras: list[Demand], hours: float, times: float, count: int, shift: float, up: bool
) -> None:
    """Swings of a fifth of the smallest mark, at each mark of each number of cameras: after the first all is still."""
    node, outlook = NodeConfig("n", 60, 0, GB), Outlook(0, rate)
    look = Look(node, Room(size + GB, 0, 0), outlook, cameras)
    order = [demand.path for demand in look.order()]
    low = min(2.0 * 3600 * rate, 0.04 * size)
    swing = min(0.2 * low * (look.share(order[:2]) or 1.0), 0.9 * 0.02 * GB)
    mark = {12.0: min(12 * 3600 * rate, 0.1 * size), 2.0: low, 0.0: 0.0}[hours]
    middle = GB + mark * times * (look.share(order[:count]) or 1.0) + shift * swing
    now, seen = Pressure(), []
    for tick in range(8):
        free = int(middle + (swing / 2 if (tick % 2) == up else -swing / 2))
        now = decide(Look(node, Room(size + GB, max(free, 0), 0), outlook, cameras), now)
        seen.append((now.level, sorted(now.stops)))
    assert all(state == seen[2] for state in seen[2:]), seen


def test_one_camera_goes_on_when_those_that_recorded_leave_the_node() -> None:
    """Moved to another node: only cameras that are held back stay behind."""
    before = Pressure(
        Level.LOW, stops={"cam-10": Stop(GapReason.DISK_FULL, ""), "cam-20": Stop(GapReason.DISK_FULL, "")}
    )
    left = [demand for demand in CAMERAS if demand.path in before.stops]
    found = judge(Room(1000 * GB, GB + GB // 100, 0), before, outlook=Outlook(0, 2e6), demands=left)
    assert sorted(found.stops) == ["cam-10"]


@given(nodes, rooms, outlooks, demands, st.integers(0, 100 * GB), st.floats(0, 1))
def test_more_room_is_never_worse_and_who_stops_is_of_the_lowest_priority(
    node: NodeConfig, room: Room, outlook: Outlook, cameras: list[Demand], more: int, earlier: float
) -> None:
    before = decide(Look(node, Room(room.total, int(room.free * earlier), room.used), outlook, cameras), Pressure())
    found = decide(Look(node, room, outlook, cameras), before)
    roomier = decide(Look(node, Room(room.total, room.free + more, max(room.used - more, 0)), outlook, cameras), before)
    assert roomier.level.rank <= found.level.rank
    assert len(roomier.stops) <= len(found.stops) or found.stop
    kept = [c.priority for c in cameras if c.path not in found.stops]
    held = [c.priority for c in cameras if c.path in found.stops]
    assert not held or (kept and min(kept) >= max(held))
    assert (found.level is Level.FULL) == (found.stop is not None)
    assert found.stop is not None or min(limit.left for limit in Look(node, room, outlook).limits) >= 0
