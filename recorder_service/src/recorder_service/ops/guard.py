"""May the node record now? Quota, room on the disk, the right volume."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ..domain.config import NodeConfig
from ..domain.event import Event, EventKind
from ..domain.gap import GapReason
from ..domain.health import Alarm, DiskHealth
from ..domain.ports import WorkerContext
from ..domain.times import Clock
from ..engine.board import Board, Stop
from ..store.index import Index
from ..store.media_root import MediaRoot, MediaRootError
from .clock import ClockWatch

_log = structlog.get_logger(__name__)

#: A full disk makes MediaMTX create an empty file per camera every few seconds, so recording stops before.
LEAST_RESERVE = 64 * 1024 * 1024
#: Recording resumes only with some room, lest it flap: this part of the limit.
_RESUME = 0.98
_PERIOD = 2.0


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the media file system and of the index."""

    total: int
    free: int
    used: int


def decide(node: NodeConfig, room: Room, held: Stop | None) -> Stop | None:
    """Whether recording must stop. `held` is the present stop: leaving it needs a little room."""
    reserve = max(node.reserve_bytes, LEAST_RESERVE)
    if held is not None and held.reason is GapReason.DISK_FULL:
        reserve = int(reserve / _RESUME) + 1
    if room.free < reserve:
        return Stop(GapReason.DISK_FULL, f"{room.free} bytes are free, {reserve} must stay free")
    quota = node.quota_bytes
    if held is not None and held.reason is GapReason.QUOTA:
        quota = int(quota * _RESUME)
    if node.quota_bytes and room.used >= quota:
        return Stop(GapReason.QUOTA, f"{room.used} of {node.quota_bytes} bytes are used; nothing may be deleted yet")
    return None


class GuardWorker:
    """Holds recording back for the whole node, with an alarm and one event for each change."""

    name = "guard"
    patience = 30.0

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self, media: MediaRoot, index: Index, board: Board, watch: ClockWatch, clock: Clock, bind: Callable[[], None]
    ) -> None:
        self._media = media
        self._index = index
        self._board = board
        self._watch = watch
        self._clock = clock
        self._bind = bind
        self._trouble: str | None = None

    def run(self, ctx: WorkerContext) -> None:
        while not ctx.stopping:
            self.tick()
            ctx.wait(_PERIOD)

    def tick(self) -> None:
        """One look at clock, volume and room."""
        step = self._watch.check()
        if step:
            self._event(EventKind.CLOCK_STEP, f"the host's clock was set by {step / 1e6:+.1f} s")
        state = self._board.state()
        trouble = self._media_trouble()
        stop = state.stop
        alarms: set[Alarm] = set()
        if trouble:
            alarms.add(Alarm.DISK_MISSING)
        elif state.config is not None:
            stop = decide(state.config.node, self._room(), state.stop)
            alarms |= _alarms(stop)
            self._tell(state.stop, stop)
        self._board.guard(stop, frozenset(alarms), not trouble)

    def disk(self) -> DiskHealth:
        """For the heartbeat; zeros while the volume is not there."""
        config = self._board.state().config
        node = config.node if config else NodeConfig("")
        try:
            room = self._room()
        except OSError:
            room = Room(0, 0, self._index.segments.used_bytes())
        return DiskHealth(str(self._media.path), room.total, room.free, room.used, node.quota_bytes, node.reserve_bytes)

    def _room(self) -> Room:
        stat = os.statvfs(self._media.path)
        return Room(stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize, self._index.segments.used_bytes())

    def _media_trouble(self) -> str:
        try:
            self._bind()
            trouble = ""
        except (MediaRootError, OSError) as error:
            trouble = str(error)
        if trouble != self._trouble:
            if trouble:
                self._event(EventKind.DISK_LOW, f"recording is stopped: {trouble}")
            elif self._trouble is not None:
                _log.info("the media root is there again")
            self._trouble = trouble
        return trouble

    def _tell(self, before: Stop | None, after: Stop | None) -> None:
        if after is not None and (before is None or before.reason is not after.reason):
            kind = EventKind.QUOTA_REACHED if after.reason is GapReason.QUOTA else EventKind.DISK_LOW
            self._event(kind, f"recording is stopped: {after.words}")
        elif before is not None and after is None:
            kind = EventKind.QUOTA_REACHED if before.reason is GapReason.QUOTA else EventKind.DISK_LOW
            self._event(kind, "there is room again; recording resumes")

    def _event(self, kind: EventKind, detail: str) -> None:
        _log.warning(detail, kind=kind.value)
        self._index.events.add(Event(self._clock.now_us(), kind, None, detail[:500]))


def _alarms(stop: Stop | None) -> set[Alarm]:
    if stop is None:
        return set()
    return {Alarm.QUOTA if stop.reason is GapReason.QUOTA else Alarm.DISK_LOW}
