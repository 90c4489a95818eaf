"""The HTTP API: health, status and figures. It shows no credentials and takes no orders."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import Enum
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from ..domain.gap import GapReason
from ..domain.health import STOPPING, CameraHealth, CameraState, Health
from ..logs import redact

_NODES_FAULT = (GapReason.WRITE_ERROR, GapReason.DISK_FULL, GapReason.QUOTA)

Status = Callable[[], dict[str, Any]]


def api_app(health: Callable[[], Health], status: Status, registry: CollectorRegistry) -> FastAPI:
    """`GET /health` (503 while this node is unable to record what arrives), `/status`, `/metrics`.

    A camera that is away or refuses is no fault of the node: `recording` tells how many are recorded of those that
    should be. An alarm that stops no recording (little room left, a key about to end) is told and answers 200.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/health")
    def get_health(response: Response) -> dict[str, Any]:
        now = health()
        workers = status().get("workers", {})
        broken = sorted(n for n, w in workers.items() if w.get("hung") or w.get("failing") or not w.get("alive"))
        unwritten = sum(1 for camera in now.cameras if _unwritten(camera))
        ok = now.engine.up and not broken and not STOPPING & now.alarms and not unwritten
        response.status_code = 200 if ok else 503
        return {"ok": ok, "workers_broken": broken, "alarms": sorted(a.value for a in now.alarms),
                "unwritten": unwritten, "recording": _recording(now.cameras)}  # fmt: skip

    @app.get("/status")
    def get_status() -> dict[str, Any]:
        return {name: _shown(value) for name, value in {**status(), "health": _health(health)}.items()}

    @app.get("/metrics")
    def get_metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _health(health: Callable[[], Health]) -> dict[str, Any]:
    """Nothing while the index cannot be read, which the status tells."""
    try:
        return as_json(health())
    except sqlite3.DatabaseError:
        return {}


def _unwritten(camera: CameraHealth) -> bool:
    """Its stream arrives, or would, and this node does not store it."""
    return camera.state in (CameraState.STALLED, CameraState.OFF) and camera.reason in _NODES_FAULT


def _recording(cameras: Sequence[CameraHealth]) -> dict[str, int]:
    """How many cameras should be recorded, and how many are."""
    return {
        "should": sum(1 for c in cameras if c.state is not CameraState.OFF or c.reason),
        "do": sum(1 for c in cameras if c.state is CameraState.RECORDING),
    }


def _shown(value: Any) -> Any:
    """The same without credentials. Names stay: a password may be a word that is one of them."""
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return redact(value) if isinstance(value, str) and not isinstance(value, Enum) else value


def as_json(health: Health) -> dict[str, Any]:
    """Plain JSON of a health report."""
    out = asdict(health)
    out["alarms"] = sorted(alarm.value for alarm in health.alarms)
    return out
