"""The gate refuses every viewer, whatever the service does."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest
import requests
from rig import Camera, Node, Process, mediamtx, until

from recorder_service.api.options import HttpOptions
from recorder_service.api.server import http_workers
from recorder_service.engine.secret import gate_api_secret, node_secret, trial_login
from recorder_service.supervisor import Supervisor

pytestmark = pytest.mark.mediamtx


@pytest.fixture
def gate(node: Node, camera: Callable[..., Camera]) -> Iterator[Node]:
    node.add("acme-cam-01", camera().source())
    node.wait_segments("acme-cam-01", 1)
    process = Process([str(mediamtx()), str(node.gate.config_file)], node.gate.log_file).start()
    try:
        until(lambda: _listens(node.gate.api_port))
        yield node
    finally:
        process.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def _service(gate: Node) -> Iterator[str]:
    """The service's listeners; gives the password for the gate's Control API."""
    assert gate.side
    secret = gate_api_secret(node_secret(gate.options.secret_file))
    options = HttpOptions("127.0.0.1", gate.http_port, gate.gate.auth_port)
    supervisor = Supervisor(http_workers(gate.side, options, dict, secret))
    supervisor.start()
    try:
        until(lambda: _listens(gate.gate.auth_port))
        yield secret.reveal()
    finally:
        assert not supervisor.stop(10)


def _answers(node: Node) -> list[int]:
    gate = node.gate
    whep = requests.post(f"http://127.0.0.1:{gate.webrtc_port}/acme-cam-01/whep", data="v=0", timeout=15,
                         headers={"Content-Type": "application/sdp", "Authorization": "Bearer x"})  # fmt: skip
    hls = requests.get(f"http://127.0.0.1:{gate.hls_port}/acme-cam-01/index.m3u8?cookieCheck=1", timeout=15)
    return [whep.status_code, hls.status_code]


def test_gate_refuses_with_and_without_the_service(gate: Node) -> None:
    assert _answers(gate) == [401, 401]
    with _service(gate):
        until(lambda: gate.side and gate.side.health().gate.up, 20)
        assert _answers(gate) == [401, 401]
        for login in ("", "node:wrong@"):
            url = f"rtsp://{login}127.0.0.1:{gate.gate.rtsp_port}/acme-cam-01"
            argv = ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", url]
            done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
            assert done.returncode
            assert "401" in done.stderr
        figures = requests.get(f"http://127.0.0.1:{gate.http_port}/metrics", timeout=10).text
        asked = next(line for line in figures.splitlines() if 'auth_answers_total{answer="refused"}' in line)
        assert float(asked.split()[-1]) >= 3


def test_gates_configuration_is_shown_to_the_service_alone(gate: Node) -> None:
    address = f"http://127.0.0.1:{gate.gate.api_port}/v3"
    figures = f"http://127.0.0.1:{gate.gate.metrics_port}/metrics"
    node = node_secret(gate.options.secret_file)

    def status(url: str, *login: str) -> int:
        return requests.get(url, auth=login or None, timeout=15).status_code

    own = "node", gate_api_secret(node).reveal()
    assert status(f"{address}/config/paths/list", *own) == 401  # nobody is there to vouch
    with _service(gate):
        assert [status(f"{address}/config/paths/list", *own), status(figures, *own)] == [200, 200]
        for login in ((), ("node", "wrong"), ("node", node.reveal()), ("trial", trial_login(node).password.reveal())):
            assert [status(f"{address}/config/paths/list", *login), status(figures, *login)] == [401, 401], login
        change = requests.patch(f"{address}/config/pathdefaults/patch", json={"runOnInit": "true"}, timeout=15)
        assert change.status_code == 401


def test_only_the_erps_pages_may_ask(gate: Node) -> None:
    url = f"http://127.0.0.1:{gate.gate.webrtc_port}/acme-cam-01/whep"
    for origin, allowed in (("http://odoo.example:8069", True), ("http://evil.example", False)):
        answer = requests.options(url, timeout=10, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
