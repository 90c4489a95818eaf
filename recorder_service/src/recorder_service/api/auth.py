"""The gate asks here whether a viewer may watch, and who may see its configuration and figures.

Until live view exists nobody may watch. Configuration and figures are for this service alone.

MediaMTX puts this question from the one routine that manages all its paths, so a slow answer holds every viewer. The
endpoint is therefore `async`, works in memory only, asks nobody, and has a listener, a thread and an event loop of its
own.
"""

from __future__ import annotations

import hmac
import json

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter
from starlette.requests import ClientDisconnect

from ..domain.secret import Secret
from ..engine.secret import USER

REFUSAL = "live view is not available on this recorder"
_MOST_BYTES = 16 * 1024
_REFUSED = 401
_OWN = ("api", "metrics")


class Gatekeeper:
    """Counts questions; `answers` is a Prometheus counter with the label `answer`.

    `secret`: the password for the gate's own Control API and metrics.
    """

    def __init__(self, registry: CollectorRegistry, secret: Secret) -> None:
        self._login = f"{USER}:{secret.reveal()}".encode()
        self._answers = Counter(
            "cctv_recorder_auth_answers", "Questions of the gate, by answer", ["answer"], registry=registry
        )
        self._refused = self._answers.labels(answer="refused")
        self._own = self._answers.labels(answer="own")

    def decide(self, question: bytes) -> int:
        """HTTP status for a question (MediaMTX's JSON): 204 for this service's own, else 401."""
        if self._is_own(question):
            self._own.inc()
            return 204
        self._refused.inc()
        return _REFUSED

    def _is_own(self, question: bytes) -> bool:
        try:
            asked = json.loads(question)
            login = f"{asked['user']}:{asked['password']}".encode()
            action = asked["action"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return False
        return hmac.compare_digest(login, self._login) and action in _OWN


def auth_app(keeper: Gatekeeper) -> FastAPI:
    """The app of the auth listener: `POST /auth` only."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/auth")
    async def auth(request: Request) -> Response:
        question = bytearray()
        try:
            async for chunk in request.stream():
                question += chunk
                if len(question) > _MOST_BYTES:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody, and no fault of this service
        status = keeper.decide(bytes(question))
        return Response(REFUSAL if status == _REFUSED else None, status_code=status, media_type="text/plain")

    return app
