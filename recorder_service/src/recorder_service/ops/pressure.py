"""Levels of pressure on the disk, and which cameras may still record: pure rules with hysteresis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..domain.config import NodeConfig
from ..domain.gap import GapReason
from ..domain.pressure import Level, Stop
from ..domain.said import Said, SaidCode
from .forecast import Outlook

#: A full disk makes MediaMTX create an empty file per camera every few seconds, so recording stops before.
LEAST_RESERVE = 64 * 1024 * 1024
#: Under this part of what must stay free the ballast is released.
LOWEST = 1 / 16
#: Recording resumes only with some room, lest it flap: this part of the limit.
_MARGIN = 0.02
#: Hours left at which a level begins, and no more than what this part of the limit takes: a disk that its retention
#: fills by plan is not in trouble all the time, and a small quota not from its first day on.
_MARKS = {Level.TIGHT: (12.0, 0.10), Level.LOW: (2.0, 0.04)}
#: Without a forecast: this part of the limit.
_BLIND = 0.02
_LEAVE = 1.5  # times a mark, to leave its level
_SETTLE = 1.25  # times the mark that the remaining cameras must have once some had to go
_RETURN = 2.0  # times the mark before a camera returns


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the media file system and of the index; ballast that is missing there is not `free`."""

    total: int
    free: int
    used: int


@dataclass(frozen=True, slots=True)
class Limit:
    """What one limit leaves. `size`: what it lets the node fill in all; `margin`: room needed to record again."""

    reason: GapReason
    left: int
    size: int
    margin: int
    words: str


@dataclass(frozen=True, slots=True)
class Demand:
    """A camera that should record; `rate` bytes a second, None when not known."""

    path: str
    camera_id: int
    priority: int
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Pressure:
    """`stop`: nothing may record; `stops`: these cameras may not. Hours None: not known."""

    level: Level = Level.NORMAL
    reason: GapReason | None = None
    stop: Stop | None = None
    stops: Mapping[str, Stop] = field(default_factory=dict)
    words: str = ""
    hours: float | None = None
    hours_bare: float | None = None


def reserve(node: NodeConfig) -> int:
    """Bytes that must stay free."""
    return max(node.reserve_bytes, LEAST_RESERVE)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f}"


def limits(node: NodeConfig, room: Room) -> list[Limit]:
    """Of the disk, and of the quota where there is one."""
    keep = reserve(node)
    sizes = {"free": _gigabytes(room.free), "reserve": _gigabytes(keep)}
    text = Said(f"{room.free} bytes are free, {keep} must stay free", SaidCode.ROOM_LEFT, **sizes)
    found = [Limit(GapReason.DISK_FULL, room.free - keep, max(room.total - keep, 1), int(keep * _MARGIN) + 1, text)]
    if quota := node.quota_bytes:
        sizes = {"used": _gigabytes(room.used), "quota": _gigabytes(quota)}
        text = Said(f"{room.used} of {quota} bytes are used", SaidCode.ROOM_OF_QUOTA, **sizes)
        found.append(Limit(GapReason.QUOTA, quota - room.used, quota, int(quota * _MARGIN), text))
    return found


