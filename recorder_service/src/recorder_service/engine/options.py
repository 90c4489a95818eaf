"""What the engine side has to know of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Addresses are loopback ports; `mediamtx` is None where no binary is at hand (then no start test is made)."""

    media_root: Path
    config_file: Path
    log_file: Path
    secret_file: Path
    api_port: int = 9997
    rtsp_port: int = 8554
    metrics_port: int = 9998
    mediamtx: Path | None = None
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    part_seconds: float = 1.0
    read_timeout: float = 10.0

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def media_secret_file(self) -> Path:
        return self.secret_file.with_name("media.secret")

    @property
    def strip_folder(self) -> Path:
        """What takes out sound meets the engine here; nobody else enters."""
        return self.secret_file.absolute().with_name("strip")


@dataclass(frozen=True, slots=True)
class GateOptions:
    """Where viewers come in. `origins` are the pages (Odoo's address) that a browser may call the gate from."""

    config_file: Path
    log_file: Path
    auth_port: int = 8901
    api_port: int = 9987
    rtsp_port: int = 8555
    webrtc_port: int = 8889
    ice_port: int = 8189
    hls_port: int = 8888
    metrics_port: int = 9988
    host: str = "127.0.0.1"
    origins: tuple[str, ...] = ()
    additional_hosts: tuple[str, ...] = ()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"
