"""Where the service listens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """`host` is for the HTTP API; the auth listener is always on loopback."""

    host: str = "127.0.0.1"
    port: int = 8900
    auth_port: int = 8901
