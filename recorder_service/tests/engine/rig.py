"""Real parts for tests: cameras (a password-protected MediaMTX each), an engine with a keeper, the recording side."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from recorder_service.domain.config import AudioMode, CameraConfig, Configuration, NodeConfig, StreamSource
from recorder_service.domain.secret import Secret
from recorder_service.engine.client import EngineApi
from recorder_service.engine.initial import write_initial
from recorder_service.engine.options import EngineOptions, GateOptions
from recorder_service.engine.recording import RecordingSide
from recorder_service.engine.secret import node_secret
from recorder_service.store import Index, MediaRoot
from recorder_service.supervisor import Supervisor

NODE = "6a0e8d2c-52b8-4a0f-9a35-1f5a5f8f0c11"
PASSWORD = "k4m@ra#p&ss"  # has to be escaped in an address
SEGMENT_SECONDS = 2


def mediamtx() -> Path:
    found = os.environ.get("MEDIAMTX_BIN") or os.environ.get("CCTV_TEST_MEDIAMTX") or shutil.which("mediamtx")
    assert found, "set MEDIAMTX_BIN to a MediaMTX binary"
    return Path(found)


# below the kernel's own range, out of which any connection of the machine may take one at any moment
_PORTS = iter(random.SystemRandom().sample(range(10_000, 20_000), 10_000))


def free_port() -> int:
    """A port that nobody listens on, given once in this run."""
    for port in _PORTS:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


def until(what: Callable[[], object], seconds: float = 15.0, step: float = 0.1) -> object:
    """The first true answer; fails the test when none comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(step)
    raise AssertionError(f"not within {seconds} s")


class Process:
    """A child that is restarted like a keeper does, its output appended to a file."""

    def __init__(self, argv: list[str], log: Path, *, keep: bool = False) -> None:
        self._argv, self.log, self._keep = argv, log, keep
        self._stop = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Process:
        self._stop.clear()
        self._spawn()
        if self._keep:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def _spawn(self) -> None:
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, "TZ": "UTC"}, cwd=self.log.parent,  # MediaMTX leaves a certificate where it starts
            )  # fmt: skip

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            if self.child and self.child.poll() is not None:
                time.sleep(0.3)
                if not self._stop.is_set():
                    self._spawn()

    def send(self, number: int) -> None:
        assert self.child
        os.killpg(self.child.pid, number)

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
            self._thread = None
        if self.child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.child = None


class Camera:
    """An RTSP server on a port of its own that asks for `admin` and a password, playing a clip in a loop."""

    def __init__(self, folder: Path, clip: Path, port: int | None = None) -> None:
        self.folder, self.clip, self.port = folder, clip, port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "camera.yml"
        file.write_text(json.dumps(self._config()))
        self.server = Process([str(mediamtx()), str(file)], folder / "camera.log")
        self.feed: Process | None = None

    def _config(self) -> dict[str, object]:
        return {
            "logLevel": "warn", "rtspAddress": f"127.0.0.1:{self.port}", "rtspTransports": ["tcp"],
            "rtmp": False, "hls": False, "webrtc": False, "srt": False, "moq": False,
            "authInternalUsers": [
                {"user": "admin", "pass": PASSWORD, "permissions": [{"action": "read"}]},
                {"user": "feed", "pass": "feed", "permissions": [{"action": "publish"}]},
            ],
            "paths": {"main": {"source": "publisher"}, "empty": {"source": "publisher"}},
        }  # fmt: skip

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/main"

    def source(self, password: str = PASSWORD, url: str = "") -> StreamSource:
        return StreamSource(url or self.url, "admin", Secret(password))

    def start(self) -> Camera:
        self.server.start()
        until(self._listens)
        self.play(self.clip)
        until(self._plays)
        return self

    def _plays(self) -> bool:
        login = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        ask = f"DESCRIBE {self.url} RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic {login}\r\n\r\n"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.settimeout(1)
            connection.sendall(ask.encode())
            return connection.recv(100).startswith(b"RTSP/1.0 200")
        return False

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def play(self, clip: Path) -> None:
        if self.feed:
            self.feed.stop()
        argv = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy",
                "-f", "rtsp", "-rtsp_transport", "tcp", f"rtsp://feed:feed@127.0.0.1:{self.port}/main"]  # fmt: skip
        self.feed = Process(argv, self.folder / "feed.log", keep=True).start()

    def stop(self) -> None:
        if self.feed:
            self.feed.stop()
        self.server.stop()


