"""Workers in threads: started in order, watched, started again after a failure, stopped in reverse."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import structlog

from .domain.ports import Worker

_log = structlog.get_logger(__name__)

_FIRST_DELAY = 0.5  # seconds
_LONGEST_DELAY = 30.0
_STABLE = 60.0  # a worker that ran so long starts anew without waiting
_RECENT = 600.0  # a worker that failed so often within this time does not do its work, though its thread lives
_OFTEN = 3


class Keeper:
    """One worker's thread; the worker's context as well."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.restarts = 0
        self.last_error = ""
        self._failures: deque[float] = deque(maxlen=_OFTEN)
        self._stop = threading.Event()
        self._beaten = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name=worker.name, daemon=True)

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def beat(self) -> None:
        self._beaten = time.monotonic()

    def wait(self, seconds: float) -> bool:
        self.beat()
        return self._stop.wait(seconds)

    @property
    def silent_for(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._beaten

    @property
    def hung(self) -> bool:
        """Started and not asked to stop, but silent for longer than the worker allows itself, or its thread is gone."""
        if self._thread.ident is None:
            return False
        return self.silent_for > self.worker.patience if self._thread.is_alive() else not self.stopping

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Ask it to stop; True when it did in time."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _keep(self) -> None:
        delay = _FIRST_DELAY
        while not self.stopping:
            began = time.monotonic()
            self._run_once()
            if time.monotonic() - began > _STABLE:
                delay = _FIRST_DELAY
            if self.wait(random.uniform(0, delay)):  # noqa: S311 - jitter
                return
            delay = min(delay * 2, _LONGEST_DELAY)

    def _run_once(self) -> None:
        self.beat()
        try:
            self.worker.run(self)
            if not self.stopping:
                self._failed("it ended without being asked to")
        except BaseException as error:  # SystemExit ends a thread without a word
            self._failed(f"{type(error).__name__}: {error}")
            _log.exception("worker failed", worker=self.worker.name, restarts=self.restarts)

    @property
    def failing(self) -> bool:
        """It failed again and again of late."""
        return len(self._failures) == _OFTEN and time.monotonic() - self._failures[0] < _RECENT

    def _failed(self, text: str) -> None:
        self.restarts += 1
        self._failures.append(time.monotonic())
        self.last_error = text

    def report(self) -> dict[str, Any]:
        return {
            "alive": self._thread.is_alive(),
            "hung": self.hung,
            "failing": self.failing,
            "silent_seconds": round(self.silent_for, 1),
            "restarts": self.restarts,
            "last_error": self.last_error,
        }


class Supervisor:
    """Holds the workers of the service."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._keepers = [Keeper(worker) for worker in workers]

    def start(self) -> None:
        for keeper in self._keepers:
            keeper.start()

    def hung(self) -> list[str]:
        """Names of workers that are silent for too long or whose thread is gone."""
        return [keeper.worker.name for keeper in self._keepers if keeper.hung]

    def forgive(self) -> None:
        """Count every worker as just heard of."""
        for keeper in self._keepers:
            keeper.beat()

    def report(self) -> dict[str, Any]:
        """By worker: alive, hung, failing again and again, silent seconds, restarts, last error."""
        return {keeper.worker.name: keeper.report() for keeper in self._keepers}

    def stop(self, timeout: float) -> list[str]:
        """Stop in reverse order within ``timeout`` seconds in all; names of those that did not."""
        deadline = time.monotonic() + timeout
        left = [k for k in reversed(self._keepers) if not k.stop(max(0.1, deadline - time.monotonic()))]
        return [keeper.worker.name for keeper in left]
