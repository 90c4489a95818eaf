"""Deletion of footage whose time is over: what is said about it between node and ERP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .times import DAY_US


class PurgeMark(StrEnum):
    """Where a segment's row stands on its way out; each is durable before the next is begun.

    A row goes back to LIVE when a hold arrives or the purge is cancelled while its file is there.
    """

    LIVE = "live"
    DOOMED = "doomed"  # chosen, with the intent in the same commit
    CONFIRMED = "confirmed"  # the ERP said go, and every hold of that answer is stored
    GONE = "gone"  # the file is absent and its folder fsynced


class PurgeState(StrEnum):
    """Where one purge stands."""

    PARKED = "parked"  # the node's own guard wants a person's word; nothing is doomed
    RELEASED = "released"  # a person gave it; rows may be doomed now
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


ENDED = (PurgeState.DONE, PurgeState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Footage of a camera that ended before ``cutoff_us`` may go; it is kept for ``days``."""

    camera_id: int
    cutoff_us: int
    days: int

    def lowered(self, now_us: int) -> Cutoff:
        """The same, at most ``days`` before ``now_us``: the node does not take the ERP's word alone."""
        return self.until(now_us - self.days * DAY_US)

    def until(self, limit_us: int) -> Cutoff:
        return Cutoff(self.camera_id, min(self.cutoff_us, limit_us), self.days)


@dataclass(frozen=True, slots=True)
class Share:
    """One camera's part of a purge; ``bytes`` of its files. ``cutoff_us``: the limit by which it was counted."""

    camera_id: int
    segments: int
    bytes: int
    first_us: int
    last_us: int
    cutoff_us: int | None = None


@dataclass(frozen=True, slots=True)
class Purge:
    """One purge: named by a UUID, told to the ERP, confirmed by it. ``reason``: why it is parked or was cancelled."""

    run: str
    state: PurgeState
    tag: str
    shares: tuple[Share, ...] = ()
    reason: str = ""
    rescued: int = 0
    freed: int = 0

    @property
    def segments(self) -> int:
        return sum(share.segments for share in self.shares)

    @property
    def bytes(self) -> int:
        return sum(share.bytes for share in self.shares)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A segment that is gone. ``freed``: bytes that its file took on the disk."""

    id: int
    camera_id: int
    start_us: int
    at_us: int
    run: str
    freed: int


class PurgeWord(StrEnum):
    """The ERP's answer to a purge."""

    GO = "go"
    REFUSED = "refused"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class PurgeAnswer:
    run: str
    word: PurgeWord
    reason: str = ""
    person: bool = False  # who refused it


@dataclass(frozen=True, slots=True)
class PurgeHealth:
    """For the heartbeat. ``state``: off, ready, running, parked or locked; ``reason`` one sentence."""

    state: str = "off"
    reason: str = ""
    due_segments: int = 0
    due_bytes: int = 0
    held_bytes: int = 0