@dataclass(frozen=True)
class Look:
    """All that the level follows from. `due`: bytes that the purge may free now."""

    node: NodeConfig
    room: Room
    outlook: Outlook
    demands: Sequence[Demand] = ()
    due: int = 0

    @cached_property
    def limits(self) -> list[Limit]:
        """Of the disk, and of the quota where there is one."""
        return limits(self.node, self.room)

    @property
    def tightest(self) -> Limit:
        return min(self.limits, key=lambda limit: limit.left)

    def order(self) -> list[Demand]:
        """Cameras, the most important first."""
        return sorted(self.demands, key=lambda demand: (-demand.priority, demand.camera_id))

    @cached_property
    def _rates(self) -> dict[str, float]:
        known = [demand.rate for demand in self.demands if demand.rate is not None]
        mean = sum(known) / len(known) if known else 1.0
        return {demand.path: mean if demand.rate is None else demand.rate for demand in self.demands}

    def share(self, paths: Iterable[str]) -> float:
        """Part of the node's rate; a camera of unknown rate counts as the others' mean."""
        total = sum(self._rates.values())
        return sum(self._rates[path] for path in paths) / total if total else 1.0

    def lasts(self, limit: Limit, level: Level, share: float, times: float) -> bool:
        """Whether a limit leaves more time than `times` the mark of a level, to cameras of that share of the rate."""
        hours, part = _MARKS[level]
        left = self.outlook.soonest((limit.left + self.due) / max(share, 1e-9))
        most = self.outlook.soonest(part * limit.size)
        return left is None or most is None or left >= min(hours, most) * times

    def answer(self, level: Level, limit: Limit, stop: Stop | None, stops: Mapping[str, Stop]) -> Pressure:
        """With the hours that those who record have."""
        share = self.share(path for path in self._rates if path not in stops) or 1.0
        troubled = level is not Level.NORMAL
        left = self.tightest.left
        return Pressure(
            level, limit.reason if troubled else None, stop, stops, limit.words if troubled else "",
            self._hours(left + self.due, share), self._hours(left, share),
        )  # fmt: skip

    def _hours(self, size: float, share: float) -> float | None:
        hours = self.outlook.hours(size / share)
        return None if hours is None else round(min(hours, 1e6), 1)


def decide(look: Look, before: Pressure) -> Pressure:
    """The level, and who may record. `before` is the last answer: a level is left with some room only, and a camera
    returns with more.
    """
    full = _full(look.limits, before)
    if full is not None:
        stop = Stop(full.reason, full.words)
        return look.answer(Level.FULL, full, stop, {})
    held = _held(look, before)
    level, limit = _level(look, before)
    if held:
        level, limit = Level.LOW, look.tightest
    text = Said(f"{limit.words}; cameras of higher priority go on", SaidCode.HELD_BACK)
    stops = {path: Stop(limit.reason, text) for path in held}
    return look.answer(level, limit, None, stops)


def _full(found: Sequence[Limit], before: Pressure) -> Limit | None:
    for limit in found:
        if limit.left < 0 or (limit.left == 0 and limit.reason is GapReason.QUOTA):
            return limit
        if before.level is Level.FULL and before.reason is limit.reason and limit.left < limit.margin:
            return limit
    return None


def _level(look: Look, before: Pressure) -> tuple[Level, Limit]:
    worst = Level.NORMAL, look.limits[0]
    for limit in look.limits:
        level = _level_of(limit, look, before.level)
        if level.rank > worst[0].rank:
            worst = level, limit
    return worst


def _level_of(limit: Limit, look: Look, before: Level) -> Level:
    for level in (Level.LOW, Level.TIGHT):
        if not look.lasts(limit, level, 1.0, _times(before, level)):
            return level
    blind = look.outlook.mean is None and limit.left + look.due < _BLIND * limit.size * _times(before, Level.TIGHT)
    return Level.TIGHT if blind else Level.NORMAL


def _times(before: Level, level: Level) -> float:
    return _LEAVE if before.rank >= level.rank else 1.0


def _held(look: Look, before: Pressure) -> list[str]:
    """Paths to hold back, lowest priority first: so many that what is left lasts for the others, never all."""
    order = look.order()

    def lasts(count: int, times: float) -> bool:
        share = look.share(demand.path for demand in order[:count])
        return all(look.lasts(limit, Level.LOW, share, times) for limit in look.limits)

    count = len(order) - sum(demand.path in before.stops for demand in order)
    if not lasts(count, 1.0):
        while count > 1 and not lasts(count, _SETTLE):
            count -= 1
    else:
        while count < len(order) and lasts(count + 1, _RETURN):
            count += 1
    return [demand.path for demand in order[max(count, 1) :]]
