"""Cameras, disks and files that misbehave, on a real MediaMTX."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rig import Camera, Node, until

from recorder_service.domain.config import Configuration, NodeConfig
from recorder_service.domain.gap import GapReason
from recorder_service.engine import yml
from recorder_service.engine.control import EngineWorker
from recorder_service.engine.reconcile import put_in_place
from recorder_service.engine.recording import RecordingSide
from recorder_service.ops import pressure
from recorder_service.ops.ballast import NAME as BALLAST
from recorder_service.store.index import Index

pytestmark = pytest.mark.mediamtx


def test_each_refusal_has_its_reason_and_the_right_password_heals(node: Node, camera: Callable[..., Camera]) -> None:
    one = camera()
    node.add("acme-cam-01", one.source("wrong"))
    node.add("acme-cam-02", one.source(url=one.url.replace("main", "empty")))
    node.add("acme-cam-03", one.source(url="rtsp://127.0.0.1:1/main"))
    node.add("acme-cam-04", one.source(url="rtsp://camera.invalid/main"))
    node.add("acme-cam-05", one.source(url=one.url.replace("main", "no/such/path")))
    node.await_state("acme-cam-01", "offline", "auth_failed")
    node.await_state("acme-cam-02", "offline", "not_found")
    node.await_state("acme-cam-05", "offline", "not_found")
    node.await_state("acme-cam-03", "offline", "refused")
    node.await_state("acme-cam-04", "offline", "timeout")
    assert node.side
    shown = repr((node.side.health().cameras, [event for event in node.events() if event[0] == "source_lost"]))
    assert "connection refused" in shown
    assert [host for host in ("127.0.0.1", "camera.invalid") if host in shown] == []
    assert "dial tcp 127.0.0.1:1" in node.options.log_file.read_text(), "the engine's own log has the whole line"
    until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "auth_failed"], 25)
    assert "wrong" not in node.options.log_file.read_text()
    node.change("acme-cam-01", main=one.source())
    node.await_state("acme-cam-01", "recording", seconds=40)
    assert all(not g.open for g in node.gaps("acme-cam-01"))


def test_drop_and_return(node: Node, camera: Callable[..., Camera]) -> None:
    one = camera()
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 2)
    node.await_state("acme-cam-01", "recording")
    one.stop()
    node.await_state("acme-cam-01", "offline", seconds=20)
    until(lambda: any(g.open for g in node.gaps("acme-cam-01")), 20)
    one.start()
    until(lambda: all(not g.open for g in node.gaps("acme-cam-01")), 25)
    gaps = node.gaps("acme-cam-01")
    assert [g.reason for g in gaps] == ["source_lost"]
    rows = node.segments("acme-cam-01")
    last = max(r.stop_us for r in rows if r.stop_us <= gaps[0].start_us + 1)
    assert (gaps[0].start_us, gaps[0].stop_us) == (last, next(r.start_us for r in rows if r.start_us > last))
    node.await_state("acme-cam-01", "recording")
    kinds = [kind for kind, _ in node.events()]
    assert "source_lost" in kinds
    assert "source_back" in kinds
    told = next(detail for kind, detail in node.events() if kind == "source_lost")
    assert told.partition(": ")[0] in {reason.value for reason in GapReason}, "the ERP tells the code in its words"


def test_stalled_camera(node: Node, camera: Callable[..., Camera]) -> None:
    one = camera()
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 2)
    one.server.send(signal.SIGSTOP)
    try:
        node.await_state("acme-cam-01", "stalled", "timeout", seconds=10)
        time.sleep(8)
    finally:
        one.server.send(signal.SIGCONT)
    until(lambda: any(g.stop_us for g in node.gaps("acme-cam-01")), 30)
    gaps = node.gaps("acme-cam-01")
    assert [g.reason for g in gaps] == ["timeout"]
    before = [s for s in node.segments("acme-cam-01") if s.start_us < gaps[0].start_us]
    assert before[-1].stop_us == gaps[0].start_us, "it starts where the last whole part ends"


def test_edits_cut_only_what_they_touch(node: Node, camera: Callable[..., Camera]) -> None:
    one = camera()
    for number in range(1, 5):
        node.add(f"acme-cam-0{number}", one.source())
    for number in range(1, 5):
        node.wait_segments(f"acme-cam-0{number}", 1, 30)
    time.sleep(2)
    before = {p: {r.run for r in node.segments(p)} for p in node.cameras}
    node.change("acme-cam-01", name="another name", priority=30)  # nothing that the engine knows
    node.add("acme-cam-05", one.source())
    node.wait_segments("acme-cam-05", 1, 30)
    node.change("acme-cam-02", main=one.source(url=one.url + "?x=1"))
    time.sleep(3)
    del node.cameras["acme-cam-03"]
    node.apply()
    time.sleep(8)
    runs = {p: {r.run for r in node.segments(p)} for p in before}
    assert runs["acme-cam-01"] == before["acme-cam-01"]
    assert runs["acme-cam-04"] == before["acme-cam-04"]
    # one for the new address' tracks to be looked at, so that no sound is stored
    assert len(runs["acme-cam-02"] - before["acme-cam-02"]) == 1
    assert [g.reason for g in node.gaps("acme-cam-02")] == ["config_change"]
    assert set(node.api().configured_paths()) == {f"acme-cam-0{n}" for n in (1, 2, 4, 5)}
    written = yml.read(node.options.config_file)
    assert written is not None
    assert set(written["paths"]) == {f"acme-cam-0{n}" for n in (1, 2, 4, 5)}


def test_broken_yml_is_refused_and_recording_goes_on(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    good = node.options.config_file.read_bytes()
    config = yml.read(node.options.config_file)
    assert config is not None
    for wrong in ({"readTimeout": "soon"}, {"noSuchKey": 1}, {"paths": {"/a": {"source": "publisher"}}}):
        with pytest.raises(yml.ConfigRefusedError, match="MediaMTX refuses"):
            put_in_place(node.options, {**config, **wrong})
    for text in ("a: [", "paths: {}\napiAddress: 127.0.0.1:1\npathDefaults: {recordDeleteAfter: 1d}"):
        with pytest.raises(yml.ConfigRefusedError):
            yml.check(text)
    assert node.options.config_file.read_bytes() == good
    node.add("acme-cam-02", camera().source(url="rtsp://[127.0.0.1:554/x"))
    until(lambda: [d for k, d in node.events() if k == "config_refused"], 10)
    count = len(node.segments("acme-cam-01"))
    node.wait_segments("acme-cam-01", count + 2)
    assert len({r.run for r in node.segments("acme-cam-01")}) == 1


def test_nothing_is_touched_before_the_guard_has_looked(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    node.unserve()
    side = RecordingSide(node.index, node.options, node.gate, node.media)
    config = Configuration("e", NodeConfig("test", node.segment_seconds), tuple(node.cameras.values()))
    side.apply(config)
    engine = next(w for w in side.workers() if w.name == "engine")
    assert isinstance(engine, EngineWorker)
    before = node.options.config_file.read_bytes()
    engine.tick()
    assert node.options.config_file.read_bytes() == before
    assert node.api().configured_paths()["acme-cam-01"]["record"] is True


def test_suspended_and_resumed(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    node.change("acme-cam-01", record=False)
    until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "suspended"], 15)
    assert node.state("acme-cam-01")[0] == "off"
    count = len(node.segments("acme-cam-01"))
    node.change("acme-cam-01", record=True)
    node.wait_segments("acme-cam-01", count + 1)
    assert [g.reason for g in node.gaps("acme-cam-01") if g.stop_us] == ["suspended"]


def test_quota_stops_and_room_resumes(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    node.quota = node.index.segments.used_bytes() + 1
    node.apply()
    until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "quota"], 25)
    assert node.side
    health = node.side.health()
    assert "quota" in health.alarms
    assert node.state("acme-cam-01") == ("off", "quota")
    assert any(kind == "quota_reached" for kind, _ in node.events())
    count = len(node.segments("acme-cam-01"))
    node.quota = 10**9
    node.apply()
    node.wait_segments("acme-cam-01", count + 1)
    assert [g.reason for g in node.gaps("acme-cam-01") if g.stop_us] == ["quota"]
    assert not [kind for kind, _ in node.events() if kind == "source_lost"]


def test_lost_media_volume_is_refused_and_never_filled(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    away = node.media_path.with_name("unmounted")
    node.media_path.rename(away)
    node.media_path.mkdir()  # an empty mount point
    until(lambda: node.side and "disk_missing" in node.side.health().alarms, 10)
    time.sleep(3)
    node.engine.send(signal.SIGKILL)  # a restarted engine must not fill it either
    time.sleep(6)
    assert list(node.media_path.iterdir()) == []
    node.media_path.rmdir()
    away.rename(node.media_path)
    count = len(node.segments("acme-cam-01"))
    node.wait_segments("acme-cam-01", count + 2, 30)


def test_a_start_without_the_volume_tells_its_gap(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    count = len(node.wait_segments("acme-cam-01", 2))
    node.unserve()
    away = node.media_path.with_name("unmounted")
    node.media_path.rename(away)
    node.media_path.mkdir()
    node.engine.send(signal.SIGKILL)
    node.serve()
    until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "write_error"], 20)
    time.sleep(8)
    node.media_path.rmdir()
    away.rename(node.media_path)
    node.wait_segments("acme-cam-01", count + 2, 30)
    told = [g for g in node.gaps("acme-cam-01") if g.stop_us is None or g.stop_us > g.start_us]
    assert [(g.open, g.reason) for g in told] == [(False, "write_error")]


def _told(node: Node) -> list[str]:
    gaps = node.gaps("acme-cam-01")
    return [] if any(g.open for g in gaps) else [g.reason.value for g in gaps if g.stop_us and g.stop_us > g.start_us]


def test_each_restart_of_the_engine_is_told_though_nobody_looked(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    count = len(node.wait_segments("acme-cam-01", 2))
    node.unserve()
    for _ in range(2):
        node.engine.send(signal.SIGKILL)
        time.sleep(8)
    node.serve()
    node.wait_segments("acme-cam-01", count + 3, 30)
    # what the engine did not close is taken in later than what it closed after
    until(lambda: _told(node) == ["engine_restart"] * 2, 20)


def test_service_away_costs_nothing(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 2)
    node.unserve()
    time.sleep(10)
    node.serve()
    for _ in range(3):
        time.sleep(2)
        node.unserve()
        node.serve()
    time.sleep(3)
    rows = node.wait_segments("acme-cam-01", 10, 20)
    assert len({r.run for r in rows}) == 1
    assert [r.number for r in rows] == list(range(len(rows)))
    assert [g for g in node.gaps("acme-cam-01") if g.stop_us is None or g.stop_us > g.start_us] == []


def test_an_index_made_anew_cuts_no_camera(node: Node, camera: Callable[..., Camera]) -> None:
    paths = ("acme-cam-01", "acme-cam-02")
    for path, clip in zip(paths, ("plain", "sound"), strict=True):
        node.add(path, camera(clip).source())
    known = [node.wait_segments(path, 2, 40) for path in paths]
    node.unserve()
    node.index.set_meta("sounds", "{}")
    node.serve()
    for path, before in zip(paths, known, strict=True):
        assert len({row.run for row in node.wait_segments(path, len(before) + 5)}) == 1
        assert node.gaps(path) == []


def test_reserve_stops_recording_and_room_resumes_it(
    node: Node, camera: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    with monkeypatch.context() as patch:
        patch.setattr(pressure, "LEAST_RESERVE", 10**15)
        until(lambda: node.side and "disk_low" in node.side.health().alarms, 10)
        until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "disk_full"], 20)
        count = len(node.segments("acme-cam-01"))
    node.wait_segments("acme-cam-01", count + 1)
    assert [g.reason for g in node.gaps("acme-cam-01") if g.stop_us] == ["disk_full"]


def test_lowest_priority_is_held_back_first_and_the_others_are_not_cut(
    node: Node, camera: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = camera()
    node.add("acme-cam-01", one.source(), priority=20)
    node.add("acme-cam-02", one.source(), priority=10)
    node.wait_segments("acme-cam-01", 2)
    node.wait_segments("acme-cam-02", 2)
    stat = os.statvfs(node.media_path)
    total, free = stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize
    reserve = int((free - 0.03 * total) / 0.97)
    rate = (free - reserve) / 5400  # 90 minutes are left to both
    node.index.hours.add(time.time_ns() // 3_600_000_000_000 - 1, int(rate * 3600), 3600)
    node.unserve()
    with monkeypatch.context() as patch:
        patch.setattr(pressure, "LEAST_RESERVE", reserve)
        node.serve()
        until(lambda: [g for g in node.gaps("acme-cam-02") if g.open and g.reason == "disk_full"], 20)
        assert node.side
        health = node.side.health()
        assert (health.disk.level, health.alarms & {"disk_tight", "disk_low"}) == ("low", {"disk_tight"})
        assert node.state("acme-cam-02") == ("off", "disk_full")
        assert any(kind == "disk_low" and "acme-cam-02" in text for kind, text in node.events())
        count = len(node.segments("acme-cam-01"))
        node.wait_segments("acme-cam-01", count + 2)
        node.await_state("acme-cam-01", "recording")
        count = len(node.segments("acme-cam-02"))
        node.unserve()
    node.serve()
    node.wait_segments("acme-cam-02", count + 1)
    assert [g.reason for g in node.gaps("acme-cam-02") if g.stop_us] == ["disk_full"]
    assert len({row.run for row in node.segments("acme-cam-01")}) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def free_bytes(folder: Path) -> int:
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


def fill_up(folder: Path, leave: int) -> Path:
    """Another program's file that takes all but `leave` bytes."""
    file = folder / "other-files"
    with file.open("ab") as out:
        os.posix_fallocate(out.fileno(), 0, file.stat().st_size + free_bytes(folder) - leave)
    return file


