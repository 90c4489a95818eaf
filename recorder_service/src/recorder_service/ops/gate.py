"""The gate's thread: keeps its file right and knows whether it is up."""

from __future__ import annotations

import socket

import structlog

from ..domain.ports import WorkerContext
from ..engine.client import EngineApi, EngineError
from ..engine.initial import write_gate
from ..engine.options import EngineOptions, GateOptions
from ..engine.secret import gate_api_secret, node_secret

_log = structlog.get_logger(__name__)

_PERIOD = 2.0
_AUTH_TRIES, _AUTH_PAUSE = 60, 0.05


class GateWorker:
    """Written once at start; the gate itself asks the auth endpoint for every viewer."""

    name = "gate"
    patience = 60.0

    def __init__(self, options: EngineOptions, gate: GateOptions) -> None:
        self.up = False
        self.started_us: int | None = None
        self._options = options
        self._gate = gate
        self._api = EngineApi(gate.api_url, gate_api_secret(node_secret(options.secret_file)))

    def run(self, ctx: WorkerContext) -> None:
        if write_gate(self._options, self._gate):
            _log.info("gate.yml written")
        self._await_auth(ctx)
        while not ctx.stopping:
            self._look()
            ctx.wait(_PERIOD)

    def _await_auth(self, ctx: WorkerContext) -> None:
        """The gate delays a refusal by up to 4 s; so it is not asked before it can ask in turn."""
        for _ in range(_AUTH_TRIES):
            with socket.socket() as probe:
                probe.settimeout(1.0)
                if probe.connect_ex(("127.0.0.1", self._gate.auth_port)) == 0 or ctx.wait(_AUTH_PAUSE):
                    return

    def _look(self) -> None:
        try:
            info = self._api.info()
        except EngineError as error:
            if self.up:
                _log.warning("gate is down", why=str(error))
            self.up, self.started_us = False, None
            return
        self.up, self.started_us = True, info.started_us
