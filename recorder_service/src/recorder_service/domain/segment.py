"""A segment: one closed file of footage."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from .times import SECOND_US, utc_day

_NAME = re.compile(r"(\d{1,12})-(\d{6})\.mp4")


class SegmentState(StrEnum):
    """How far a file has come on this node; each state implies all earlier ones."""

    OPEN = "open"  # the engine still writes it
    CLOSED = "closed"  # walked whole, or recovered
    SEALED = "sealed"  # file and folder are fsynced
    HASHED = "hashed"  # SHA-256 of the sealed bytes is known
    INDEXED = "indexed"  # its row is committed: the point of custody
    SYNCED = "synced"  # the ERP has acknowledged the row


_ORDER = list(SegmentState)


class SegmentStatus(StrEnum):
    """What the footage is worth."""

    OK = "ok"
    RECOVERED = "recovered"  # engine died; whole parts kept
    DAMAGED = "damaged"  # the walk found less than the header says
    MISSING = "missing"  # the row's file is gone without our doing
    DELETED = "deleted"


class StateError(ValueError):
    """A segment was asked to skip a state or to go back."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file and what is known of it.

    ``start_us``/``stop_us``: NTP of the first sample and end of the last (µs). ``run``: 32 hex digits of the engine's
    recorder run (``mtxi`` StreamID), ``number`` counts inside it. ``sha256``: 64 lower-case hex, empty until hashed and
    for ``missing``. ``file``: path below the media root.
    """

    camera_id: int
    path: str
    start_us: int
    stop_us: int
    bytes: int
    run: str
    number: int
    sha256: str = ""
    status: SegmentStatus = SegmentStatus.OK
    state: SegmentState = SegmentState.OPEN
    test: bool = False
    file: str = ""

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", segment_file(self.path, self.start_us))

    @property
    def key(self) -> tuple[int, int]:
        """What the ERP knows it by."""
        return self.camera_id, self.start_us

    @property
    def duration_us(self) -> int:
        return self.stop_us - self.start_us

    def advance(self, state: SegmentState, **changes: object) -> Segment:
        """The same segment one state further.

        Raises:
            StateError: when ``state`` is not the next one, or a hash is missing from HASHED on.
        """
        if _ORDER.index(state) != _ORDER.index(self.state) + 1:
            raise StateError(f"a segment cannot go from {self.state} to {state}")
        after = replace(self, state=state, **changes)  # type: ignore[arg-type]
        if state is SegmentState.HASHED and not after.sha256:
            raise StateError("a hashed segment needs its SHA-256")
        return after


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment stands in its run and in time."""

    run: str
    number: int
    start_us: int
    stop_us: int


def segment_file(path: str, start_us: int) -> str:
    """``<path>/<UTC day>/<seconds>-<µs>.mp4``, relative to the media root."""
    return f"{path}/{utc_day(start_us)}/{start_us // SECOND_US}-{start_us % SECOND_US:06d}.mp4"


def start_from_name(name: str) -> int | None:
    """Start in µs that a file's name tells, or None when the name is not of this form."""
    match = _NAME.fullmatch(name)
    return int(match[1]) * SECOND_US + int(match[2]) if match else None
