"""Does the disk of the index take what is written? One that came back anew is of use to another start alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from ..domain.event import Code, EventKind, Told
from ..domain.ports import WorkerContext
from ..store.files import PRIVATE, fsync_dir, fsync_file
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
        """A disk that is gone is noticed here when nothing else is written, and a file that somebody deleted."""
        if self._deleted():
            self._write_anew()
            return
        if self._index.database.prove() or not self._others_can():
            return
        _log.critical("the index can be written by another start: the process ends so that it is started anew")
        self._end()

    def _deleted(self) -> bool:
        """The file has no name any more: what is written is lost with this process. A disk that is away is another."""
        name = f"{self._index.database.file.resolve()} (deleted)"
        for entry in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()) == name and entry.stat().st_nlink == 0:
                    return not self._index.database.file.exists()
        return False

    def _write_anew(self) -> None:
        told = Told("the index's file was deleted while the service ran; it is written anew", Code.INDEX_DELETED)
        _log.critical(told.text)
        file, index = self._index.database.file, self._index
        fresh = file.with_name(f"{file.name}.anew")
        index.events.add(told.event(time.time_ns() // 1000, EventKind.INTEGRITY))
        # no footage goes that the copy does not know of
        with index.holds.mutex:
            fresh.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(fresh)) as copy:
                index.database.read().backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            fresh.chmod(PRIVATE)
            fsync_file(fresh)
            for rest in ("-wal", "-shm"):
                file.with_name(file.name + rest).unlink(missing_ok=True)
            fresh.rename(file)
            fsync_dir(file.parent)
            self._end()

    def _others_can(self) -> bool:
        uri = f"{self._index.database.file.absolute().as_uri()}?mode=rw"
        argv = [sys.executable, "-I", "-c", _PROBE, uri, self._epoch]
        try:
            done = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError):
            return False
        return done.returncode == 0
