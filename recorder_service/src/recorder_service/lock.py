"""Only one service works on an index."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self


class AlreadyRunningError(Exception):
    """Another process holds the lock; the text names it."""


class SingleInstance:
    """Holds ``<file>`` locked until closed or the process ends."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise AlreadyRunningError(f"the service runs already (pid {owner or 'unknown'}), lock {file}") from None
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
