"""The HTTP API: health, status and figures. It shows no credentials and takes no orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import Enum
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from ..domain.health import Health
from ..logs import redact

Status = Callable[[], dict[str, Any]]


def api_app(health: Callable[[], Health], status: Status, registry: CollectorRegistry) -> FastAPI:
    """`GET /health` (503 while something needs a person), `/status`, `/metrics`."""
    app = FastAPI(title="CCTV recorder", docs_url=None, redoc_url=None)

    @app.get("/health")
    def get_health(response: Response) -> dict[str, Any]:
        now = health()
        workers = status().get("workers", {})
        broken = sorted(n for n, w in workers.items() if w.get("hung") or not w.get("alive"))
        ok = now.engine.up and not broken and not now.alarms
        response.status_code = 200 if ok else 503
        return {"ok": ok, "workers_broken": broken, "alarms": sorted(a.value for a in now.alarms),
                "recording": now.recording}  # fmt: skip

    @app.get("/status")
    def get_status() -> dict[str, Any]:
        return {name: _shown(value) for name, value in {**status(), "health": as_json(health())}.items()}

    @app.get("/metrics")
    def get_metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


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
