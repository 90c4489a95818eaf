"""Footage leaves the disk. The order of steps is the protocol of docs/retention.md; nothing else unlinks a segment."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Sequence

import structlog

from ..domain.purge import Purge
from ..domain.times import Clock
from ..store.files import fsync_dir
from ..store.index import Index
from ..store.media_root import MediaRoot, MediaRootError
from ..store.purges import Leaving
from .folders import sweep

_log = structlog.get_logger(__name__)

#: Files that are unlinked between two commits.
BATCH = 200
#: Of the whole disk, and over by themselves: the file waits for the next look.
_PASSING = (errno.EROFS, errno.ENOSPC, errno.EDQUOT)


class Unlinker:
    """Carries out confirmed purges on one media root."""

    def __init__(self, index: Index, media: MediaRoot, clock: Clock) -> None:
        self._index = index
        self._media = media
        self._clock = clock
        index.holds.present = self._present

    def media_problem(self) -> str:
        """Why nothing can be said or done about files now; empty when the disk is there and ours."""
        try:
            self._media.verify()
        except MediaRootError as error:
            return error.said
        except OSError as error:
            return str(error)
        return ""

    def hindrance(self) -> str:
        """Why no file can be deleted now."""
        return self.media_problem() or self._media.read_only()

    def blocks(self, file: str) -> int | None:
        """Bytes that unlinking a file frees, 0 while another name of it stays; None when it is absent.

        Raises:
            MediaRootError: it is absent because the disk is.
        """
        try:
            found = (self._media.path / file).lstat()
        except FileNotFoundError:
            self._media.verify()
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return found.st_blocks * 512 if found.st_nlink == 1 else 0

    def recover(self, purge: Purge) -> bool:
        """After a start: settle what was unlinked before it, ask the ERP once more about the rest.

        False while the disk is away: what is absent then tells nothing.
        """
        rows = self._index.purges.leaving(purge.run, -1)
        absent = [row for row in rows if self._absent(row.file)]
        if self.media_problem():
            return False
        self._settle(absent)
        if rescued := self._index.holds.save_what_is_back():
            _log.warning("held footage came back after a power cut", segments=rescued)
        self._index.purges.reopen(purge.run)
        return True

    def carry_out(self, purge: Purge, go_on: Callable[[], bool]) -> bool | None:
        """Delete what is confirmed; whether nothing of it is left. `go_on()`: False to leave the rest for later.

        A file that the disk does not let go is set aside: it must not hold up the others.
        None: the disk went away between unlinking and settling, which only `recover` can judge once it is back.
        """
        after = 0
        while rows := self._index.purges.leaving(purge.run, BATCH, after):
            if not go_on():
                return False
            failed: dict[int, str] = {}
            unlinked = [row for row in rows if self._unlink(row, failed)]
            if self.media_problem():
                return None
            self._settle(unlinked)
            if failed and not self.hindrance():
                self._index.purges.set_aside(purge.run, failed)
            after = rows[-1].id
        ended = self._index.purges.end(purge.run, self._clock.now_us())
        if ended is None:
            return False
        _log.info("purge done", run=ended.run, segments=ended.segments, freed=ended.freed, rescued=ended.rescued)
        return True

    def _unlink(self, row: Leaving, failed: dict[int, str]) -> bool:
        """Whether the file is absent now; what the disk said against it for good goes to `failed`.

        The mutex keeps a hold from being stored between the look and the unlink.
        """
        with self._index.holds.mutex:
            if not self._index.purges.may_unlink(row.id):
                return False
            try:
                (self._media.path / row.file).unlink(missing_ok=True)
            except OSError as error:
                _log.error("a segment cannot be deleted", file=row.file, error=error.strerror)
                if error.errno not in _PASSING:
                    failed[row.id] = error.strerror or str(error)
                return False
        return True

    def _settle(self, rows: Sequence[Leaving]) -> None:
        """Folders first: until they are on disk, a power cut may bring the files back."""
        for folder in sorted({(self._media.path / row.file).parent for row in rows}):
            if folder.is_dir():
                fsync_dir(folder)
        self._index.purges.settle([row.id for row in rows], self._clock.now_us())
        sweep(self._media.path, [row.file for row in rows], self._index.segments.last_start)

    def _absent(self, file: str) -> bool:
        """Only what the disk says is not there: a disk that fails says nothing."""
        try:
            (self._media.path / file).lstat()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def _present(self, file: str) -> bool:
        """For holds: while the disk is away nobody can say that a file is gone."""
        return not self._absent(file) or bool(self.media_problem())
