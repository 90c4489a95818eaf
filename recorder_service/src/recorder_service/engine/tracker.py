"""Per camera: what the engine shows, and what that means."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from ..domain.config import CameraConfig
from ..domain.gap import GapReason
from ..domain.health import Alarm, CameraHealth, CameraState
from ..domain.said import Said, SaidCode, retold
from .client import LivePath
from .reasons import Note
from .words import logged, sentence

STALL_SECONDS = 5.0
OFFLINE_SECONDS = 12.0
STRIP_SECONDS = 15.0
SLACK_SECONDS = 5.0
PAUSE_SECONDS = 3.0
_LONGEST_DOUBT = 120.0
_GOP_DEFAULT_US = 4_000_000
#: A stalled camera is none of these: it may be recorded, and only the segments may be late.
_LOST = (CameraState.OFFLINE, CameraState.AUDIO_REFUSED)
#: What this service did itself says nothing about the camera.
_OURS = (GapReason.CONFIG_CHANGE, GapReason.SUSPENDED, GapReason.QUOTA)


@dataclass(slots=True)
class Live:
    """Followed from poll to poll; times are monotonic seconds."""

    available: bool = False
    seen_at: float = 0.0
    bytes: int = 0
    grown_at: float = 0.0
    down_at: float = 0.0
    up_at: float = 0.0
    kbps: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the disk says. `received_at` monotonic, `last_stop_us` of the newest segment."""

    received_at: float | None
    last_stop_us: int | None
    gop_us: int | None


def window_seconds(segment_seconds: int, gop_us: int | None) -> float:
    """How long after the last segment's end the next one must have been closed: length + GOP + 5 s."""
    return segment_seconds + (gop_us or _GOP_DEFAULT_US) / 1e6 + SLACK_SECONDS


class Tracker:
    """Thread-safe: the engine's thread feeds it, health reads it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: dict[str, Live] = {}
        self._states: dict[str, tuple[CameraState, str, int]] = {}

    def feed(self, paths: dict[str, LivePath], now: float) -> None:
        """Take a poll's result; a path that is not in it is not available."""
        with self._lock:
            for name in set(self._live) - set(paths):
                self._update(self._live[name], None, now)
            for name, path in paths.items():
                self._update(self._live.setdefault(name, Live(down_at=now)), path, now)

    def _update(self, live: Live, path: LivePath | None, now: float) -> None:
        available = path is not None and path.available
        if available != live.available:
            live.available = available
            live.up_at, live.down_at = (now, live.down_at) if available else (live.up_at, now)
            live.grown_at = now
        size = path.inbound_bytes if path else live.bytes
        if size < live.bytes:
            live.bytes = 0
        if size > live.bytes:
            if live.seen_at and now > live.seen_at:
                rate = (size - live.bytes) * 8 / 1000 / (now - live.seen_at)
                live.kbps = round(rate if not live.kbps else 0.7 * live.kbps + 0.3 * rate)
            live.grown_at = now
        if not available or now - live.grown_at > STALL_SECONDS:
            live.kbps = 0
        live.bytes, live.seen_at = size, now

    def live(self, name: str) -> Live:
        """A copy of what is known of a path."""
        with self._lock:
            known = self._live.get(name) or Live()
            return Live(**{key: getattr(known, key) for key in Live.__slots__})

    def settle(self, path: str, state: CameraState, reason: str, now_us: int) -> tuple[int, CameraState | None]:
        """Remember a camera's state. Returns since when it holds, and the state before when it just changed."""
        with self._lock:
            known = self._states.get(path)
            if known is not None and known[0] is state:
                self._states[path] = (state, reason, known[2])
                return known[2], None
            self._states[path] = (state, reason, now_us)
            return now_us, known[0] if known else state

    def state(self, path: str) -> CameraState | None:
        """The state that was settled last."""
        with self._lock:
            known = self._states.get(path)
            return known[0] if known else None

    def lost(self) -> dict[str, int]:
        """Paths of which nothing is recorded, by what the engine shows, with the time since when."""
        with self._lock:
            return {path: since_us for path, (state, _, since_us) in self._states.items() if state in _LOST}


class Pauses:
    """Notices that this process itself did not run for a while: all that it knows is that old, whatever the cameras
    did. Thread-safe; times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._over_at = -math.inf
        self._settled_at = -math.inf

    def look(self, now: float) -> None:
        """Called once a second and oftener while all is well, with the time by which a state is judged."""
        with self._lock:
            last = now if self._looked_at is None else self._looked_at
            if now - last > PAUSE_SECONDS:
                self._over_at = now
                # what was closed meanwhile has to be read first, which takes no longer than it took to record
                settled_at = now + min(now - last, _LONGEST_DOUBT) + STALL_SECONDS
                self._settled_at = max(self._settled_at, settled_at)
            self._looked_at = max(last, now)

    def doubts(self, state: CameraState, at: Situation) -> bool:
        """True while a bad state may come of the pause alone, for it was not looked into anew since."""
        with self._lock:
            return at.now < self._settled_at and not self._known_anew(state, at)

    def _known_anew(self, state: CameraState, at: Situation) -> bool:
        watched = at.source.seen_at - self._over_at
        if state is CameraState.OFFLINE:
            return watched > 0
        if state is not CameraState.STALLED:
            return False
        return watched > STALL_SECONDS if _silent(at) else at.caught_up_at > self._over_at


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a camera's state follows from. `note`: newest word of the log; `hold`: why the node may not record;
    `caught_up_at`: all that was closed before is indexed.
    """

    camera: CameraConfig
    live: Live
    source: Live
    proof: Proof
    note: Note | None
    note_age: float
    hold: tuple[GapReason, str] | None
    refused: str
    stripping: bool
    engine_up: bool
    config_age: float
    caught_up_at: float
    segment_seconds: int
    now: float
    now_us: int


