"""The service's listeners, over real sockets."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recorder_service.api import connections
from recorder_service.api.options import HttpOptions
from recorder_service.api.server import http_workers
from recorder_service.domain.health import (
    Alarm,
    CameraHealth,
    CameraState,
    DiskHealth,
    Health,
    ProcessHealth,
)  # fmt: skip
from recorder_service.domain.pressure import Level
from recorder_service.domain.secret import Secret
from recorder_service.supervisor import Supervisor

GATE_API = "5ecret-of-the-gate"


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Side:
    """A recording side that is ill or slow on demand."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.alarms: frozenset[Alarm] = frozenset()
        self.detail = ""
        self.others: tuple[CameraHealth, ...] = ()
        self.workers: dict[str, dict[str, object]] = {"engine": {"alive": True, "hung": False, "restarts": 2}}

    def health(self) -> Health:
        time.sleep(self.delay)
        return Health(
            {"service": "x"}, DiskHealth("/m", 100, 50, 10, 0, 5, 7.5, None, Level.LOW),
            ProcessHealth(True, 1), ProcessHealth(True, 1), True,
            (
                CameraHealth(1, CameraState.RECORDING, kbps=900, last_stop_us=1_000_000, detail=self.detail),
                *self.others,
            ),
            self.alarms,
        )  # fmt: skip

    def paths(self) -> dict[int, str]:
        return {1: "acme-cam-01"}


@pytest.fixture
def side() -> Side:
    return Side()


@pytest.fixture
def ports(side: Side) -> Iterator[HttpOptions]:
    options = HttpOptions("127.0.0.1", _port(), _port())
    status = {"pending": {"segments": 3}, "workers": side.workers}
    supervisor = Supervisor(http_workers(side, options, lambda: status, Secret(GATE_API)))  # type: ignore[arg-type]
    supervisor.start()
    time.sleep(0.5)
    yield options
    assert not supervisor.stop(10)


def _call(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body)
    answer = connection.getresponse()
    out = answer.status, answer.read()
    connection.close()
    return out


def test_health_status_and_figures(ports: HttpOptions, side: Side) -> None:
    assert _call(ports.port, "GET", "/health")[0] == 200
    side.alarms = frozenset({Alarm.QUOTA})
    status, body = _call(ports.port, "GET", "/health")
    assert (status, json.loads(body)["alarms"]) == (503, ["quota"])
    data: dict[str, Any] = json.loads(_call(ports.port, "GET", "/status")[1])
    assert data["health"]["cameras"][0]["state"] == "recording"
    text = _call(ports.port, "GET", "/metrics")[1].decode()
    assert 'cctv_recorder_camera_state{path="acme-cam-01",state="recording"} 1.0' in text
    assert 'cctv_recorder_disk_level{level="low"} 1.0' in text
    assert 'cctv_recorder_disk_level{level="full"} 0.0' in text
    assert 'cctv_recorder_disk_hours_left{purge="with"} 7.5' in text
    assert 'hours_left{purge="without"}' not in text, "not known is no figure"
    assert 'cctv_recorder_disk_bytes{kind="ballast"} 0.0' in text
    assert 'cctv_recorder_pending_rows{kind="segments"} 3.0' in text
    assert 'cctv_recorder_worker_restarts_total{worker="engine"} 2.0' in text


@pytest.mark.parametrize("alarm", Alarm)
def test_health_is_lost_only_while_nothing_is_recorded(ports: HttpOptions, side: Side, alarm: Alarm) -> None:
    side.alarms = frozenset({alarm})
    status, body = _call(ports.port, "GET", "/health")
    stops = alarm in {Alarm.QUOTA, Alarm.DISK_LOW, Alarm.DISK_MISSING, Alarm.ENGINE_DOWN, Alarm.ONLY_HELD}
    assert (status, json.loads(body)["alarms"]) == (503 if stops else 200, [alarm.value])


def test_health_tells_the_nodes_own_trouble_from_a_cameras(ports: HttpOptions, side: Side) -> None:
    def told() -> tuple[int, dict[str, int], int]:
        status, body = _call(ports.port, "GET", "/health")
        answer = json.loads(body)
        return status, answer["recording"], answer["unwritten"]

    off, away = CameraHealth(2, CameraState.OFF), CameraHealth(3, CameraState.OFFLINE, "source_lost")
    side.others = (off, away)
    assert told() == (200, {"should": 2, "do": 1}, 0)
    side.others = (off, away, CameraHealth(4, CameraState.STALLED, "write_error"))
    assert told() == (503, {"should": 3, "do": 1}, 1)
    side.others = (off, CameraHealth(4, CameraState.OFF, "quota"))
    assert told() == (503, {"should": 2, "do": 1}, 1), "held back for want of room"
    side.others = ()
    side.workers["engine"]["failing"] = True
    status, body = _call(ports.port, "GET", "/health")
    assert (status, json.loads(body)["workers_broken"]) == (503, ["engine"])


