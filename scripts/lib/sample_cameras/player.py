"""One playing camera: a MediaMTX process and the ffmpeg processes that feed it."""

import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from ports import holder, is_free

from . import clips
from .paths import mediamtx
from .spec import Camera

ADDRESS = "127.0.0.1"
CLOSED = "rtmp hls webrtc srt moq api metrics pprof playback".split()
LISTEN_TIMEOUT_S = 10


class Player:
    """Starts, watches and hurts one camera. Not safe for several threads.

    ``port_setting``: what sets its port.
    """

    def __init__(self, camera: Camera, folder: Path, port_setting: str) -> None:
        self.camera = camera
        self.folder = folder
        self._port_setting = port_setting
        self.state = "down"
        self._server: subprocess.Popen | None = None
        self._feeders: list[subprocess.Popen] = []
        self._feeder_key = secrets.token_urlsafe(12)

    @property
    def pid(self) -> int | None:
        """Return the server's process id while it runs."""
        return self._server.pid if self._server else None

    def start(self) -> None:
        """Start the server, wait for its port, start the feeders."""
        self._refuse_taken_port()
        config = self._write_config()
        log = (self.folder / "server.log").open("ab")
        with log:
            self._server = subprocess.Popen([mediamtx(), str(config)], stdout=log, stderr=log, cwd=self.folder)
        self._wait_for_port()
        self._feeders = [self._feed("main", self.camera.clip)]
        if self.camera.sub_clip:
            self._feeders.append(self._feed("sub", self.camera.sub_clip))
        self.state = "up"

    def stop(self) -> None:
        """End both; connected readers see the connection close."""
        for process in [*self._feeders, self._server]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
        self._server, self._feeders, self.state = None, [], "down"

    def stall(self) -> None:
        """Fall silent with the connections open, as a hung camera does."""
        self._signal(signal.SIGSTOP)
        self.state = "stalled"

    def resume(self) -> None:
        """Undo ``stall``."""
        self._signal(signal.SIGCONT)
        self.state = "up"

    def healthy(self) -> bool:
        """Tell whether server and feeders are alive."""
        processes = [self._server, *self._feeders]
        return all(process and process.poll() is None for process in processes)

    def _signal(self, number: signal.Signals) -> None:
        for process in [*self._feeders, self._server]:
            if process and process.poll() is None:
                process.send_signal(number)

    def _write_config(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / "mediamtx.yml"
        target.touch(mode=0o600)
        closed = "\n".join(f"{name}: false" for name in CLOSED)
        target.write_text(
            f"""logLevel: warn
{closed}
rtspAddress: {ADDRESS}:{self.camera.port}
rtspTransports: [tcp]
rtspAuthMethods: [basic, digest]
authInternalUsers:
- user: {_quoted(self.camera.user)}
  pass: {_quoted(self.camera.password)}
  permissions: [{{action: read}}]
- user: feeder
  pass: {_quoted(self._feeder_key)}
  ips: [127.0.0.1]
  permissions: [{{action: publish}}]
paths:
  main:
  sub:
"""
        )
        return target

    def _refuse_taken_port(self) -> None:
        port = self.camera.port
        if not is_free("tcp", port, (ADDRESS,)):
            who = holder("tcp", port)
            raise RuntimeError(
                f"{self.camera.name}: port {port} is held by {who}. Choose another: {self._port_setting}"
            )

    def _wait_for_port(self) -> None:
        deadline = time.monotonic() + LISTEN_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex((ADDRESS, self.camera.port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.camera.name}: the camera did not start, see {self.folder}/server.log")

    def _feed(self, path: str, clip: str) -> subprocess.Popen:
        source = clips.path_of(clip)
        target = f"rtsp://feeder:{self._feeder_key}@127.0.0.1:{self.camera.port}/{path}"
        command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-re"]
        command += ["-stream_loop", "-1", "-i", str(source), "-c", "copy"]
        command += ["-f", "rtsp", "-rtsp_transport", "tcp", target]
        with (self.folder / f"{path}.log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)


def _quoted(text: str) -> str:
    """Quote for YAML."""
    return "'" + text.replace("'", "''") + "'"
