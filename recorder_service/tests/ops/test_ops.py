"""Clock and host facts."""

from __future__ import annotations

from recorder_service.ops.clock import ClockWatch, offset_ms
from recorder_service.ops.versions import tool_version


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
