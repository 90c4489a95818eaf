"""Does the disk of the index take what is written? One that came back anew is of use to another start alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import structlog

from ..domain.ports import WorkerContext
from ..store.index import Index

_log = structlog.get_logger(__name__)

_PERIOD = 10.0
_SECONDS = 20.0
#: In a process of its own, whose locks and mapped pages have nothing to do with those of the disk that failed.
_PROBE = """
import sqlite3, sys, uuid
uri, epoch = sys.argv[1:]
with sqlite3.connect(uri, uri=True, timeout=5) as found:
    found.execute("PRAGMA synchronous=FULL")
    assert found.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone() == (epoch,)
    found.execute("INSERT OR REPLACE INTO meta VALUES ('proven', ?)", (str(uuid.uuid4()),))
"""


def _end() -> None:
    # an orderly stop would wait for the disk that failed
    os._exit(os.EX_TEMPFAIL)


class IndexDiskWorker:
    """`end`: ends this process, which still holds the disk that failed, so that it is started anew on the one that is
    back. One that takes writes again by itself needs no such end.
    """

    name = "index"
    patience = 120.0

    def __init__(self, index: Index, end: Callable[[], None] = _end) -> None:
        self._index = index
        self._epoch = index.epoch
        self._end = end

    def run(self, ctx: WorkerContext) -> None:
        while not ctx.stopping:
            self.look()
            ctx.wait(_PERIOD)

    def look(self) -> None:
        """A disk that is gone is noticed here when nothing else is written."""
        if self._index.database.prove() or not self._others_can():
            return
        _log.critical("the index can be written by another start: the process ends so that it is started anew")
        self._end()

    def _others_can(self) -> bool:
        uri = f"{self._index.database.file.absolute().as_uri()}?mode=rw"
        argv = [sys.executable, "-I", "-c", _PROBE, uri, self._epoch]
        try:
            done = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError):
            return False
        return done.returncode == 0
