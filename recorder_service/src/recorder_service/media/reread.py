"""A stored file is read once more, slowly, and leaves nothing in the page cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

CHUNK = 1 << 20


def reread(path: Path, after: Callable[[int], bool]) -> str | None:
    """SHA-256 of what the disk gives now, in lower-case hex digits; None when `after` said stop.

    Args:
        after: called with the bytes of each chunk read; False to leave it.

    Raises:
        OSError: not there, or the disk does not give it.
    """
    digest = hashlib.sha256()
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := os.read(fd, CHUNK):
            digest.update(chunk)
            if not after(len(chunk)):
                return None
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)
    return digest.hexdigest()
