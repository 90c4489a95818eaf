"""The probes that cost next to nothing, again and again while the service runs, for the ERP to show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import structlog

from ..domain.config import Configuration
from ..domain.ports import WorkerContext
from ..domain.probe import Result, index_written
from ..erp.configuration import ConfigurationError, parse
from ..settings import Settings
from ..store import Index
from . import local

_log = structlog.get_logger(__name__)

_PERIOD = 60.0  # seconds


class CheckWorker:
    """Looks in a thread of its own: a disk that does not answer holds up neither recording nor the ERP link."""

    name = "checks"
    patience = 4 * _PERIOD

    def __init__(self, settings: Settings, index: Index, status: Callable[[], dict[str, Any]]) -> None:
        self._settings = settings
        self._index = index
        self._status = status
        self._lock = threading.Lock()
        self._found: tuple[Result, ...] | None = None

    def run(self, ctx: WorkerContext) -> None:
        """Once a minute until stopped."""
        while not ctx.stopping:
            self.look()
            ctx.wait(_PERIOD)

    def found(self) -> tuple[Result, ...] | None:
        """Of the last look; None before the first. What is wrong with the index is told at once."""
        written = index_written(self._index.database.trouble)
        with self._lock:
            return (written, *(self._found or ())) if written.failed else self._found

    def look(self) -> None:
        """Ask every probe once."""
        found = tuple(self._probes())
        with self._lock:
            before, self._found = self._found, found
        told = {(result.name, result.level) for result in before or ()}
        for result in found:
            if result.fix and (result.name, result.level) not in told:
                _log.warning("check", name=result.name, level=result.level.value, found=result.message, fix=result.fix)

    def _probes(self) -> Iterator[Result]:
        config = self._config()
        yield local.settings_mode(self._settings.file)
        yield local.media_root(self._settings, adopt=False)
        yield local.free_space(self._settings, config)
        yield local.quota_of(self._index, config)
        yield local.parked(self._index)
        yield local.database(self._index)
        yield local.footage(self._index)
        yield from local.programs_there(self._settings)
        yield local.clock()
        yield from local.workers(self._status())

    def _config(self) -> Configuration | None:
        try:
            body = self._index.config.load()
            return parse(body) if body else None
        except ConfigurationError:
            return None  # told by an event
