"""Doing what the ERP asked for, one job at a time, off the sync thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from ..domain.job import Job, JobResult, JobState
from ..domain.ports import WorkerContext
from ..domain.said import Said, SaidCode, coded
from ..store import Index

_log = structlog.get_logger(__name__)


class JobWorker:
    """Works off the claimed jobs of the index; those of an earlier run included."""

    name = "jobs"
    patience = 120.0

    def __init__(self, index: Index, run_job: Callable[[Job], JobResult]) -> None:
        self._index = index
        self._run_job = run_job
        self._wake = threading.Event()

    def notify(self) -> None:
        """New jobs are stored."""
        self._wake.set()

    def run(self, ctx: WorkerContext) -> None:
        while not ctx.stopping:
            ctx.beat()
            self._wake.clear()
            for job in self._index.jobs.claimed():
                if ctx.stopping:
                    return
                ctx.beat()
                self._index.jobs.finish(self._attempt(job))
            self._wake.wait(1.0)

    def _attempt(self, job: Job) -> JobResult:
        try:
            return self._run_job(job)
        except Exception as error:
            # A job that breaks is answered, not tried forever.
            _log.exception("job failed", job=job.id, kind=job.kind)
            text = f"{type(error).__name__}: {error}"
            return JobResult(job.id, JobState.FAILED, coded(Said(text, SaidCode.JOB_BROKE, words=text)), text)
