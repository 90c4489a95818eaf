"""Stream tests and pictures for the ERP."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import pytest
from rig import PASSWORD, Camera, Node

from recorder_service.domain.job import Job, JobKind

pytestmark = pytest.mark.mediamtx


def test_trial_address_is_measured(node: Node, camera: Callable[..., Camera]) -> None:
    assert node.side
    params = {"which": "main", "url": camera("bframes").url, "user": "admin", "password": PASSWORD}
    done = node.side.run_job(Job(1, JobKind.TEST_STREAM, 99, params))
    result = done.result
    assert done.state == "done"
    assert result["ok"], result
    assert (result["codec"], result["width"], result["height"]) == ("h264", 320, 240)
    assert result["has_b_frames"] is True
    assert result["audio"] == ""
    assert 9 < result["fps"] < 11
    assert result["keyframe_seconds"] == pytest.approx(1, abs=0.2)
    assert result["kbps"] > 10
    assert [n for n in node.api().configured_paths() if n.startswith("trial/")] == []


def test_sound_is_named(node: Node, camera: Callable[..., Camera]) -> None:
    assert node.side
    params = {"url": camera("sound").url, "user": "admin", "password": PASSWORD}
    assert node.side.run_job(Job(1, JobKind.TEST_STREAM, 99, params)).result["audio"] == "aac"


def test_reasons_in_words(node: Node, camera: Callable[..., Camera]) -> None:
    assert node.side
    url = camera().url
    cases = [
        ({"url": url, "user": "admin", "password": "no"}, "auth_failed", "engine_says"),
        ({"url": url.replace("main", "empty"), "user": "admin", "password": PASSWORD}, "not_found", "engine_says"),
        ({"url": "rtsp://127.0.0.1:1/x"}, "refused", "engine_says"),
        ({"url": "rtsp://camera.invalid/x"}, "timeout", "engine_says"),
        ({"url": "file:///etc/passwd"}, "unknown", "address_scheme"),
        ({"which": "main"}, "unknown", "camera_unknown"),
    ]
    for params, reason, code in cases:
        result = node.side.run_job(Job(1, JobKind.TEST_STREAM, 99, params)).result
        assert (result["ok"], result["reason"], result["code"]) == (False, reason, code)
        assert len(result["message"]) > 20
        assert PASSWORD not in result["message"]
        assert [host for host in ("127.0.0.1", "camera.invalid") if host in str(result)] == []


def test_picture_of_a_recorded_camera(node: Node, camera: Callable[..., Camera]) -> None:
    assert node.side
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    done = node.side.run_job(Job(2, JobKind.SNAPSHOT, 1, {"max_width": 160}))
    assert done.state == "done", done.error
    jpeg = base64.b64decode(done.result["jpeg_base64"])
    assert jpeg[:3] == b"\xff\xd8\xff"
    assert jpeg[3:4] in (b"\xdb", b"\xe0"), "what Odoo and others know a JPEG by"
    assert hashlib.sha256(jpeg).hexdigest() == done.result["sha256"]
    assert (done.result["width"], done.result["height"]) == (160, 120)
    failed = node.side.run_job(Job(3, JobKind.SNAPSHOT, 77, {"max_width": 160}))
    assert failed.state == "failed"
    assert "does not know the camera" in failed.error
    # what the ERP takes in a still's answer; any other field would park it there
    assert failed.result == {"reason": "unknown", "message": failed.error, "code": "camera_unknown", "args": {}}
