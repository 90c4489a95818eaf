"""Listeners as workers: each runs uvicorn on an event loop in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from ..domain.ports import Recording, Worker, WorkerContext
from ..domain.secret import Secret
from .app import api_app
from .auth import Gatekeeper, auth_app
from .connections import Connection, end_silent
from .metrics import HealthCollector
from .options import HttpOptions

_BEAT = 0.5
_BACKLOG = 128  # also how many the event loop accepts at once, before one of them can be turned away


class ListenerError(Exception):
    """The port cannot be listened on; says which and why."""


class HttpWorker:
    """One listener. It beats from inside its event loop, so a loop that hangs is noticed."""

    patience = 15.0

    def __init__(self, name: str, app: FastAPI, host: str, port: int) -> None:
        self.name = name
        self._app = app
        self._host = host
        self._port = port

    def run(self, ctx: WorkerContext) -> None:
        """Serve until stopped. Raises ListenerError when the port is taken."""
        with contextlib.closing(self._listen()) as listener:
            asyncio.run(self._serve(ctx, listener))

    def _listen(self) -> socket.socket:
        try:
            return socket.create_server((self._host, self._port), backlog=_BACKLOG)
        except OSError as error:
            raise ListenerError(f"{self.name}: cannot listen on {self._host}:{self._port} ({error.strerror})") from None

    async def _serve(self, ctx: WorkerContext, listener: socket.socket) -> None:
        server = _Server(
            uvicorn.Config(
                self._app,
                http=Connection,
                ws="none",
                backlog=_BACKLOG,
                access_log=False,
                log_config=None,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not ctx.stopping and not task.done():
            ctx.beat()
            await asyncio.sleep(_BEAT)
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Leaves signals to the process's main thread, and sleeps longer between looks at what it was told.

    uvicorn looks ten times a second; only its stop and the Date header (to the second) depend on that.
    """

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            end_silent(tuple(self.server_state.connections), asyncio.get_running_loop().time())
            await asyncio.sleep(_BEAT)

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def http_workers(
    recording: Recording, options: HttpOptions, extra: Callable[[], dict[str, Any]], gate_api: Secret
) -> list[Worker]:
    """The HTTP API and the gate's auth endpoint, each on its own listener and thread.

    `extra` tells of workers, ERP link and queue as plain JSON; `gate_api` is the password for the gate's Control API.
    """
    registry = CollectorRegistry()
    keeper = Gatekeeper(registry, gate_api)
    names = getattr(recording, "paths", dict)
    registry.register(HealthCollector(recording.health, extra, names))
    return [
        HttpWorker("http", api_app(recording.health, extra, registry), options.host, options.port),
        HttpWorker("auth", auth_app(keeper), "127.0.0.1", options.auth_port),
    ]