def full_disk(tmp_path: Path, small_disk: Path, camera: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 1_000_000)
    node = Node(tmp_path / "node", small_disk)
    try:
        node.start()
        node.add("acme-cam-01", camera().source())
        node.wait_segments("acme-cam-01", 1)
        other = fill_up(small_disk, 900_000)
        until(lambda: node.side and "disk_low" in node.side.health().alarms, 20)
        until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "disk_full"], 20)
        assert [f for f in small_disk.rglob("*.mp4") if f.stat().st_size == 0] == []
        count = len(node.segments("acme-cam-01"))
        other.unlink()
        node.wait_segments("acme-cam-01", count + 1)
        assert [g.reason for g in node.gaps("acme-cam-01") if g.stop_us] == ["disk_full"]
    finally:
        node.stop()


def full_disk_with_the_index_on_it(
    small_disk: Path, camera: Callable[..., Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Footage and index on one disk that another program fills to the last byte."""
    monkeypatch.setattr(pressure, "LEAST_RESERVE", 1_000_000)
    node = Node(small_disk / "node", small_disk / "media")
    ballasts = [small_disk / "node" / BALLAST, small_disk / "media" / BALLAST]
    try:
        node.start()
        node.add("acme-cam-01", camera().source())
        node.wait_segments("acme-cam-01", 2)
        whole = [file.stat().st_blocks for file in ballasts]
        other = fill_up(small_disk, 0)
        for number in range(600):
            node.index.set_meta(f"row-{number}", "x" * 4000)
        until(lambda: node.state("acme-cam-01") == ("off", "disk_full"))
        assert [file.stat().st_blocks for file in ballasts] < whole, "it was needed"
        until(lambda: [g for g in node.gaps("acme-cam-01") if g.open and g.reason == "disk_full"], 20)
        other.unlink()
        count = len(node.segments("acme-cam-01"))
        until(lambda: [file.stat().st_blocks for file in ballasts] == whole)
        node.wait_segments("acme-cam-01", count + 1)
        assert node.index.check() == []
    finally:
        node.stop()
    with Index(node.folder / "index.sqlite", node.media.node) as index:
        assert all(index.meta(f"row-{number}") == "x" * 4000 for number in range(600))


if os.geteuid() == 0:
    # a small file system has to be mounted; other users have the test above
    test_full_disk = full_disk
    test_full_disk_with_the_index_on_it = full_disk_with_the_index_on_it
