"""From camera to row, on a real MediaMTX."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from rig import KEEP, PASSWORD, Camera, Node, until

from recorder_service.domain.job import Job, JobKind
from recorder_service.engine import yml
from recorder_service.engine.secret import USER, node_secret, view_login

pytestmark = pytest.mark.mediamtx


def _streams(file: Path) -> list[dict[str, str]]:
    argv = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(file)]
    return list(json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=30).stdout)["streams"])


def _whole(node: Node, path: str) -> None:
    """Every row has its file with that size and hash, every closed file a row, nothing twice, runs without holes."""
    rows = node.segments(path)
    for row in rows:
        file = node.media_path / row.file
        assert hashlib.sha256(file.read_bytes()).hexdigest() == row.sha256
        assert file.stat().st_size == row.bytes
        assert stat.S_IMODE(file.stat().st_mode) == 0o440
    assert len({(r.run, r.number) for r in rows}) == len(rows)
    for a, b in pairwise(rows):
        if a.run == b.run:
            assert b.number == a.number + 1


def test_first_segment_and_camera_that_records(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source(), test=True)
    began = time.monotonic()
    rows = node.wait_segments("acme-cam-01", 3)
    assert time.monotonic() - began < 20
    assert all(r.test and r.camera_id == 1 and r.status == "ok" for r in rows)
    node.await_state("acme-cam-01", "recording")
    _whole(node, "acme-cam-01")
    assert [s["codec_name"] for s in _streams(node.media_path / rows[0].file)] == ["h264"]
    text = node.options.config_file.read_text()
    assert stat.S_IMODE(node.options.config_file.stat().st_mode) == 0o600
    assert "recordDeleteAfter: 0s" in text


@pytest.mark.parametrize("clip", ["plain", "sound"])
def test_killed_engine_costs_seconds_and_is_told(node: Node, camera: Callable[..., Camera], clip: str) -> None:
    node.add("acme-cam-01", camera(clip).source())
    node.wait_segments("acme-cam-01", 2, 40)
    time.sleep(1.5)
    node.engine.send(signal.SIGKILL)
    gap = until(lambda: [g for g in node.gaps("acme-cam-01") if g.stop_us and g.reason == "engine_restart"], 25)
    assert isinstance(gap, list)
    assert 0 < gap[0].stop_us - gap[0].start_us < 6_000_000
    assert "recovered" in {r.status for r in node.segments("acme-cam-01")}
    _whole(node, "acme-cam-01")
    recovered = next(r for r in node.segments("acme-cam-01") if r.status == "recovered")
    decode = ["ffmpeg", "-v", "error", "-i", str(node.media_path / recovered.file), "-f", "null", "-"]
    subprocess.run(decode, check=True, timeout=30)


def test_engine_alone_records_and_service_catches_up(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera().source())
    before = len(node.wait_segments("acme-cam-01", 2))
    node.unserve()
    node.engine.send(signal.SIGKILL)  # also the restart happens without the service: the yml alone counts
    time.sleep(9)
    node.serve()
    until(lambda: len(node.segments("acme-cam-01")) >= before + 3, 20)
    _whole(node, "acme-cam-01")
    runs = {r.run for r in node.segments("acme-cam-01")}
    assert len(runs) == 2
    assert [g.reason for g in node.gaps("acme-cam-01") if g.stop_us] == ["engine_restart"]


@pytest.mark.parametrize(("clip", "codec"), [("h265", "hevc"), ("bframes", "h264")])
def test_other_streams(node: Node, camera: Callable[..., Camera], clip: str, codec: str) -> None:
    node.add("acme-cam-01", camera(clip).source())
    rows = node.wait_segments("acme-cam-01", 2)
    assert _streams(node.media_path / rows[-1].file)[0]["codec_name"] == codec
    assert all(r.status == "ok" for r in rows)


def test_sound_is_taken_out_before_it_is_stored(node: Node, camera: Callable[..., Camera]) -> None:
    node.add("acme-cam-01", camera("sound").source())
    node.add("acme-cam-02", camera("sound").source(), audio=KEEP)
    rows = node.wait_segments("acme-cam-01", 3, 40)
    node.await_state("acme-cam-01", "recording")
    for row in rows:
        assert [s["codec_type"] for s in _streams(node.media_path / row.file)] == ["video"]
    for file in (node.media_path / "acme-cam-01").rglob("*.mp4"):
        assert b"soun" not in file.read_bytes()[:4096]
    kept = node.wait_segments("acme-cam-02", 1)
    assert {s["codec_type"] for s in _streams(node.media_path / kept[0].file)} == {"video", "audio"}


def test_logins_for_streams_open_no_control_api(node: Node) -> None:
    secret = node_secret(node.options.secret_file)

    def status(user: str, password: str) -> int:
        return requests.get(node.options.api_url + "/v3/info", auth=(user, password), timeout=10).status_code

    assert status(USER, secret.reveal()) == 200
    login = view_login(node_secret(node.options.media_secret_file), "acme-cam-01")
    assert status(login.user, login.password.reveal()) == 401


def _command_lines() -> Iterator[bytes]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                yield (folder / "cmdline").read_bytes()


def _logins(node: Node) -> set[bytes]:
    """Every password of the engine, and the camera's."""
    config = yml.read(node.options.config_file)
    assert config
    return {user["pass"].encode() for user in config["authInternalUsers"]} | {PASSWORD.encode(), b"k4m%40ra"}


def test_no_command_line_and_no_log_holds_a_login(node: Node, camera: Callable[..., Camera]) -> None:
    """While a camera's sound is taken out, and while streams are tested and pictures taken."""
    assert node.side
    one = camera("sound")
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 1, 40)
    tried = {"url": one.url, "user": "admin", "password": PASSWORD}
    jobs = [(JobKind.TEST_STREAM, {}), (JobKind.SNAPSHOT, {"max_width": 160}), (JobKind.TEST_STREAM, tried)]
    with ThreadPoolExecutor() as pool:
        working = [pool.submit(node.side.run_job, Job(n, kind, 1, params)) for n, (kind, params) in enumerate(jobs)]
        seen: set[bytes] = set()
        while not all(one.done() for one in working):
            seen |= set(_command_lines())
            time.sleep(0.02)
    assert [one.result().state for one in working] == ["done"] * 3
    programs = {argv.split(b"\0")[0] for argv in seen if b"\0concat\0" in argv}
    assert programs >= {b"ffmpeg", b"ffprobe"}
    one.stop()
    until(lambda: not node.api().live_paths()["acme-cam-01"].available, 20)
    texts = [*seen, node.options.log_file.read_bytes()]
    assert [login for login in _logins(node) if any(login in text for text in texts)] == []


def test_camera_that_gains_a_microphone_stores_no_sound(node: Node, camera: Callable[..., Camera], clips) -> None:  # type: ignore[no-untyped-def]
    one = camera()
    node.add("acme-cam-01", one.source())
    node.wait_segments("acme-cam-01", 2)
    one.play(clips["sound"])
    count = len(node.segments("acme-cam-01"))
    rows = node.wait_segments("acme-cam-01", count + 4, 60)
    for row in rows:
        assert [s["codec_type"] for s in _streams(node.media_path / row.file)] == ["video"]
    _whole(node, "acme-cam-01")
