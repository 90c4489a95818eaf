"""The life of one index."""

from __future__ import annotations

import sqlite3
import uuid

from .index import Index


def renew_epoch(index: Index) -> str:
    """Begin a new epoch, for an index that was restored, copied or rebuilt.

    Its sequence numbers start anew: an old index would otherwise use numbers again that the ERP has acknowledged.

    Returns:
        The new epoch's UUID.
    """
    epoch = str(uuid.uuid4())

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
        connection.execute("DELETE FROM meta WHERE key = 'seq'")

    index.database.write(work)
    return epoch
