"""What the threads of the recording side tell each other about who may record."""

from __future__ import annotations

from dataclasses import replace

from recorder_service.domain.config import AudioMode, CameraConfig, Configuration, NodeConfig, StreamSource
from recorder_service.domain.gap import GapReason
from recorder_service.domain.pressure import Stop
from recorder_service.engine.board import Board

CAMERAS = tuple(CameraConfig(n, f"cam-{n}", "c", "n", True, StreamSource("rtsp://x/y")) for n in (1, 2))
QUOTA = Stop(GapReason.QUOTA, "5 of 5 bytes are used")
DISK = Stop(GapReason.DISK_FULL, "no byte")


def made() -> Board:
    board = Board()
    board.configure(Configuration("e", NodeConfig("n"), CAMERAS), 0.0, 0)
    board.guard(None, {}, frozenset(), True)
    return board


def test_single_cameras_and_the_whole_node_are_held_back() -> None:
    board = made()
    assert board.state().stopped() == frozenset()
    board.guard(None, {"cam-2": QUOTA, "gone": QUOTA}, frozenset(), True)
    assert board.state().stopped() == {"cam-2"}
    assert (board.state().stop_of("cam-1"), board.state().stop_of("cam-2")) == (None, QUOTA)
    board.guard(DISK, {}, frozenset(), True)
    assert board.state().stopped() == {"cam-1", "cam-2"}
    assert board.state().stop_of("cam-1") is DISK
    board.guard(None, {}, frozenset(), False)
    assert board.state().stopped() == {"cam-1", "cam-2"}, "no volume"


def test_an_edit_of_one_camera_begins_that_one_anew_alone() -> None:
    board = made()
    edited = (CAMERAS[0], replace(CAMERAS[1], audio=AudioMode.KEEP))
    board.configure(Configuration("f", NodeConfig("n", quota_bytes=5), edited), 10.0, 10)
    assert {path: since.at for path, since in board.state().since.items()} == {"cam-1": 0.0, "cam-2": 10.0}
    board.configure(Configuration("g", NodeConfig("n", segment_seconds=30), edited), 20.0, 20)
    assert {since.us for since in board.state().since.values()} == {20}, "that cuts every camera"


def test_new_figures_alone_wake_nobody() -> None:
    board = made()
    board.guard(None, {"cam-2": QUOTA}, frozenset(), True)
    board.rescan.clear()
    board.wake_engine.clear()
    board.guard(None, {"cam-2": Stop(GapReason.QUOTA, "6 of 5 bytes are used")}, frozenset(), True)
    assert not board.rescan.is_set()
    assert not board.wake_engine.is_set()
    board.guard(None, {"cam-2": DISK}, frozenset(), True)
    assert board.wake_engine.is_set()


def test_obeyed_is_what_the_engine_did_and_not_what_was_asked() -> None:
    board = made()
    assert board.wait_obeyed(0), "nothing was asked"
    board.halt(DISK)
    board.halt(QUOTA)
    assert board.state().stop is DISK
    assert not board.wait_obeyed(0.01)
    board.obeyed(board.state().stopped())
    assert board.wait_obeyed(0)
    board.guard(None, {"cam-2": QUOTA}, frozenset(), True)
    board.resuming(board.state().stopped())
    board.halt(DISK)
    assert not board.wait_obeyed(0.01), "cam-1 may be about to record again"
