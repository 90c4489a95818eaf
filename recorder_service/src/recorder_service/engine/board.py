"""What the recording side's threads tell each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..domain.config import CameraConfig, Configuration
from ..domain.gap import GapReason
from ..domain.health import Alarm


@dataclass(frozen=True, slots=True)
class Stop:
    """Recording is held back on the whole node: why, in a reason and in words."""

    reason: GapReason
    words: str


@dataclass(frozen=True, slots=True)
class State:
    """A snapshot. `changed_at`: monotonic seconds of the last configuration; `generation` grows with each.

    `guarded` is False until the guard has looked once: before that nobody knows whether recording must stop, so the
    engine is left as it runs.
    """

    config: Configuration | None = None
    generation: int = 0
    changed_at: float = 0.0
    changed_us: int = 0
    stop: Stop | None = None
    alarms: frozenset[Alarm] = frozenset()
    media_ok: bool = False
    guarded: bool = False

    def cameras(self) -> Mapping[str, CameraConfig]:
        return self.config.by_path() if self.config else {}

    def stopped(self) -> frozenset[str]:
        return frozenset(self.cameras()) if self.stop or not self.media_ok else frozenset()


class Board:
    """Holds the state; each change wakes the engine's thread and asks the intake for a full look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = State()
        self.wake_engine = threading.Event()
        self.rescan = threading.Event()
        self.rescan.set()

    def state(self) -> State:
        with self._lock:
            return self._state

    def configure(self, config: Configuration, at: float, at_us: int) -> None:
        with self._lock:
            self._state = replace(
                self._state, config=config, generation=self._state.generation + 1, changed_at=at, changed_us=at_us
            )
        self.rescan.set()
        self.wake_engine.set()

    def guard(self, stop: Stop | None, alarms: frozenset[Alarm], media_ok: bool) -> None:
        with self._lock:
            before = self._state
            self._state = replace(before, stop=stop, alarms=alarms, media_ok=media_ok, guarded=True)
        if (before.stop, before.media_ok, before.guarded) != (stop, media_ok, True):
            self.rescan.set()
            self.wake_engine.set()
