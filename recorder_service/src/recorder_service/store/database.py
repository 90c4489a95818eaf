"""SQLite with one writer thread and a read connection per thread."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import structlog

from .meta import set_meta

_log = structlog.get_logger(__name__)

T = TypeVar("T")

_QUEUE = 1000
#: A log of this length takes some 150 commits of a segment on a disk without a free byte.
LOG_BYTES = 4 * 1024 * 1024
_FILLER = 65_536
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
#: What a write fails by when its disk is at fault. One that went away makes what is left of the log look damaged.
_DISK = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
)
_MIGRATION = re.compile(r"^(\d{4})_\w+\.sql$")


class DatabaseError(Exception):
    """The index cannot be used; the text says why and what to do."""


class _GrownError(Exception):
    """Ends the transaction that made the log grow, so that nothing of it stays."""


class Database:
    """Opens or makes the index file (mode 0600) and brings its schema up to date.

    ``write`` commits are durable when they return (WAL, ``synchronous=FULL``). Reads never wait for the writer.

    Raises:
        DatabaseError: the file is damaged, not ours, newer than this service, or cannot be made.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._jobs: queue.Queue[tuple[Callable[[], Any], Future[Any]] | None] = queue.Queue(_QUEUE)
        self._local = threading.local()
        # those of living threads: the HTTP side has threads that come and go
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        self._trouble = ""
        #: Asked on the writer's thread when the disk is full: True when it made room, then the write is repeated.
        self.relief: Callable[[], bool] = lambda: False
        self._writer = self._prepare()
        self._thread = threading.Thread(target=self._work, name="index-writer", daemon=True)
        self._thread.start()

    def _prepare(self) -> sqlite3.Connection:
        try:
            _create_private(self.file)
            connection = _connect(self.file)
            # Order matters: auto_vacuum after WAL or after the first table is silently ignored.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            migrate(connection)
        except sqlite3.DatabaseError as error:
            raise DatabaseError(f"index {self.file} cannot be opened: {error}") from error
        except OSError as error:
            raise DatabaseError(f"index {self.file} cannot be made: {error.strerror}") from error
        return connection

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            call, future = item
            try:
                future.set_result(self._in_transaction(call))
            except BaseException as error:
                future.set_exception(error)

    @property
    def trouble(self) -> str:
        """Why its disk took nothing when it was last written; empty while it takes all."""
        return self._trouble

    def prove(self) -> bool:
        """Write something new; whether the disk takes it."""
        with contextlib.suppress(sqlite3.DatabaseError):
            self.write(lambda c: set_meta(c, "proven", uuid.uuid4().hex))
        return not self._trouble

    def _in_transaction(self, call: Callable[[], T]) -> T:
        while True:
            try:
                result = self._once(call)
            except sqlite3.DatabaseError as error:
                code = getattr(error, "sqlite_errorcode", 0)
                if code in _NO_ROOM and self.relief():
                    continue
                if code & 0xFF not in _DISK:
                    raise
                self._note(_words(error, code))
                if isinstance(error, sqlite3.OperationalError):
                    raise
                raise sqlite3.OperationalError(str(error)) from error
            if self._trouble:
                self._mended()
            return result

    def _mended(self) -> None:
        """A write passed, which is no proof: what changes nothing is not written."""
        with contextlib.suppress(sqlite3.DatabaseError):
            self._once(lambda: set_meta(self._writer, "proven", uuid.uuid4().hex))
            self._note("")

    def _note(self, trouble: str) -> None:
        if trouble and not self._trouble:
            _log.critical("the index cannot be written; footage is recorded all the same", why=trouble)
        elif self._trouble and not trouble:
            _log.warning("the index can be written again")
        self._trouble = trouble

    def _once(self, call: Callable[[], T]) -> T:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            result = call()
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        return result

    def write(self, call: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``call`` in one transaction on the writer thread; returns after the commit is on disk.

        Called from inside another ``write`` it joins that transaction. After a full disk it is run once more, so what
        it does outside of the index must bear that.

        Raises:
            sqlite3.OperationalError: the disk took nothing (`trouble`); nothing of the transaction stays.
        """
        if threading.current_thread() is self._thread:
            return call(self._writer)
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise DatabaseError("the index is closed")
            self._jobs.put((lambda: call(self._writer), future))
        return future.result()

    def grow_log(self, size: int = LOG_BYTES) -> int:
        """Let the write-ahead log be at least ``size`` bytes long: commits then go on for a while on a full disk.

        It keeps that length while the service runs, since nothing truncates it. What makes it grow is rolled back.

        Returns:
            Its length; less than asked for when the disk is full already.
        """
        log = self.file.with_name(f"{self.file.name}-wal")

        def work(connection: sqlite3.Connection) -> None:
            pages = connection.execute("PRAGMA cache_size").fetchone()[0]
            connection.execute("PRAGMA cache_size=16")  # so that pages go to the log before the end
            try:
                connection.execute("CREATE TABLE growing (filler BLOB)")
                for _ in range(size // _FILLER + 1):
                    connection.execute("INSERT INTO growing VALUES (zeroblob(?))", (_FILLER,))
            except sqlite3.OperationalError as error:
                raise _GrownError from error  # the disk is full: it stays as long as it came
            finally:
                connection.execute(f"PRAGMA cache_size={pages}")
            raise _GrownError

        if _size(log) < size:
            with contextlib.suppress(_GrownError):
                self.write(work)
        return _size(log)

    def read(self) -> sqlite3.Connection:
        """This thread's connection for SELECTs (the writer's own inside a ``write``)."""
        if threading.current_thread() is self._thread:
            return self._writer
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = _Reader(self.file)
            with self._lock:
                self._readers.add(reader)
        return reader.connection

    def close(self) -> None:
        """Finish what is queued, then close. Safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()
        for reader in list(self._readers):
            reader.connection.close()
        self._writer.close()


def _words(error: Exception, code: int) -> str:
    # what SQLite reads of a disk that is gone makes no sense to it
    gone = code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return f"{error}, or its disk is gone" if gone else str(error)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _create_private(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


class _Reader:
    """Closes its connection when its thread ends (sqlite3's own objects wait for the garbage collector)."""

    def __init__(self, file: Path) -> None:
        self.connection = _connect(file)
        self.connection.execute("PRAGMA query_only=ON")

    def __del__(self) -> None:
        if connection := getattr(self, "connection", None):
            connection.close()


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=10000")
    return connection


def migrations() -> list[tuple[int, str]]:
    """All schema scripts as (number, SQL), in order."""
    scripts = []
    for entry in resources.files(f"{__package__}.migrations").iterdir():
        if match := _MIGRATION.match(entry.name):
            scripts.append((int(match[1]), entry.read_text("utf-8")))
    return sorted(scripts)


def migrate(connection: sqlite3.Connection) -> int:
    """Run what is missing, each script with its number in one transaction; returns the schema's number."""
    have = int(connection.execute("PRAGMA user_version").fetchone()[0])
    scripts = migrations()
    newest = scripts[-1][0]
    if have > newest:
        raise DatabaseError(f"the index has schema {have}, this service knows {newest}: install the newer service")
    for number, sql in scripts:
        if number > have:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version={number};\nCOMMIT;")
    return newest