@dataclass
class Node:
    """An engine with its keeper and a recording side under svc-core's supervisor."""

    folder: Path
    media_path: Path
    segment_seconds: int = SEGMENT_SECONDS
    quota: int = 0
    ffmpeg: str = "ffmpeg"
    cameras: dict[str, CameraConfig] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.media_path.mkdir(parents=True, exist_ok=True)
        ports = [free_port() for _ in range(11)]
        self.options = EngineOptions(
            media_root=self.media_path, config_file=self.folder / "engine.yml", log_file=self.folder / "engine.log",
            secret_file=self.folder / "node.secret", api_port=ports[0], rtsp_port=ports[1], metrics_port=ports[2],
            mediamtx=mediamtx(), ffmpeg=self.ffmpeg,
        )  # fmt: skip
        self.gate = GateOptions(
            config_file=self.folder / "gate.yml", log_file=self.folder / "gate.log", auth_port=ports[3],
            api_port=ports[4], rtsp_port=ports[5], webrtc_port=ports[6], ice_port=ports[7], hls_port=ports[8],
            metrics_port=ports[9], origins=("http://odoo.example:8069",),
        )  # fmt: skip
        self.http_port = ports[10]
        self.media = MediaRoot(self.media_path, NODE)
        self.media.adopt()
        self.index = Index(self.folder / "index.sqlite", NODE)
        write_initial(self.options, self.gate, None, media=self.media, index=self.index)
        self.engine = Process([str(mediamtx()), str(self.options.config_file)], self.options.log_file, keep=True)
        self.side: RecordingSide | None = None
        self._supervisor: Supervisor | None = None

    def api(self) -> EngineApi:
        return EngineApi(self.options.api_url, node_secret(self.options.secret_file))

    def start(self) -> Node:
        self.engine.start()
        self.serve()
        until(lambda: self.side and self.side.health().engine.up)
        return self

    def serve(self) -> None:
        self.side = RecordingSide(self.index, self.options, self.gate, self.media)
        self._supervisor = Supervisor(self.side.workers())
        self.apply()
        self._supervisor.start()

    def unserve(self) -> None:
        if self._supervisor:
            assert self._supervisor.stop(10) in ([], None)
        self._supervisor = None

    def apply(self) -> None:
        assert self.side
        node = NodeConfig("test", self.segment_seconds, self.quota, 0)
        self.side.apply(Configuration(str(time.time_ns()), node, tuple(self.cameras.values())))

    def add(self, path: str, source: StreamSource, **more: object) -> None:
        number = more.pop("id", len(self.cameras) + 1)
        self.cameras[path] = CameraConfig(
            id=int(str(number)),
            path=path,
            code=path[-3:],
            name=path,
            record=True,
            main=source,
            **more,  # type: ignore[arg-type]
        )
        if self.side:
            self.apply()

    def change(self, path: str, **more: object) -> None:
        self.cameras[path] = replace(self.cameras[path], **more)  # type: ignore[arg-type]
        self.apply()

    def stop(self) -> None:
        self.unserve()
        self.engine.stop()
        self.index.close()

    def segments(self, path: str) -> list:  # type: ignore[type-arg]
        return sorted(self.index.segments.list(path, limit=10_000), key=lambda s: s.start_us)

    def wait_segments(self, path: str, count: int, seconds: float = 20.0) -> list:  # type: ignore[type-arg]
        until(lambda: len(self.segments(path)) >= count, seconds)
        return self.segments(path)

    def gaps(self, path: str) -> list:  # type: ignore[type-arg]
        """Those that stand; on a slow machine one may have been told too early and withdrawn."""
        found = [g for g in self.index.gaps.list(path, limit=1000) if g.stop_us != g.start_us]
        return sorted(found, key=lambda g: g.start_us)

    def events(self) -> list[tuple[str, str]]:
        rows = self.index.database.read().execute("SELECT kind, detail FROM event ORDER BY seq")
        return [(r["kind"], r["detail"]) for r in rows]

    def state(self, path: str) -> tuple[str, str]:
        assert self.side
        found = {c.camera_id: c for c in self.side.health().cameras}[self.cameras[path].id]
        return found.state.value, found.reason

    def await_state(self, path: str, state: str, reason: str | None = None, seconds: float = 25.0) -> None:
        def right() -> bool:
            now = self.state(path)
            return now[0] == state and (reason is None or now[1] == reason)

        try:
            until(right, seconds)
        except AssertionError:
            raise AssertionError(f"{path} is {self.state(path)}, not {state} {reason}; {self.events()}") from None


STRIP, KEEP = AudioMode.STRIP, AudioMode.KEEP


@contextlib.contextmanager
def running(node: Node) -> Iterator[Node]:
    try:
        yield node.start()
    finally:
        node.stop()