def assess(at: Situation) -> tuple[CameraState, str, str]:  # noqa: PLR0911 - a table of cases, most severe first
    """State, reason and one sentence. *Recording* needs closed segments; the engine's word is not enough."""
    if not at.camera.record:
        return CameraState.OFF, "", Said("recording is switched off in the ERP", SaidCode.RECORDING_OFF)
    if at.hold is not None:
        return CameraState.OFF, at.hold[0].value, sentence(*at.hold)
    if at.refused:
        text = retold(f"this camera cannot be recorded: {at.refused}", at.refused)
        return CameraState.OFFLINE, GapReason.UNKNOWN.value, text
    if not at.engine_up:
        text = Said("the recording engine is not running", SaidCode.ENGINE_AWAY)
        return CameraState.OFFLINE, GapReason.ENGINE_RESTART.value, text
    if not at.source.available:
        return _not_available(at)
    if _silent(at):
        text = Said("the camera is connected but sends nothing", SaidCode.SENDS_NOTHING)
        return CameraState.STALLED, GapReason.TIMEOUT.value, text
    if at.stripping and not at.live.available and at.now - at.source.up_at > STRIP_SECONDS:
        text = "its sound cannot be taken out, so nothing is recorded; check ffmpeg on the node and the camera's codec"
        return CameraState.AUDIO_REFUSED, "", Said(text, SaidCode.SOUND_STAYS)
    if _proven(at):
        return CameraState.RECORDING, "", ""
    return _unproven(at)


def _silent(at: Situation) -> bool:
    return at.now - at.source.grown_at > STALL_SECONDS


def _not_available(at: Situation) -> tuple[CameraState, str, str]:
    if at.note is not None and at.note.reason not in _OURS and at.note_age < max(at.now - at.source.down_at, 0) + 3:
        return CameraState.OFFLINE, at.note.reason.value, sentence(at.note.reason, logged(at.note.text))
    if at.now - at.source.down_at < OFFLINE_SECONDS or at.config_age < OFFLINE_SECONDS:
        return CameraState.WAITING, "", Said("connecting to the camera", SaidCode.CONNECTING)
    return CameraState.OFFLINE, GapReason.UNKNOWN.value, sentence(GapReason.UNKNOWN)


def _proven(at: Situation) -> bool:
    window = window_seconds(at.segment_seconds, at.proof.gop_us)
    if at.proof.received_at is not None:
        # what was closed before the stream came back proves nothing about now
        return at.proof.received_at >= at.source.up_at and at.now - at.proof.received_at <= window
    return at.proof.last_stop_us is not None and 0 <= at.now_us - at.proof.last_stop_us <= window * 1e6


def _unproven(at: Situation) -> tuple[CameraState, str, str]:
    window = window_seconds(at.segment_seconds, at.proof.gop_us)
    if at.now - _began(at) <= window:
        text = "the stream arrives; waiting for the first segment to be closed"
        return CameraState.WAITING, "", Said(text, SaidCode.FIRST_SEGMENT)
    reason = at.note.reason if at.note is not None and at.note_age < window else GapReason.WRITE_ERROR
    text = f"the stream arrives, yet no segment was closed: {sentence(reason)}"
    return CameraState.STALLED, reason.value, Said(text, SaidCode.NO_SEGMENT)


def _began(at: Situation) -> float:
    """When what is recorded began to arrive: without its sound it does so later, but not at any later time."""
    began = at.source.up_at
    if at.note is not None and at.note.reason in _OURS and at.note_age >= 0:
        # the stream went on arriving while recording was stopped from here
        began = max(began, at.now - at.note_age)
    return max(began, min(at.live.up_at, began + STRIP_SECONDS)) if at.stripping else began


def health(at: Situation, state: CameraState, reason: str, detail: str, since_us: int) -> CameraHealth:
    """The heartbeat's line."""
    return CameraHealth(
        camera_id=at.camera.id,
        state=state,
        reason=reason,
        since_us=since_us,
        last_stop_us=at.proof.last_stop_us,
        kbps=at.source.kbps,
        detail=retold(detail[:500], detail),
    )


def process_alarms(engine_up: bool, gate_up: bool) -> set[Alarm]:
    """Alarms of the two processes that the service depends on."""
    out = set() if engine_up else {Alarm.ENGINE_DOWN}
    return out if gate_up else out | {Alarm.GATE_DOWN}