def test_status_shows_no_credentials(ports: HttpOptions, side: Side) -> None:
    side.detail = "'rtsp://admin:hunter22@192.0.2.7/x%zz' is not a valid URL"
    body = _call(ports.port, "GET", "/status")[1].decode()
    assert "192.0.2.7" in body
    assert "hunter22" not in body
    assert json.loads(body)["health"]["cameras"][0]["state"] == "recording"


def test_every_viewer_is_refused(ports: HttpOptions) -> None:
    question = json.dumps({"action": "read", "path": "acme-cam-01", "token": "x"}).encode()
    assert _call(ports.auth_port, "POST", "/auth", question)[0] == 401
    assert _call(ports.auth_port, "POST", "/auth", b"rubbish")[0] == 401
    assert _call(ports.auth_port, "GET", "/health")[0] == 404
    assert 'cctv_recorder_auth_answers_total{answer="refused"} 2.0' in _call(ports.port, "GET", "/metrics")[1].decode()


def _question(port: int, **asked: Any) -> int:
    return _call(port, "POST", "/auth", json.dumps(asked).encode())[0]


def test_gates_configuration_is_for_the_service_alone(ports: HttpOptions) -> None:
    own = {"user": "node", "password": GATE_API, "action": "api", "path": "", "protocol": ""}
    assert [_question(ports.auth_port, **own | {"action": action}) for action in ("api", "metrics")] == [204, 204]
    for wrong in (
        {"password": "x"}, {"password": ""}, {"password": None}, {"user": ""}, {"user": "media"}, {"user": "node:5"},
        {"action": "read"}, {"action": "publish"}, {"action": "playback"}, {"action": "pprof"}, {"action": ["api"]},
        {"password": "\ud800"},
    ):  # fmt: skip
        assert _question(ports.auth_port, **own | wrong) == 401, wrong
    for rubbish in (b"", b"[]", b"null", b"\xff", b"[" * 9000, b'{"action": "api"}'):
        assert _call(ports.auth_port, "POST", "/auth", rubbish)[0] == 401
    assert _call(ports.auth_port, "POST", "/auth", b" " * 20_000)[0] == 413


def test_no_description_of_the_api_is_given(ports: HttpOptions) -> None:
    for port in (ports.port, ports.auth_port):
        assert [_call(port, "GET", path)[0] for path in ("/openapi.json", "/docs", "/redoc")] == [404] * 3


UNFINISHED = (b"", b"GET /health HT", b"POST /auth HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")


def _files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def silent() -> Iterator[Callable[[int, int, bytes], list[socket.socket]]]:
    """Opens connections that ask nothing as a whole."""
    with contextlib.ExitStack() as stack:

        def opened(port: int, count: int, begun: bytes) -> list[socket.socket]:
            made = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(count)]
            for client in made:
                with contextlib.suppress(OSError):  # it gave way already
                    client.sendall(begun)
            return made

        yield opened


@pytest.mark.parametrize("begun", UNFINISHED)
def test_silent_clients_give_way(
    ports: HttpOptions, silent: Any, begun: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    before = _files()
    for port in (ports.port, ports.auth_port):
        silent(port, 300, begun)
    most = 2 * 2 * connections.MOST  # a listener may have as many again that it just accepted
    until = time.monotonic() + 5
    while _files() - before - 600 > most and time.monotonic() < until:
        time.sleep(0.1)
    assert _files() - before - 600 <= most
    assert _call(ports.port, "GET", "/health")[0] == 200
    assert _call(ports.auth_port, "POST", "/auth", b"{}")[0] == 401
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("begun", UNFINISHED)
def test_who_does_not_ask_in_time_is_let_go(
    ports: HttpOptions, silent: Any, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    (client,) = silent(ports.auth_port, 1, begun)
    with contextlib.suppress(ConnectionResetError):
        assert client.recv(1) == b""


def test_a_slow_answer_is_no_silence(ports: HttpOptions, side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    side.delay = 1.5
    assert _call(ports.port, "GET", "/health")[0] == 200


def _p99(port: int) -> float:
    times = []
    for _ in range(200):
        began = time.perf_counter()
        assert _call(port, "POST", "/auth", b"{}")[0] == 401
        times.append(time.perf_counter() - began)
    return sorted(times)[int(len(times) * 0.99) - 1]


def test_full_thread_pool_does_not_slow_the_gate(ports: HttpOptions, side: Side) -> None:
    idle = _p99(ports.auth_port)
    side.delay = 3.0
    askers = [threading.Thread(target=_call, args=(ports.port, "GET", "/health")) for _ in range(60)]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    busy = _p99(ports.auth_port)
    # the same listener's pool is full indeed: another question there waits for seconds
    began = time.perf_counter()
    _call(ports.port, "GET", "/health")
    assert time.perf_counter() - began > 2
    for asker in askers:
        asker.join()
    assert busy < max(10 * idle, 0.05), (idle, busy)
