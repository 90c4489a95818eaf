"""Make a closed file durable and read-only, then hash it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ..store.files import fsync_dir

SEALED_MODE = 0o440


def seal(path: Path) -> None:
    """fdatasync the file (never what a link points to), set it read-only, fsync its folder.

    Raises:
        OSError: what is on disk is unknown then; the file must not be indexed as it is.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(fd, SEALED_MODE)
        os.fdatasync(fd)
    finally:
        os.close(fd)
    fsync_dir(path.parent)


def sha256(path: Path) -> tuple[str, int]:
    """SHA-256 (64 lower-case hex digits) and the number of bytes it covers."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
