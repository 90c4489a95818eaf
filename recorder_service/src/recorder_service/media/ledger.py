"""Rows of segments and gaps, kept consistent: what a new segment says about the time before it.

Inside one run of the engine media are continuous whatever the clocks say; only a new run can follow a gap. Every change
is made in the transaction that adds the segment's row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from ..domain.event import Code, Event, EventKind, Told
from ..domain.gap import Gap, GapReason
from ..domain.segment import Place, Segment
from ..store.index import Index

#: Shorter than this is rounding, not missing footage.
SHORTEST_GAP_US = 100_000

#: A segment's end may lie so far ahead of the clock without that having been set back.
_CLOCK_US = 2_000_000

#: What explains seconds, until the camera itself tells more.
_OURS = (GapReason.CONFIG_CHANGE, GapReason.ENGINE_RESTART)


class Reasons(Protocol):
    """Knows why a camera was not recorded."""

    def reason(self, path: str, start_us: int, stop_us: int | None) -> GapReason:
        """The best explanation of that time (`stop_us` None = until now)."""


class HostClock(Protocol):
    """The clock by which the engine dates footage, and how people set it."""

    def now_us(self) -> int:
        """Its time now."""

    def forward(self, from_us: int, to_us: int) -> int:
        """µs by which it was set forward between two of its times."""

    def back(self, from_us: int) -> int:
        """µs by which it was set back since `from_us`."""


class Ledger:
    """A segment follows the nearest one before it in its own run, else the path's tip: where the last run stands."""

    def __init__(self, index: Index, reasons: Reasons, clock: HostClock) -> None:
        self._index = index
        self._reasons = reasons
        self._clock = clock

    def admit(self, segment: Segment, seen_us: int, events: tuple[Event, ...] = ()) -> Segment:
        """Index a hashed segment with all that follows from it, in one commit. Doing it twice changes nothing.

        Raises:
            sqlite3.IntegrityError: the same path and start is indexed with another hash.
        """
        return self._index.commit(lambda: self._admit(segment, seen_us, events))

    def _admit(self, segment: Segment, seen_us: int, events: tuple[Event, ...]) -> Segment:
        segments = self._index.segments
        known = segments.get(segment.path, segment.start_us)
        tip = segments.tip(segment.path)
        late = tip is not None and self._is_late(segment, tip)
        done = segments.add(segment, seen_us, late=late)
        if known is not None:
            return done
        for event in events:
            self._index.events.add(event)
        if late:
            self._shorten(segment)
            return done
        before = segments.before(segment) or tip
        if before is None:
            self._end_open(segment, seen_us)
        elif before.run == segment.run:
            self._same_run(before, segment, seen_us)
            # opened because a segment was late, yet the run went on: nothing was lost
            self._end_open(segment, seen_us, withdraw=tip is not None and tip.run == segment.run)
        else:
            self._new_run(before, segment, seen_us)
        return done

    def _is_late(self, segment: Segment, tip: Place) -> bool:
        """Recorded before what is indexed already (an error of the disk, a crash held it back)."""
        if segment.run == tip.run:
            return segment.number < tip.number
        # under a clock that was set back the newest footage has the older time
        set_back = self._clock.back(tip.start_us) > 0 or tip.stop_us > self._clock.now_us() + _CLOCK_US
        return segment.start_us < tip.start_us and not set_back

    def _same_run(self, before: Place, segment: Segment, seen_us: int) -> None:
        missing = segment.number - before.number - 1
        if missing <= 0:
            return
        detail = f"{missing} segment(s) of run {segment.run} are missing before number {segment.number}"
        told = Told(detail, Code.NUMBERS_MISSING, {"count": missing})
        self._index.events.add(told.event(seen_us, EventKind.INTEGRITY, segment.camera_id))
        if segment.start_us - before.stop_us >= SHORTEST_GAP_US:
            self._close(before.stop_us, segment, seen_us, GapReason.MISSING_FILE)

    def _new_run(self, before: Place, segment: Segment, seen_us: int) -> None:
        start_us = before.stop_us + self._clock.forward(before.stop_us, segment.start_us)
        came_us = self._index.present.since_us(segment.path)
        if start_us < came_us <= segment.start_us:
            start_us = came_us
        if segment.start_us - start_us >= SHORTEST_GAP_US:
            self._close(start_us, segment, seen_us)
            return
        # no time is left between them, unless a clock that was set back hides it
        self._end_open(segment, seen_us, withdraw=segment.start_us > before.stop_us - SHORTEST_GAP_US)

    def _close(self, start_us: int, segment: Segment, seen_us: int, reason: GapReason | None = None) -> None:
        if self._index.gaps.open_of(segment.path) is not None:
            self._end_open(segment, seen_us, reason=reason)
            return
        why = reason or self.why(segment.path, start_us, segment.start_us, None)
        self._index.gaps.add(Gap(segment.camera_id, segment.path, start_us, segment.start_us, why))

    def _end_open(
        self, segment: Segment, seen_us: int, *, withdraw: bool = False, reason: GapReason | None = None
    ) -> None:
        """Close the open gap, if there is one, where `segment` begins; one that never was gets no length."""
        opened = self._index.gaps.open_of(segment.path)
        if opened is None:
            return
        end = opened.start_us if withdraw else self._return_us(opened, segment, seen_us)
        self._index.gaps.close(opened, end, reason or self.why(segment.path, opened.start_us, end, opened))

    def _return_us(self, opened: Gap, segment: Segment, seen_us: int) -> int:
        """When the camera came back, by the clock that stood when it went."""
        if segment.start_us >= opened.start_us:
            return segment.start_us
        found = max(segment.start_us + self._clock.back(opened.start_us), seen_us - segment.duration_us)
        # nobody knows how long it was, yet there was a gap
        return max(found, opened.start_us + SHORTEST_GAP_US)

    def _shorten(self, late: Segment) -> None:
        """Footage that was found late takes its time out of the gaps that were told for it."""
        for gap in self._index.gaps.list(late.path, late.start_us, late.stop_us):
            if gap.stop_us is None:
                continue
            left = late.start_us if late.start_us - gap.start_us >= SHORTEST_GAP_US else gap.start_us
            self._index.gaps.add(replace(gap, stop_us=left))
            if gap.stop_us - late.stop_us >= SHORTEST_GAP_US:
                self._index.gaps.add(replace(gap, start_us=late.stop_us))

    def open_gap(self, camera_id: int, path: str, start_us: int, reason: GapReason) -> None:
        """A camera that should record does not, since `start_us`."""
        self._index.gaps.add(Gap(camera_id, path, start_us, None, reason))

    def refresh(self, gap: Gap) -> None:
        """Correct the reason of an open gap once more is known."""
        reason = self.why(gap.path, gap.start_us, None, gap)
        if reason is not gap.reason:
            self._index.gaps.add(replace(gap, reason=reason))

    def why(self, path: str, start_us: int, stop_us: int | None, opened: Gap | None) -> GapReason:
        """What the log tells, which forgets: a cause that was told once stays, but for refused credentials."""
        reason = self._reasons.reason(path, start_us, stop_us)
        told = opened.reason if opened is not None else GapReason.UNKNOWN
        if told is GapReason.UNKNOWN or reason is GapReason.AUTH_FAILED:
            return reason
        better = told in _OURS and reason not in (GapReason.UNKNOWN, GapReason.CONFIG_CHANGE)
        return reason if better else told
