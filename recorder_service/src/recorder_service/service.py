"""``recorder run``: one process from start to an orderly stop."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from dataclasses import asdict
from types import FrameType
from typing import Any

import structlog

from . import __version__, assembly
from .domain.times import SystemClock
from .erp.configuration import ConfigurationError, parse
from .lock import SingleInstance
from .logs import keep_secret
from .notify import notify
from .settings import Settings
from .store import Index
from .supervisor import Supervisor

_log = structlog.get_logger(__name__)

_TICK = 2.0  # seconds between looks at the workers
_STOP_WITHIN = 8.0  # seconds for all workers; process managers kill after 10 or more
_HUNG_EXIT = 70  # EX_SOFTWARE: whoever keeps this process starts it anew


class Service:
    """Holds the parts while the process lives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._started_us = SystemClock().now_us()
        self._supervisor: Supervisor | None = None
        self._parts: assembly.Parts | None = None

    def run(self) -> int:
        """Work until SIGTERM or SIGINT.

        Returns:
            The process's exit status.

        Raises:
            AlreadyRunningError: another service has this index.
            DatabaseError: the index cannot be used.
        """
        keep_secret(self._settings.odoo.key.get_secret_value())
        lock = self._settings.index_file.with_suffix(".lock")
        with SingleInstance(lock), Index(self._settings.index_file, self._settings.node.uuid) as index:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._asked_to_stop)
            return self._work(index)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _work(self, index: Index) -> int:
        self._parts = assembly.build(self._settings, index, lambda: self.status(index))
        self._supervisor = Supervisor(self._parts.workers)
        self._resume(index, self._parts)
        self._supervisor.start()
        _log.info("service started", version=__version__, node=index.node, epoch=index.epoch)
        notify("READY=1")
        self._watch(self._supervisor)
        return self._end(self._supervisor)

    def _resume(self, index: Index, parts: assembly.Parts) -> None:
        """Record as before, without asking the ERP first."""
        body = index.config.load()
        if body is None:
            _log.warning("no configuration yet: nothing is recorded until odoo has answered once")
            return
        try:
            config = parse(body)
        except ConfigurationError as error:
            _log.error("the stored configuration is refused: waiting for odoo", error=str(error))
            return
        assembly.keep_configuration_secret(config)
        parts.recording.apply(config)

    def _watch(self, supervisor: Supervisor) -> None:
        looked = time.monotonic()
        while not self._stop.wait(_TICK):
            late = time.monotonic() - looked - _TICK
            looked = time.monotonic()
            if late > _TICK:
                # This process as a whole was held (SIGSTOP, a suspended machine): nobody could beat.
                supervisor.forgive()
            self._look(supervisor.hung())

    def _look(self, hung: list[str]) -> None:
        if not hung:
            notify("WATCHDOG=1")
            return
        _log.critical("workers hang, the process ends so that it is started anew", workers=hung)
        # Threads cannot be killed, and an orderly stop would wait for the one that hangs.
        os._exit(_HUNG_EXIT)

    def _end(self, supervisor: Supervisor) -> int:
        notify("STOPPING=1")
        left = supervisor.stop(_STOP_WITHIN)
        _log.info("service stopped", late=left)
        return 0

    def status(self, index: Index) -> dict[str, Any]:
        """Process, workers, ERP link and queue as plain JSON."""
        return {
            "service": {"version": __version__, "pid": os.getpid(), "started_us": self._started_us},
            "node": index.node,
            "epoch": index.epoch,
            "index": index.database.trouble,
            "odoo": self._parts.link.as_dict() if self._parts else {},
            "pending": _pending(index),
            "workers": self._supervisor.report() if self._supervisor else {},
        }


def _pending(index: Index) -> dict[str, int]:
    """Nothing when its disk cannot even be read, which `index` tells."""
    try:
        return asdict(index.outbox.pending())
    except sqlite3.DatabaseError:
        return {}
