"""States of cameras and the events that follow, by a clock that is moved by hand; no engine runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import Node

from recorder_service.domain.config import CameraConfig, Configuration, NodeConfig, StreamSource
from recorder_service.domain.health import CameraState
from recorder_service.engine.client import EngineInfo, LivePath
from recorder_service.engine.recording import RecordingSide

from ..conftest import hashed

pytestmark = pytest.mark.mediamtx

PATH = "acme-cam-01"


class HandClock:
    """Starts late enough that nothing is measured from zero."""

    def __init__(self) -> None:
        self.seconds = 10_000.0

    def now_us(self) -> int:
        return 1_760_000_000_000_000 + round(self.seconds * 1e6)

    def monotonic(self) -> float:
        return self.seconds


class Watched:
    """A recording side with one camera whose engine and intake are played by the test."""

    def __init__(self, node: Node) -> None:
        self.node, self.clock, self.bytes = node, HandClock(), 0
        self.side = RecordingSide(node.index, node.options, node.gate, node.media, clock=self.clock)
        self.configure()
        self.side._board.guard(None, {}, frozenset(), True)
        self.side._engine.engine.info = EngineInfo("1", 1)

    def poll(self, *, available: bool = True, grows: bool = True) -> None:
        self.bytes += 1000 * grows
        live = {PATH: LivePath(PATH, available, self.bytes, ("H264",))}
        self.side._tracker.feed(live, self.clock.seconds)

    def close_segment(self) -> None:
        self.side._intake._receipts[PATH] = self.clock.seconds

    def state(self) -> CameraState:
        return self.side.health().cameras[0].state

    def record(self, seconds: int) -> None:
        """All is well for so long, after which nothing new was closed for 19 s."""
        for second in range(seconds):
            self.clock.seconds += 1
            self.poll()
            if second % 20 == 0:
                self.close_segment()
            assert self.state() is CameraState.RECORDING

    def configure(self, *others: str) -> None:
        """The camera, and others beside it."""
        source = StreamSource("rtsp://x/y")
        cameras = tuple(CameraConfig(n, path, "c", "n", True, source) for n, path in enumerate((PATH, *others), 1))
        self.side.apply(Configuration("e", NodeConfig("n", 20), cameras))

    def down_for(self) -> float:
        """For how long the intake is told that no stream of the camera comes."""
        expected = self.side._expectations()
        assert expected
        return expected[PATH].down_for

    def catch_up(self) -> None:
        """The intake begins to look at every camera now, and ends with it."""
        self.side._intake_worker.caught_up_at = self.clock.seconds

    def run(self, seconds: int, *, available: bool = True, grows: bool = True) -> list[CameraState]:
        """Look once a second while the engine answers and nothing is closed."""
        found = []
        for _ in range(seconds):
            self.clock.seconds += 1
            self.poll(available=available, grows=grows)
            found.append(self.state())
        return found


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    node = Node(tmp_path / "node", tmp_path / "media")
    made = Watched(node)
    made.poll()
    made.clock.seconds += 1
    made.close_segment()
    made.record(40)
    yield made
    node.stop()


@pytest.mark.parametrize("pause", [5, 30, 100, 3600])
def test_a_pause_of_the_service_itself_is_no_loss_of_a_camera(watched: Watched, pause: int) -> None:
    watched.clock.seconds += pause
    assert watched.state() is CameraState.RECORDING, "before anybody was asked anew"
    assert set(watched.run(min(pause, 60))) == {CameraState.RECORDING}, "the intake reads what was closed meanwhile"
    watched.close_segment()
    watched.record(120)
    assert watched.node.events() == []


def test_what_is_lost_in_a_pause_is_told(watched: Watched) -> None:
    watched.clock.seconds += 100
    assert watched.state() is CameraState.RECORDING
    states = watched.run(30, available=False)
    assert states[-1] is CameraState.OFFLINE, "the engine was asked anew, and says so"
    assert [kind for kind, _ in watched.node.events()] == ["source_lost"]
    assert watched.side._tracker.lost().keys() == {PATH}


@pytest.mark.parametrize("beats", [0, 3], ids=["in the pause", "just after it"])
def test_a_stall_of_a_camera_about_a_pause_is_told_within_seconds(watched: Watched, beats: int) -> None:
    watched.clock.seconds += 100
    assert watched.state() is CameraState.RECORDING
    assert set(watched.run(beats)) <= {CameraState.RECORDING}
    states = watched.run(12, grows=False)
    assert 5 <= states.index(CameraState.STALLED) <= 7, "the engine was watched for as long as without a pause"
    assert [kind for kind, _ in watched.node.events()] == ["source_lost"]


def test_what_is_not_closed_after_a_pause_is_told_when_the_intake_has_caught_up(watched: Watched) -> None:
    watched.catch_up()
    watched.clock.seconds += 100
    assert set(watched.run(20)) == {CameraState.RECORDING}, "that look was before the pause"
    watched.catch_up()
    assert watched.run(2)[-1] is CameraState.STALLED
    assert [kind for kind, _ in watched.node.events()] == ["source_lost"]


def test_what_is_not_closed_after_a_pause_is_told_in_the_end(watched: Watched) -> None:
    watched.clock.seconds += 100
    states = watched.run(120)
    assert states.index(CameraState.STALLED) > 100
    assert [kind for kind, _ in watched.node.events()] == ["source_lost"]


def test_a_loss_of_a_camera_is_told_in_time_while_others_are_edited(watched: Watched) -> None:
    for second, other in enumerate(("acme-cam-02", "acme-cam-03", "acme-cam-04")):
        watched.configure(other)
        watched.run(3, available=False)
        assert watched.down_for() >= 3 * second + 2


def test_a_camera_is_back_from_the_start_of_its_first_segment(watched: Watched) -> None:
    watched.run(30, available=False)
    lost_us, back_us = watched.clock.now_us(), watched.clock.now_us() + 3_000_000
    for start_us in (lost_us - 90_000_000, back_us, back_us + 20_000_000):
        row = hashed(1, camera_id=1, path=PATH, start_us=start_us, stop_us=start_us + 20_000_000)
        watched.node.index.segments.add(row, watched.clock.now_us())
    watched.run(20)
    watched.close_segment()
    assert watched.state() is CameraState.RECORDING
    rows = watched.node.index.database.read().execute("SELECT at_us FROM event WHERE kind = 'source_back'")
    assert [row["at_us"] for row in rows] == [back_us]


def test_without_a_pause_a_loss_is_told_at_once(watched: Watched) -> None:
    states = watched.run(40)
    assert states[-1] is CameraState.STALLED
    assert [kind for kind, _ in watched.node.events()] == ["source_lost"]
