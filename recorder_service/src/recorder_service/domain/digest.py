"""A day of one camera as one hash, so that two indexes are compared without sending their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from .segment import Segment


@dataclass(frozen=True, slots=True)
class DayDigest:
    """``day``: ``YYYY-MM-DD`` in UTC; ``sha256`` over `day_digest`'s lines."""

    camera_id: int
    path: str
    day: str
    segments: int
    bytes: int
    sha256: str

    @property
    def key(self) -> tuple[int, str]:
        return self.camera_id, self.day


def line(segment: Segment) -> str:
    """One segment as both sides write it."""
    parts = (
        segment.start_us, segment.stop_us, segment.bytes, segment.sha256, segment.run, segment.number,
        segment.status.value,
    )  # fmt: skip
    return "|".join(map(str, parts))


def day_digest(camera_id: int, path: str, day: str, segments: Iterable[Segment]) -> DayDigest:
    """Digest of a day's segments, in order of start; deleted ones must have been left out."""
    found = list(segments)
    text = "\n".join(map(line, found))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return DayDigest(camera_id, path, day, len(found), sum(s.bytes for s in found), digest)
