"""The gate asks here whether a viewer may watch. Until live view exists nobody may.

MediaMTX puts this question from the one routine that manages all its paths, so a slow answer holds every viewer. The
endpoint is therefore `async`, works in memory only, asks nobody, and has a listener, a thread and an event loop of its
own.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter

REFUSAL = "live view is not available on this recorder"
_MOST_BYTES = 16 * 1024


class Gatekeeper:
    """Counts questions; `answers` is a Prometheus counter with the label `answer`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "cctv_recorder_auth_answers", "Questions of the gate, by answer", ["answer"], registry=registry
        )
        self._refused = self._answers.labels(answer="refused")

    def decide(self) -> int:
        """HTTP status for a question: 401, always."""
        self._refused.inc()
        return 401


def auth_app(keeper: Gatekeeper) -> FastAPI:
    """The app of the auth listener: `POST /auth` only."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/auth")
    async def auth(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
            return Response(status_code=413)
        return Response(REFUSAL, status_code=keeper.decide(), media_type="text/plain")

    return app
