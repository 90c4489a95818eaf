"""The node's index: one SQLite file, its parts as attributes."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from .anchors import Anchors
from .config_cache import ConfigCache
from .cutoffs import Cutoffs
from .database import Database, DatabaseError
from .events import Events
from .forecast import RecordedHours
from .gaps import Gaps
from .holds import Holds
from .jobs import Jobs
from .meta import get_meta, set_meta
from .outbox import Outbox
from .present import Present
from .purges import Purges
from .refused import Refused
from .segments import Segments
from .verified import Verified

T = TypeVar("T")


class Index:
    """Opened once by the service; a CLI beside it opens it as well (WAL).

    Every index has an ``epoch`` UUID, new at each creation: the ERP then knows that sequence numbers start anew.

    Raises:
        DatabaseError: damaged, too new, or made for another node.
    """

    def __init__(self, file: Path, node: str) -> None:
        self.database = Database(file)
        self._node = node
        self._epoch = ""
        self.segments = Segments(self.database)
        self.gaps = Gaps(self.database)
        self.events = Events(self.database)
        self.jobs = Jobs(self.database)
        self.outbox = Outbox(self.database)
        self.config = ConfigCache(self.database)
        self.holds = Holds(self.database)
        self.cutoffs = Cutoffs(self.database)
        self.purges = Purges(self.database)
        self.refused = Refused(self.database)
        self.anchors = Anchors(self.database)
        self.hours = RecordedHours(self.database)
        self.present = Present(self.database)
        self.verified = Verified(self.database)
        try:
            self._claim(node)
        except BaseException:
            self.database.close()
            raise

    def _claim(self, node: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO meta VALUES ('node', ?) ON CONFLICT DO NOTHING", (node,))
            connection.execute("INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO NOTHING", (str(uuid.uuid4()),))

        if self.meta("node") is None or self.meta("epoch") is None:
            self.database.write(work)
        if (owner := self.meta("node")) != node:
            raise DatabaseError(f"index {self.database.file} belongs to node {owner}, this is node {node}")

    @property
    def epoch(self) -> str:
        with contextlib.suppress(sqlite3.DatabaseError):  # as last known while its disk cannot even be read
            self._epoch = self.meta("epoch") or ""
        return self._epoch

    @property
    def node(self) -> str:
        return self._node

    def commit(self, work: Callable[[], T]) -> T:
        """Run ``work`` in one transaction: every change it makes through this index is kept together or not at all.

        It runs on the writer thread, so it must be short and must not wait for other threads.
        """
        return self.database.write(lambda _connection: work())

    def meta(self, key: str) -> str | None:
        return get_meta(self.database.read(), key)

    def set_meta(self, key: str, value: str) -> None:
        self.database.write(lambda c: set_meta(c, key, value))

    def next_seq(self, beyond: int = 0) -> int:
        """The next sequence number of this epoch, higher than `beyond`."""
        return self.commit(lambda: self._grow_seq(beyond))

    def _grow_seq(self, beyond: int) -> int:
        seq = max(int(self.meta("seq") or 0), beyond) + 1
        self.set_meta("seq", str(seq))
        return seq

    def check(self) -> list[str]:
        """SQLite's own quick check; empty when sound."""
        found = [row[0] for row in self.database.read().execute("PRAGMA quick_check(20)")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
