"""A copy of an index in use, as it stood at one moment."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from .database import DatabaseError
from .files import PRIVATE, fsync_dir, fsync_file


def copy_index(source: Path, target: Path) -> None:
    """Copy the index ``source`` to the new file ``target`` (mode 0600), also while a service writes to it.

    One step of SQLite's own backup from a connection of its own: the writer goes on, and no commit is half in it.
    Copying the file itself would lose what still stands in the write-ahead log; in several steps each commit would
    start it anew. The copy is one file, without a log beside it, and was checked whole.

    Raises:
        DatabaseError: no index there, ``target`` exists, the copy is damaged, or the disk refuses.
    """
    if not source.exists():
        raise DatabaseError(f"there is no index {source} to copy")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
    except FileExistsError:
        raise DatabaseError(f"{target} exists and is not replaced: name another place for the copy") from None
    except OSError as error:
        raise DatabaseError(f"{target} cannot be made: {error.strerror}") from error
    try:
        _copy(source, target)
        check_index(target)
        fsync_file(target)
        fsync_dir(target.parent)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=10)) as original, closing(sqlite3.connect(target)) as copy:
            original.execute("PRAGMA query_only=ON")
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise DatabaseError(f"the index {source} cannot be copied to {target}: {error}") from error


def check_index(file: Path) -> None:
    """Read every page of an index that nobody writes to.

    Raises:
        DatabaseError: it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.Error as error:
        raise DatabaseError(f"the copy {file} cannot be read: {error}") from error
    if found != ["ok"]:
        raise DatabaseError(f"the index in {file} is damaged: {'; '.join(found)}")


def schema_of(file: Path) -> int:
    """The number of the last schema script that has run on an index."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
