"""Opening the index from beside the service."""

from __future__ import annotations

from ..settings import Settings
from ..store import Index
from ..store.database import DatabaseError


def open_index(settings: Settings) -> Index:
    """The index that is there; a command that only looks must not make one.

    Raises:
        DatabaseError: none yet, or not usable.
    """
    if not settings.index_file.exists():
        raise DatabaseError(f"there is no index {settings.index_file} yet: the service has not run (recorder run)")
    return Index(settings.index_file, settings.node.uuid)
