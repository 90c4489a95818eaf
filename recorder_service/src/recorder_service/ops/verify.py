"""Disks rot in silence: the thread that reads stored footage again and compares it with the hash of its row."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import structlog

from ..domain.event import Code, EventKind, Told
from ..domain.ports import WorkerContext
from ..domain.segment import Segment
from ..domain.times import DAY_US, Clock
from ..media.reread import reread
from ..store.index import Index
from ..store.media_root import MediaRoot

_log = structlog.get_logger(__name__)

_IDLE_SECONDS = 30.0
_MEGABYTE = 1_000_000
#: So many unreadable files are the disk's fault, not theirs.
_DISK_FAILS = 3


class Found(Enum):
    """What a file was when it was read again; absent: the intake's to tell."""

    SAME = "same"
    ABSENT = "absent"
    DIFFERS = Code.BYTES_DIFFER
    UNREADABLE = Code.FILE_UNREADABLE


_WORDS = {
    Found.DIFFERS: "its bytes are not those that were recorded",
    Found.UNREADABLE: "the disk does not give it back",
}
_GIVEN = (Found.SAME, Found.DIFFERS)


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
        self._error = ""

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
        was = self._compare(ctx, segment)
        if ctx.stopping or (was in _WORDS and not self._media.ours()):
            return False
        if was is Found.UNREADABLE and self._disk_fails(ctx, row_id):
            self._tell_disk(self._error)
            return False
        if ctx.stopping:
            return False
        if was in _GIVEN:
            self._tell_disk("")
        self._judge(row_id, segment, was)
        self._index.verified.read(row_id)
        # a disk that gives nothing back is told of slowly
        return was is not Found.UNREADABLE

    def _next(self) -> tuple[int, Segment] | None:
        verified, now_us = self._index.verified, self._clock.now_us()
        begun_us = verified.begun_us()
        found = verified.next() if begun_us else None
        # a clock that was set back must not end it for good
        if found is None and not begun_us <= now_us < begun_us + self._days_us:
            verified.begin(now_us)
            found = verified.next()
        return found

    def _compare(self, ctx: WorkerContext, segment: Segment) -> Found:
        """Read twice when it is wrong: memory and cables err as well."""
        was = self._look(ctx, segment)
        return self._look(ctx, segment) if was in _WORDS else was

    def _look(self, ctx: WorkerContext, segment: Segment) -> Found:
        def after(count: int) -> bool:
            return not ctx.wait(count / self._speed)

        try:
            digest = reread(self._media.path / segment.file, after)
        except FileNotFoundError:
            return Found.ABSENT
        except OSError as error:
            self._error = error.strerror or str(error)
            return Found.UNREADABLE
        if digest is None:
            return Found.ABSENT
        return Found.SAME if digest == segment.sha256 else Found.DIFFERS

    def _disk_fails(self, ctx: WorkerContext, row_id: int) -> bool:
        """Whether the newest files are as unreadable as that one."""
        others = self._index.verified.newest(_DISK_FAILS - 1, row_id)
        return len(others) == _DISK_FAILS - 1 and all(self._look(ctx, s) is Found.UNREADABLE for s in others)

    def _tell_disk(self, words: str) -> None:
        """Once when it begins, once when it is over."""
        verified = self._index.verified
        if bool(words) == bool(verified.failing()):
            return
        told = (
            Told(f"the disk of the footage cannot be read: {words}", Code.FOOTAGE_UNREADABLE, {"words": words})
            if words
            else Told("the disk of the footage can be read again", Code.FOOTAGE_READABLE)
        )
        _log.warning(told.text)

        def work() -> None:
            verified.set_failing(words)
            self._index.events.add(told.event(self._clock.now_us(), EventKind.INTEGRITY))

        self._index.commit(work)

    def _judge(self, row_id: int, segment: Segment, was: Found) -> None:
        """A file that is as it was stored, after a reading that said otherwise, is told as well."""
        verified = self._index.verified
        if was in _WORDS:
            told = Told(f"{segment.file}: {_WORDS[was]}", Code(was.value), {"file": segment.file})
            self._change(segment, told, lambda: verified.spoil(row_id))
        elif was is Found.SAME and verified.spoilt(row_id):
            told = Told(f"{segment.file}: it is as it was recorded", Code.FILE_SOUND, {"file": segment.file})
            self._change(segment, told, lambda: verified.mend(row_id))

    def _change(self, segment: Segment, told: Told, change: Callable[[], bool]) -> None:
        event = told.event(self._clock.now_us(), EventKind.INTEGRITY, segment.camera_id)

        def work() -> bool:
            changed = change()
            if changed:
                self._index.events.add(event)
            return changed

        if self._index.commit(work):
            _log.warning(told.text)
