"""Shapes through which the assembly joins the parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .config import Configuration
from .health import Health
from .job import Job, JobResult


class WorkerContext(Protocol):
    """Given to a worker by its supervisor."""

    @property
    def stopping(self) -> bool:
        """True once the service stops; the worker returns soon (≤ 2 s)."""

    def beat(self) -> None:
        """Say "alive"; a worker silent for longer than its ``patience`` fails the watchdog."""

    def wait(self, seconds: float) -> bool:
        """Sleep at most ``seconds``; True when the service stops. Beats before it sleeps."""


class Worker(Protocol):
    """A long-running part. An exception out of ``run`` is logged, and the worker started again after a back-off."""

    @property
    def name(self) -> str:
        """Short, unique, for logs and metrics."""

    @property
    def patience(self) -> float:
        """Seconds that it may go without a beat."""

    def run(self, ctx: WorkerContext) -> None:
        """Work until ``ctx.stopping``."""


class Recording(Protocol):
    """The recording side (engine, intake, health, jobs) as the assembly and the ERP link see it."""

    def workers(self) -> Sequence[Worker]:
        """All threads to supervise, in start order; they stop in reverse."""

    def apply(self, config: Configuration) -> None:
        """Take over a configuration; returns at once, called from any thread, at start and at each change."""

    def health(self) -> Health:
        """Fresh, from memory, in milliseconds."""

    def run_job(self, job: Job) -> JobResult:
        """Do it, bounded in time (≤ 60 s); failures come back as a result, not as an exception."""
