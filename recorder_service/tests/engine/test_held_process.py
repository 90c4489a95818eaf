"""The real service process, stopped and killed while the engine records: no frame, no row may be missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from numbers_in_pictures import COUNT, numbers
from rig import NODE, PASSWORD, Camera, Node, free_port

pytestmark = pytest.mark.mediamtx


def _settings(node: Node) -> Path:
    file = node.folder / "recorder.toml"
    options, gate = node.options, node.gate
    file.write_text(
        f"""
[odoo]
url = "http://127.0.0.1:{free_port()}"
db = "none"
login = "nobody"
key = "no-key-at-all-00000"
[node]
uuid = "{NODE}"
[media]
root = "{node.media_path}"
[http]
port = {node.http_port}
auth_port = {gate.auth_port}
[engine]
api_port = {options.api_port}
rtsp_port = {options.rtsp_port}
metrics_port = {options.metrics_port}
log = "{options.log_file}"
[gate]
api_port = {gate.api_port}
[programs]
mediamtx = "{options.mediamtx}"
"""
    )
    file.chmod(0o600)
    return file


def _configuration(camera: Camera) -> dict[str, object]:
    source = {"url": camera.url, "user": "admin", "password": PASSWORD, "transport": "tcp"}
    one = {"id": 1, "path": "acme-cam-01", "code": "cam-01", "name": "Gate", "record": True, "test": False,
           "audio": "strip", "priority": 10, "retention_days": 30, "main": source, "sub": None}  # fmt: skip
    node = {"name": "n", "segment_seconds": 2, "quota_bytes": "0", "reserve_bytes": "0"}
    return {"etag": "e1", "node": node, "cameras": [one]}


def _run(file: Path) -> subprocess.Popen[bytes]:
    with (file.parent / "service.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "recorder_service", "run"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "RECORDER_CONFIG": str(file)}, start_new_session=True,
        )  # fmt: skip


def test_stopped_and_killed_service(tmp_path: Path, camera: Callable[..., Camera]) -> None:
    node = Node(tmp_path / "node", tmp_path / "media")
    node.index.config.save("e1", _configuration(camera("numbered")), time.time_ns() // 1000)
    file = _settings(node)
    node.engine.start()
    service = _run(file)
    try:
        node.wait_segments("acme-cam-01", 2, 30)
        os.killpg(service.pid, signal.SIGSTOP)
        time.sleep(12)
        os.killpg(service.pid, signal.SIGCONT)
        node.wait_segments("acme-cam-01", 8, 15)
        time.sleep(2)
        assert node.events() == [], "the engine recorded all along"
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()
        time.sleep(6)
        service = _run(file)
        rows = node.wait_segments("acme-cam-01", len(node.segments("acme-cam-01")) + 4, 30)
    finally:
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()
        node.stop()
    assert len({r.run for r in rows}) == 1
    assert [r.number for r in rows] == list(range(len(rows)))
    seen = [n for row in rows for n in numbers(node.media_path / row.file)]
    assert all((b - a) % COUNT == 1 for a, b in pairwise(seen))
    assert PASSWORD not in (file.parent / "service.log").read_text()
