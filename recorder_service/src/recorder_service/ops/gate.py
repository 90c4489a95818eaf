"""The gate's thread: keeps its file right and knows whether it is up."""

from __future__ import annotations

import structlog

from ..domain.ports import WorkerContext
from ..engine.client import EngineApi, EngineError
from ..engine.initial import write_gate
from ..engine.options import EngineOptions, GateOptions
from ..engine.secret import node_secret

_log = structlog.get_logger(__name__)

_PERIOD = 2.0


class GateWorker:
    """Written once at start; the gate itself asks the auth endpoint for every viewer."""

    name = "gate"
    patience = 60.0

    def __init__(self, options: EngineOptions, gate: GateOptions) -> None:
        self.up = False
        self.started_us: int | None = None
        self._options = options
        self._gate = gate
        self._api = EngineApi(gate.api_url, node_secret(options.secret_file))

    def run(self, ctx: WorkerContext) -> None:
        if write_gate(self._options, self._gate):
            _log.info("gate.yml written")
        while not ctx.stopping:
            self._look()
            ctx.wait(_PERIOD)

    def _look(self) -> None:
        try:
            info = self._api.info()
        except EngineError as error:
            if self.up:
                _log.warning("gate is down", why=str(error))
            self.up, self.started_us = False, None
            return
        self.up, self.started_us = True, info.started_us
