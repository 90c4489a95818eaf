"""The configuration that the ERP gives to a node."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .secret import Secret


class Transport(StrEnum):
    TCP = "tcp"
    UDP = "udp"


class AudioMode(StrEnum):
    STRIP = "strip"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class StreamSource:
    """``url`` never carries credentials; they travel beside it."""

    url: str
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    transport: Transport = Transport.TCP


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """``path`` is the stream's path in engine and gate and the camera's folder on disk; ``priority`` high first."""

    id: int
    path: str
    code: str
    name: str
    record: bool
    main: StreamSource
    sub: StreamSource | None = None
    test: bool = False
    audio: AudioMode = AudioMode.STRIP
    priority: int = 10
    retention_days: int = 30


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """``quota_bytes`` 0 means none; ``reserve_bytes`` stay free on the media file system.

    ``confirmed``: UUID and call counter of an ERP database that a person vouched for after it had stepped back.
    """

    name: str
    segment_seconds: int = 60
    quota_bytes: int = 0
    reserve_bytes: int = 0
    confirmed: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    etag: str
    node: NodeConfig
    cameras: tuple[CameraConfig, ...] = ()

    def by_path(self) -> dict[str, CameraConfig]:
        return {camera.path: camera for camera in self.cameras}

    def by_id(self) -> dict[int, CameraConfig]:
        return {camera.id: camera for camera in self.cameras}
