"""May the node record now, and which of its cameras? Quota, room on the disk, the right volume."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from ..domain.config import Configuration, NodeConfig
from ..domain.event import Code, EventKind, Told
from ..domain.gap import GapReason
from ..domain.health import Alarm, DiskHealth
from ..domain.ports import WorkerContext
from ..domain.pressure import Due, Level, NothingDue, Stop
from ..domain.said import Said, SaidCode
from ..domain.times import Clock
from ..engine.board import Board
from ..store.index import Index
from ..store.media_root import MediaRoot, MediaRootError
from . import pressure as rules
from .ballast import SLICE, Ballasts
from .clock import ClockWatch
from .forecast import Outlook
from .meter import Meter
from .pressure import Demand, Look, Pressure, Room

_log = structlog.get_logger(__name__)

_PERIOD = 2.0
_OBEY = 1.0  # seconds that the index's writer waits for the engine before it takes from the ballast
_INDEX_LEAST = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sources:
    """What the guard asks: the rate of recording, the cameras' wishes, the purge."""

    meter: Meter
    demands: Callable[[], Sequence[Demand]]
    due: Due = field(default_factory=NothingDue)


class GuardWorker:
    """Holds recording back, of the whole node or camera by camera, with an alarm and one event for each change.

    Commits that fail for want of room ask it for a slice of the ballast (`relieve`, on the index's writer thread).
    """

    name = "guard"
    patience = 30.0

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        media: MediaRoot,
        index: Index,
        board: Board,
        watch: ClockWatch,
        clock: Clock,
        bind: Callable[[], None],
        ballasts: Ballasts,
        sources: Sources,
    ) -> None:
        self._media = media
        self._index = index
        self._board = board
        self._watch = watch
        self._clock = clock
        self._bind = bind
        self._ballasts = ballasts
        self._sources = sources
        self._trouble: str | None = None
        self._index_tight = False
        self._pressure = Pressure()

    @property
    def pressure(self) -> Pressure:
        """What it last decided."""
        return self._pressure

    def run(self, ctx: WorkerContext) -> None:
        self._index.database.grow_log()
        self._index.database.relief = self.relieve
        while not ctx.stopping:
            self.tick()
            ctx.wait(_PERIOD)

    def tick(self) -> None:
        """One look at clock, volume and room."""
        step = self._watch.check()
        if step:
            seconds = f"{step / 1e6:+.1f}"
            text = f"the host's clock was set by {seconds} s"
            self._event(EventKind.CLOCK_STEP, Told(text, Code.HOST_CLOCK, {"seconds": seconds}))
        state = self._board.state()
        trouble = self._media_trouble()
        alarms: set[Alarm] = set()
        self._look_at_index()
        if trouble:
            alarms.add(Alarm.DISK_MISSING)
        elif state.config is not None:
            before, self._pressure = self._pressure, self._judge(state.config)
            self._tell(before, self._pressure)
            alarms |= self._alarms()
        if self._index_tight:
            alarms.add(Alarm.DISK_TIGHT)
        self._board.guard(self._pressure.stop, self._pressure.stops, frozenset(alarms), not trouble)
        if not trouble and self._pressure.level is Level.FULL:
            self._give_way()

    def _judge(self, config: Configuration) -> Pressure:
        node, room = config.node, self._room()
        outlook = self._sources.meter.roll(self._clock.now_us(), node.segment_seconds)
        missing = self._ballasts.media_missing
        found = self._decide(node, replace(room, free=room.free - missing), outlook)
        if missing and found.level is not Level.FULL and not self._ballasts.fill_media():
            # its place was taken in between: without ballast nothing is recorded
            return self._decide(node, replace(room, free=0), outlook)
        return found

    def _decide(self, node: NodeConfig, room: Room, outlook: Outlook) -> Pressure:
        look = Look(node, room, outlook, self._sources.demands(), self._sources.due.due_bytes())
        return rules.decide(look, self._pressure)

    def _give_way(self) -> None:
        """Something else fills the disk: the purge gets room, but only once nothing records."""
        config = self._board.state().config
        node = config.node if config else NodeConfig("")
        if self._room().free < rules.reserve(node) * rules.LOWEST and self._board.wait_obeyed(0):
            self._ballasts.release_media(4 * SLICE)

    def relieve(self) -> bool:
        """Make room for a commit. Recording stops first, lest it eat what is given back.

        Returns:
            False when there is nothing left to give.
        """
        if self._ballasts.shared:
            text = Said("the disk has no byte left for the index", SaidCode.INDEX_FULL)
            self._board.halt(Stop(GapReason.DISK_FULL, text))
            self._board.wait_obeyed(_OBEY)
        return self._ballasts.release_index(SLICE) > 0

    def _look_at_index(self) -> None:
        """An index on a disk of its own: its ballast, and an alarm while there is little room. Recording goes on."""
        if self._ballasts.shared:
            self._index_tight = False
            return
        free = self.index_free()
        if self._ballasts.index_missing and free - self._ballasts.index_missing > _INDEX_LEAST // 2:
            self._ballasts.fill_index()
        tight = free < (2 * _INDEX_LEAST if self._index_tight else _INDEX_LEAST) or bool(self._ballasts.index_missing)
        if tight and not self._index_tight:
            text = f"the disk of the index has {free} bytes left: free it from other files"
            self._event(EventKind.DISK_LOW, Told(text, Code.INDEX_DISK, {"bytes": free}))
        self._index_tight = tight

    def index_free(self) -> int:
        """Bytes on the index's file system."""
        stat = os.statvfs(self._index.database.file.parent)
        return stat.f_bavail * stat.f_frsize

    def disk(self) -> DiskHealth:
        """For the heartbeat; zeros while the volume is not there."""
        config = self._board.state().config
        node = config.node if config else NodeConfig("")
        try:
            room = self._room()
        except OSError:
            room = Room(0, 0, self._index.segments.used_bytes())
        now = self._pressure
        return DiskHealth(
            str(self._media.path), room.total, room.free, room.used, node.quota_bytes, node.reserve_bytes,
            now.hours, now.hours_bare, now.level, self._ballasts.bytes, self.index_free(),
        )  # fmt: skip

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
                self._event(EventKind.DISK_LOW, Told(f"recording is stopped: {trouble}", Code.MEDIA_MISSING))
            elif self._trouble is not None:
                _log.info("the media root is there again")
            self._trouble = trouble
        return trouble

    def _alarms(self) -> set[Alarm]:
        now, due = self._pressure, self._sources.due
        if now.level is Level.NORMAL:
            return set()
        if now.level is not Level.FULL:
            return {Alarm.DISK_TIGHT}
        held = {Alarm.ONLY_HELD} if not due.due_bytes() and due.held_bytes() else set()
        return held | {Alarm.QUOTA if now.reason is GapReason.QUOTA else Alarm.DISK_LOW}

    def _tell(self, before: Pressure, after: Pressure) -> None:
        told = change(before, after)
        reason = after.reason or before.reason
        if told:
            self._event(EventKind.QUOTA_REACHED if reason is GapReason.QUOTA else EventKind.DISK_LOW, told)

    def _event(self, kind: EventKind, told: Told) -> None:
        _log.warning(told.text, kind=kind.value)
        try:
            self._index.events.add(told.event(self._clock.now_us(), kind))
        except sqlite3.OperationalError as error:
            # the guard is needed most when nothing can be written any more
            _log.error("event is lost", error=str(error))


def change(before: Pressure, after: Pressure) -> Told | None:
    """What changed between two looks; None when nothing did."""
    if after.stop is not None:
        same = before.stop is not None and before.stop.reason is after.stop.reason
        return None if same else Told(f"recording is stopped: {after.stop.words}", Code.ROOM_GONE)
    held, freed = sorted(set(after.stops) - set(before.stops)), sorted(set(before.stops) - set(after.stops))
    if held:
        names = ", ".join(held)
        return Told(f"not recorded from now on: {names}: {after.words}", Code.ROOM_HELD, {"cameras": names})
    if before.stop is not None:
        return Told("there is room again; recording resumes", Code.ROOM_AGAIN)
    if freed:
        names = ", ".join(freed)
        return Told(f"there is room again for {names}", Code.ROOM_AGAIN_FOR, {"cameras": names})
    if after.level.rank > before.level.rank:
        return _tightens(after)
    return None


def _tightens(after: Pressure) -> Told:
    text = f"room for footage gets tight: {after.words}"
    if after.hours is None:
        return Told(text, Code.ROOM_TIGHT)
    return Told(f"{text}; it lasts for {after.hours:g} hours", Code.ROOM_TIGHT_FOR, {"hours": f"{after.hours:g}"})
