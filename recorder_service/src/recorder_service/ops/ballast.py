"""Space set aside on a file system, given back when the last byte is gone: a purge must commit before it can unlink."""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..store.files import PRIVATE

_log = structlog.get_logger(__name__)

NAME = ".cctv-ballast"
SLICE = 256 * 1024
_SHARE = 12  # at most this part of a file system: on a tiny one the ballast must leave room for footage
_PAGE = 4096
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Ballast:
    """One file of really allocated blocks (never sparse) in `folder`, at most `size` bytes. Thread-safe."""

    def __init__(self, folder: Path, size: int) -> None:
        self.file = folder / NAME
        self._size = size
        self._impossible = False
        self._told = ""
        self._lock = threading.Lock()

    @property
    def target(self) -> int:
        """Bytes that it should have on this file system; 0 where none can be made."""
        if self._impossible:
            return 0
        stat = os.statvfs(self.file.parent)
        part = min(self._size, stat.f_blocks * stat.f_frsize // _SHARE)
        return part // _PAGE * _PAGE if part >= SLICE else 0

    @property
    def bytes(self) -> int:
        """Bytes that it really has: what is sparse does not count."""
        try:
            stat = self.file.stat(follow_symlinks=False)
        except OSError:
            return 0
        return min(stat.st_size, stat.st_blocks * 512)

    @property
    def missing(self) -> int:
        return max(0, self.target - self.bytes)

    def fill(self) -> bool:
        """Allocate what is missing; True when it is whole (or cannot be made here, which is said once)."""
        with self._lock:
            if not self.missing:
                return True
            try:
                self._allocate(self.target)
            except OSError as error:
                return self._failed(error)
            self._told = ""
            return not self.missing

    def _allocate(self, size: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(self.file, flags, PRIVATE)
        try:
            os.fchmod(fd, PRIVATE)
            before = os.fstat(fd).st_size
            try:
                os.posix_fallocate(fd, 0, size)
            except OSError:
                os.ftruncate(fd, before)
                raise
            os.ftruncate(fd, size)
            os.fsync(fd)
        finally:
            os.close(fd)

    def _failed(self, error: OSError) -> bool:
        room = error.errno in _NO_ROOM
        self._impossible = not room
        words = f"{self.file}: {error.strerror}"
        if words != self._told:
            _log.warning("ballast cannot be set aside", why=words)
        self._told = words
        return not room

    def release(self, size: int = SLICE) -> int:
        """Give back `size` bytes at most.

        Returns:
            Bytes given back; 0 when nothing is left.
        """
        with self._lock:
            before = self.bytes
            if not before:
                return 0
            try:
                os.truncate(self.file, max(0, before - size))
            except OSError as error:
                _log.error("ballast cannot be released", file=str(self.file), error=error.strerror)
                return 0
            freed = before - self.bytes
            _log.warning("ballast released", file=str(self.file), bytes=freed, left=self.bytes)
            return freed


@dataclass(frozen=True, slots=True)
class BallastSizes:
    """Bytes."""

    media: int = 64 * 1024 * 1024
    index: int = 16 * 1024 * 1024


class Ballasts:
    """Of the media file system and of the index's, which may be one."""

    def __init__(self, media: Path, index: Path, media_size: int, index_size: int) -> None:
        self._media = Ballast(media, media_size)
        self._index = Ballast(index, index_size)
        self._folders = media, index

    @property
    def shared(self) -> bool:
        """Index and footage are on one file system."""
        media, index = self._folders
        try:
            return media.stat().st_dev == index.stat().st_dev
        except OSError:
            return False

    @property
    def bytes(self) -> int:
        return self._media.bytes + self._index.bytes

    @property
    def media_missing(self) -> int:
        """What the media file system still has to give up."""
        return self._media.missing + (self._index.missing if self.shared else 0)

    def fill_media(self) -> bool:
        """All of the media file system; False when there is no room for it."""
        return self._media.fill() and (not self.shared or self._index.fill())

    def fill_index(self) -> bool:
        return self._index.fill()

    @property
    def index_missing(self) -> int:
        return self._index.missing

    def release_media(self, size: int) -> int:
        return self._media.release(size)

    def release_index(self, size: int) -> int:
        """For a commit: the index's own, then the media's when that helps."""
        return self._index.release(size) or (self._media.release(size) if self.shared else 0)
