"""Quota, room, clock."""

from __future__ import annotations

from recorder_service.domain.config import NodeConfig
from recorder_service.domain.gap import GapReason
from recorder_service.engine.board import Stop
from recorder_service.ops.clock import ClockWatch, offset_ms
from recorder_service.ops.guard import LEAST_RESERVE, Room, decide
from recorder_service.ops.versions import tool_version

GB = 10**9
NODE = NodeConfig("n", 60, 5 * GB, GB)


def test_quota_holds_until_there_is_room() -> None:
    assert decide(NODE, Room(100 * GB, 50 * GB, 5 * GB - 1), None) is None
    stop = decide(NODE, Room(100 * GB, 50 * GB, 5 * GB), None)
    assert stop is not None
    assert stop.reason is GapReason.QUOTA
    assert decide(NODE, Room(100 * GB, 50 * GB, int(4.95 * GB)), stop) is not None
    assert decide(NODE, Room(100 * GB, 50 * GB, int(4.8 * GB)), stop) is None


def test_reserve_stops_before_the_disk_is_full() -> None:
    stop = decide(NODE, Room(100 * GB, GB - 1, 0), None)
    assert stop is not None
    assert stop.reason is GapReason.DISK_FULL
    assert decide(NODE, Room(100 * GB, GB, 0), stop) is not None
    assert decide(NODE, Room(100 * GB, int(1.05 * GB), 0), stop) is None
    bare = NodeConfig("n")
    assert decide(bare, Room(GB, LEAST_RESERVE - 1, 0), Stop(GapReason.QUOTA, "")) is not None
    assert decide(bare, Room(GB, LEAST_RESERVE, 10**15), None) is None


class Hands:
    """A clock moved by hand."""

    wall, mono = 10**15, 100.0

    def now_us(self) -> int:
        return self.wall

    def monotonic(self) -> float:
        return self.mono


def test_clock_steps_are_seen_and_summed() -> None:
    clock = Hands()
    watch = ClockWatch(clock)
    assert watch.check() == 0
    for wall, expected in ((1_000_000, 0), (12_000_000, 11_000_000), (1_000_000, 0), (-3_599_000_000, -3_600_000_000)):
        clock.wall, clock.mono = clock.wall + wall, clock.mono + 1
        assert watch.check() == expected
    assert watch.forward(10**15, 10**15 + 60_000_000) == 11_000_000
    assert watch.forward(10**15 + 60_000_000, 10**15 + 90_000_000) == 0
    assert watch.back(10**15) == 3_600_000_000
    assert watch.back(10**15 + 60_000_000) == 0
    assert watch.now_us() == clock.wall


def test_host_facts_are_readable() -> None:
    assert tool_version("ffmpeg")[0].isdigit() or tool_version("ffmpeg").startswith("n")
    assert tool_version("/no/such/program") == ""
    offset = offset_ms()
    assert offset is None or abs(offset) < 10_000
