"""Rows of segments and gaps, kept consistent: what a new segment says about the time before it.

Inside one run of the engine media are continuous whatever the clocks say; only a new run can follow a gap. Every change
is made in the transaction that adds the segment's row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from ..domain.event import Event, EventKind
from ..domain.gap import Gap, GapReason
from ..domain.segment import Segment
from ..store.index import Index

#: Shorter than this is rounding, not missing footage.
SHORTEST_GAP_US = 100_000

_WEAK = (GapReason.UNKNOWN, GapReason.CONFIG_CHANGE)


class Reasons(Protocol):
    """Knows why a camera was not recorded."""

    def reason(self, path: str, start_us: int, stop_us: int | None) -> GapReason:
        """The best explanation of that time (`stop_us` None = until now)."""


class Ledger:
    """`steps(from_us, to_us)`: µs by which the host's clock was set forward between two of its times."""

    def __init__(self, index: Index, reasons: Reasons, steps: Callable[[int, int], int] = lambda _a, _b: 0) -> None:
        self._index = index
        self._reasons = reasons
        self._steps = steps

    def admit(self, segment: Segment, seen_us: int, events: tuple[Event, ...] = ()) -> Segment:
        """Index a hashed segment with all that follows from it, in one commit. Doing it twice changes nothing.

        Raises:
            sqlite3.IntegrityError: the same path and start is indexed with another hash.
        """
        return self._index.commit(lambda: self._admit(segment, seen_us, events))

    def _admit(self, segment: Segment, seen_us: int, events: tuple[Event, ...]) -> Segment:
        known = self._index.segments.get(segment.path, segment.start_us)
        before = self._index.segments.last_indexed(segment.path)
        done = self._index.segments.add(segment, seen_us)
        if known is not None:
            return done
        for event in events:
            self._index.events.add(event)
        if before is None:
            self._end_open(segment, segment.start_us)
        elif before.run == segment.run:
            self._same_run(before, segment, seen_us)
        elif segment.stop_us <= before.start_us:
            self._found_late(segment)
        else:
            self._new_run(before, segment)
        return done

    def _same_run(self, before: Segment, segment: Segment, seen_us: int) -> None:
        missing = segment.number - before.number - 1
        if missing > 0:
            detail = f"{missing} segment(s) of run {segment.run} are missing before number {segment.number}"
            self._index.events.add(Event(seen_us, EventKind.INTEGRITY, segment.camera_id, detail))
            if segment.start_us - before.stop_us >= SHORTEST_GAP_US:
                self._close(before.stop_us, segment, GapReason.MISSING_FILE)
                return
        # opened because a segment was late, yet the run went on: nothing was lost
        self._end_open(segment, None)

    def _new_run(self, before: Segment, segment: Segment) -> None:
        start_us = before.stop_us + self._steps(before.stop_us, segment.start_us)
        if segment.start_us - start_us < SHORTEST_GAP_US:
            self._end_open(segment, None)
            return
        self._close(start_us, segment, None)

    def _close(self, start_us: int, segment: Segment, reason: GapReason | None) -> None:
        opened = self._index.gaps.open_of(segment.path)
        if opened is not None:
            start_us = opened.start_us
        why = reason or self.why(segment.path, start_us, segment.start_us, opened)
        self._index.gaps.add(Gap(segment.camera_id, segment.path, start_us, max(segment.start_us, start_us), why))

    def _end_open(self, segment: Segment, stop_us: int | None) -> None:
        opened = self._index.gaps.open_of(segment.path)
        if opened is None:
            return
        end = opened.start_us if stop_us is None else max(stop_us, opened.start_us)
        self._index.gaps.close(opened, end, self.why(segment.path, opened.start_us, end, opened))

    def _found_late(self, segment: Segment) -> None:
        """A file that lies before what is indexed (found after a crash): it shortens the gap it stands in."""
        for gap in self._index.gaps.list(segment.path, segment.start_us, segment.stop_us):
            if gap.stop_us is None or gap.start_us > segment.start_us or gap.stop_us < segment.stop_us:
                continue
            self._index.gaps.add(replace(gap, stop_us=segment.start_us))
            if gap.stop_us - segment.stop_us >= SHORTEST_GAP_US:
                self._index.gaps.add(replace(gap, start_us=segment.stop_us))
            return

    def open_gap(self, camera_id: int, path: str, start_us: int, reason: GapReason) -> None:
        """A camera that should record does not, since `start_us`."""
        self._index.gaps.add(Gap(camera_id, path, start_us, None, reason))

    def refresh(self, gap: Gap) -> None:
        """Correct the reason of an open gap once more is known."""
        reason = self.why(gap.path, gap.start_us, None, gap)
        if reason is not gap.reason:
            self._index.gaps.add(replace(gap, reason=reason))

    def why(self, path: str, start_us: int, stop_us: int | None, opened: Gap | None) -> GapReason:
        """What the log tells; else what was known when the gap was opened."""
        reason = self._reasons.reason(path, start_us, stop_us)
        if reason in _WEAK and opened is not None and opened.reason is not GapReason.UNKNOWN:
            return opened.reason
        return reason
