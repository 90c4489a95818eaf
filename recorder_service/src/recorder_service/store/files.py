"""The only ways in which this service makes something durable on disk."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

PRIVATE = 0o600


def fsync_file(path: Path) -> None:
    """Put a file's data on disk.

    Raises:
        OSError: what is on disk is unknown then; the caller must not go on with this file.
    """
    _fsync(path, os.O_RDONLY)


def fsync_dir(path: Path) -> None:
    """Put a folder's entries on disk, without which a new, renamed or removed file may come undone by a power cut."""
    _fsync(path, os.O_RDONLY | os.O_DIRECTORY)


def _fsync(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_atomic(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Replace ``path`` so that after any crash it holds either the old or the new bytes, whole and with ``mode``."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    fsync_dir(path.parent)
