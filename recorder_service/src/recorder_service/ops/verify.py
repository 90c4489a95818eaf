"""Disks rot in silence: the thread that reads stored footage again and compares it with the hash of its row."""

from __future__ import annotations

import structlog

from ..domain.event import Code, EventKind, Told
from ..domain.ports import WorkerContext
from ..domain.segment import Segment, SegmentStatus
from ..domain.times import DAY_US, Clock
from ..media.reread import reread
from ..store.index import Index
from ..store.media_root import MediaRoot

_log = structlog.get_logger(__name__)

_IDLE_SECONDS = 30.0
_MEGABYTE = 1_000_000


class VerifyWorker:
    """``megabytes_per_second`` 0: never. A pass begins no sooner than ``days`` after the one before; what is stored
    meanwhile is read in the same pass, so each file once soon after it was taken in.
    """

    name = "verify"
    patience = 120.0

    def __init__(self, index: Index, media: MediaRoot, clock: Clock, megabytes_per_second: float, days: float) -> None:
        self._index = index
        self._media = media
        self._clock = clock
        self._speed = megabytes_per_second * _MEGABYTE
        self._days_us = round(days * DAY_US)

    def run(self, ctx: WorkerContext) -> None:
        while not ctx.stopping:
            if not self._speed or not self.step(ctx):
                ctx.wait(_IDLE_SECONDS)

    def step(self, ctx: WorkerContext) -> bool:
        """Read the next file; False when it is time for a rest."""
        found = self._next()
        if found is None or not self._media.ours():
            return False
        row_id, segment = found
        differs = self._differs(ctx, segment)
        if ctx.stopping or (differs and not self._media.ours()):
            return False
        if differs and self._index.verified.still(row_id):
            self._tell(segment, differs)
        self._index.verified.read(row_id)
        # a disk that gives nothing back is told of slowly
        return differs is not Code.FILE_UNREADABLE

    def _next(self) -> tuple[int, Segment] | None:
        verified, now_us = self._index.verified, self._clock.now_us()
        begun_us = verified.begun_us()
        found = verified.next() if begun_us else None
        # a clock that was set back must not end it for good
        if found is None and not begun_us <= now_us < begun_us + self._days_us:
            verified.begin(now_us)
            found = verified.next()
        return found

    def _differs(self, ctx: WorkerContext, segment: Segment) -> Code | None:
        """What is wrong with its bytes. Read twice: memory and cables err as well."""
        code = self._look(ctx, segment)
        return self._look(ctx, segment) if code else None

    def _look(self, ctx: WorkerContext, segment: Segment) -> Code | None:
        def after(count: int) -> bool:
            return not ctx.wait(count / self._speed)

        try:
            digest = reread(self._media.path / segment.file, after)
        except FileNotFoundError:
            return None  # the intake's to tell
        except OSError as error:
            _log.error("a segment cannot be read", file=segment.file, error=error.strerror)
            return Code.FILE_UNREADABLE
        return Code.BYTES_DIFFER if digest not in (None, segment.sha256) else None

    def _tell(self, segment: Segment, code: Code) -> None:
        words = {
            Code.BYTES_DIFFER: "its bytes are not those that were recorded",
            Code.FILE_UNREADABLE: "the disk does not give it back",
        }
        told = Told(f"{segment.file}: {words[code]}", code, {"file": segment.file})
        _log.error(told.text)
        event = told.event(self._clock.now_us(), EventKind.INTEGRITY, segment.camera_id)

        def work() -> None:
            self._index.segments.set_status(segment.path, segment.start_us, SegmentStatus.DAMAGED)
            self._index.events.add(event)

        self._index.commit(work)
