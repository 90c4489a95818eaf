"""Make a closed file durable and read-only, then hash it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from ..store.files import fsync_dir

SEALED_MODE = 0o440


class UnsyncedError(OSError):
    """The disk did not take the data. Linux tells this once: the next fdatasync succeeds, whatever is on the disk."""


def seal(path: Path) -> None:
    """fdatasync the file (never what a link points to), set it read-only, fsync its folder.

    Raises:
        UnsyncedError: what is on disk is unknown from now on.
        OSError: not there, no right; the file must not be indexed as it is.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(fd, SEALED_MODE)
        _sync(fd)
    finally:
        os.close(fd)
    fsync_dir(path.parent)


def stamp(path: Path, first_seen_us: int) -> None:
    """Leave on the file when it was first seen: an index that is made anew knows it from nowhere else.

    A disk that does not take it takes nothing from the footage.
    """
    with contextlib.suppress(OSError):
        os.utime(path, ns=(first_seen_us * 1000, first_seen_us * 1000), follow_symlinks=False)


def first_seen_us(path: Path) -> int:
    """As it was stamped, else when the file was written last; 0 when it cannot be looked at, never later than now."""
    try:
        return min(path.lstat().st_mtime_ns, time.time_ns()) // 1000
    except OSError:
        return 0


def _sync(fd: int) -> None:
    try:
        os.fdatasync(fd)
    except OSError as error:
        raise UnsyncedError(error.errno, error.strerror) from error


def sha256(path: Path) -> tuple[str, int]:
    """SHA-256 (64 lower-case hex digits) and the number of bytes it covers."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
