"""What the recording side's threads tell each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..domain.config import CameraConfig, Configuration
from ..domain.health import Alarm
from ..domain.pressure import Stop


@dataclass(frozen=True, slots=True)
class Since:
    """A moment: monotonic seconds, and µs since 1970 UTC."""

    at: float = 0.0
    us: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A snapshot. `since`: from when on each camera by path is to be as it is now; `generation` grows with each
    configuration.

    `guarded` is False until the guard has looked once: before that nobody knows whether recording must stop, so the
    engine is left as it runs. `stop` holds back the whole node, `stops` single cameras by path.
    """

    config: Configuration | None = None
    generation: int = 0
    since: Mapping[str, Since] = field(default_factory=dict)
    stop: Stop | None = None
    stops: Mapping[str, Stop] = field(default_factory=dict)
    alarms: frozenset[Alarm] = frozenset()
    media_ok: bool = False
    guarded: bool = False

    def cameras(self) -> Mapping[str, CameraConfig]:
        return self.config.by_path() if self.config else {}

    def stop_of(self, path: str) -> Stop | None:
        """Why a camera is held back, or None."""
        return self.stop or self.stops.get(path)

    def stopped(self) -> frozenset[str]:
        """Paths that may not record now."""
        cameras = frozenset(self.cameras())
        return cameras if self.stop or not self.media_ok else cameras & frozenset(self.stops)

    def held(self) -> tuple[object, ...]:
        """Who is held back and why, without the words: their figures change at each look."""
        reasons = {path: stop.reason for path, stop in self.stops.items()}
        return self.stop and self.stop.reason, reasons, self.media_ok, self.guarded


class Board:
    """Holds the state; each change wakes the engine's thread and asks the intake for a full look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._obeyed = threading.Condition(self._lock)
        self._silent: frozenset[str] = frozenset()
        self._state = State()
        self.wake_engine = threading.Event()
        self.rescan = threading.Event()
        self.rescan.set()

    def state(self) -> State:
        with self._lock:
            return self._state

    def configure(self, config: Configuration, at: float, at_us: int) -> None:
        with self._lock:
            since = _since(self._state, config, Since(at, at_us))
            self._state = replace(self._state, config=config, generation=self._state.generation + 1, since=since)
        self.rescan.set()
        self.wake_engine.set()

    def guard(self, stop: Stop | None, stops: Mapping[str, Stop], alarms: frozenset[Alarm], media_ok: bool) -> None:
        """The guard's word: who may record."""
        with self._lock:
            before = self._state
            self._state = replace(before, stop=stop, stops=dict(stops), alarms=alarms, media_ok=media_ok, guarded=True)
            changed = before.held() != self._state.held()
        if changed:
            self.rescan.set()
            self.wake_engine.set()

    def halt(self, stop: Stop) -> None:
        """Hold back the whole node at once; the guard's next word is that of its own look."""
        with self._lock:
            self._state = replace(self._state, stop=self._state.stop or stop)
        self.wake_engine.set()

    def resuming(self, held: frozenset[str]) -> None:
        """The engine's thread, before it acts: from now on only these are sure not to record."""
        with self._lock:
            self._silent &= held

    def obeyed(self, silent: frozenset[str]) -> None:
        """The engine's thread: these paths do not record any more."""
        with self._obeyed:
            self._silent = silent
            self._obeyed.notify_all()

    def wait_obeyed(self, seconds: float) -> bool:
        """True as soon as the engine records nothing that is held back; False when that took longer."""
        with self._obeyed:
            return self._obeyed.wait_for(lambda: self._state.stopped() <= self._silent, seconds)


def _since(before: State, config: Configuration, now: Since) -> Mapping[str, Since]:
    """An edit of one camera touches no other; another length of segments cuts all."""
    same_node = before.config is not None and before.config.node.segment_seconds == config.node.segment_seconds
    known = before.cameras() if same_node else {}
    return {c.path: before.since[c.path] if known.get(c.path) == c else now for c in config.cameras}
