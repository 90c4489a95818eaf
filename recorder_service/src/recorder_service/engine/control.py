"""The engine's thread: follow the process, its log and its paths, and keep it as planned."""

from __future__ import annotations

import math
import re
import sqlite3
from dataclasses import dataclass, field, replace

import structlog

from ..domain.config import AudioMode, CameraConfig
from ..domain.event import Code, EventKind, Told
from ..domain.gap import GapReason
from ..domain.ports import WorkerContext
from ..domain.secret import Secret
from ..domain.times import Clock
from ..logs import redact
from ..store.index import Index
from .board import Board, State
from .client import EngineApi, EngineDownError, EngineError, EngineInfo, LivePath
from .hosts import hostless
from .log import LogTail, parse
from .options import EngineOptions
from .paths import RAW_PREFIX, PathPlan, Sound, plan, problem
from .reasons import ReasonBook, classify
from .reconcile import Outcome, Reconciler
from .secret import node_secret
from .sound import SoundBook, engine_tells, hears
from .tracker import Tracker

_log = structlog.get_logger(__name__)

_STARTED = re.compile(r"MediaMTX v\d")
_VERIFY_SECONDS = 15.0
_FAST_SECONDS = 0.5
_WORDS = 200
_READ = 2000  # characters of a line of the log that are looked at
#: ffmpeg ends within a moment when its source does.
_STRANGE_SECONDS = 5.0


@dataclass(slots=True)
class Engine:
    """What is known of the process. `info` None while it is down; `refused`: camera path to the engine's words."""

    info: EngineInfo | None = None
    down: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    file_refused: str = ""


class EngineWorker:
    """A worker of the recording side; its own API session."""

    name = "engine"
    patience = 60.0

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        options: EngineOptions,
        secret: Secret,
        board: Board,
        index: Index,
        book: ReasonBook,
        tracker: Tracker,
        clock: Clock,
        poll: float = 1.0,
    ) -> None:
        self.engine = Engine()
        self._options = options
        self._secret = secret
        self._board = board
        self._index = index
        self._book = book
        self._tracker = tracker
        self._clock = clock
        self._poll = poll
        self._api = EngineApi(options.api_url, secret)
        self._sounds = SoundBook(index)
        self._reconciler = Reconciler(self._api, options, secret)
        self._tail = LogTail(options.log_file)
        self._planned: tuple[dict[str, PathPlan], int] | None = None
        self._previous: State = board.state()
        self._verified_at = 0.0
        self._strange: dict[str, float] = {}
        self._volume_gone = False

    def run(self, ctx: WorkerContext) -> None:
        """Tick until stopped: one poll a `poll` seconds, faster while something is about to change."""
        while not ctx.stopping:
            ctx.beat()
            busy = self.tick()
            self._board.wake_engine.wait(_FAST_SECONDS if busy else self._poll)
            self._board.wake_engine.clear()
        self._tail.close()

    def stripped(self, camera: CameraConfig) -> bool:
        """True when the camera is recorded over a stream without its sound."""
        return camera.audio is AudioMode.STRIP and self._sounds.of(camera) is Sound.PRESENT

    def tick(self) -> bool:
        """One round; True when the next should come soon."""
        self._read_log()
        state = self._board.state()
        try:
            self._follow(self._api.info())
            live = self._api.live_paths()
        except EngineError as error:
            self._lost(error)
            live = {}
        self._note_volume(state)
        self._tracker.feed(live, self._clock.monotonic())
        self._recall(state, live)
        self._listen(state, live)
        self._guard_stripped(state, live)
        return self._keep(state)

    def _read_log(self) -> None:
        for text in self._tail.read():
            line = parse(text)
            if line.at_us is not None and _STARTED.match(line.text):
                # each start, also those that this process missed while it was held
                self._book.note_all(line.at_us, GapReason.ENGINE_RESTART, "the engine was started")
            reason = classify(line)
            if reason is not None:
                path = line.path.removeprefix(RAW_PREFIX)
                self._book.note(
                    path, line.at_us or self._clock.now_us(), reason, hostless(redact(line.text[:_READ]))[:_WORDS]
                )

    def _note_volume(self, state: State) -> None:
        """When the media volume goes and when it comes: an engine that starts in between has nowhere to record."""
        gone = state.guarded and not state.media_ok
        if gone != self._volume_gone:
            self._volume_gone = gone
            self._book.note_all(self._clock.now_us(), GapReason.WRITE_ERROR, "the media volume was missing")

    def _follow(self, info: EngineInfo) -> None:
        before = self.engine.info
        if before is None or before.started_us != info.started_us:
            self._book.note_all(info.started_us, GapReason.ENGINE_RESTART, "the engine was started")
            self._board.rescan.set()
            self._planned = None
        if self.engine.down or (before is not None and before.started_us != info.started_us):
            told = Told(f"MediaMTX {info.version} records again", Code.ENGINE_UP, {"version": info.version})
            self._event(EventKind.ENGINE_UP, told)
        self.engine.info, self.engine.down = info, False

    def _lost(self, error: EngineError) -> None:
        if not self.engine.down:
            self._event(EventKind.ENGINE_DOWN, Told(str(error), Code.ENGINE_DOWN))
        self.engine.down = True
        self._planned = None

    def _recall(self, state: State, live: dict[str, LivePath]) -> None:
        """Before the first plan: an index that was made anew has lost the sounds, yet the engine may record rightly."""
        unknown = [c for c in state.cameras().values() if self._sounds.of(c) is Sound.UNKNOWN]
        if self._planned is not None or self.engine.down or not unknown:
            return
        try:
            configured = self._api.configured_paths()
        except EngineError:
            return
        for camera in unknown:
            sound = engine_tells(camera, configured, live)
            if sound is not Sound.UNKNOWN:
                self._sounds.learn(camera, sound)

    def _listen(self, state: State, live: dict[str, LivePath]) -> None:
        """Learn from the tracks which cameras send sound."""
        for camera in state.cameras().values():
            path = live.get(RAW_PREFIX + camera.path) or live.get(camera.path)
            if path is None or not path.available or not path.codecs or self.stripped(camera):
                continue
            if not self._planned or self._planned[0].get(camera.path) is None:
                continue
            if RAW_PREFIX + camera.path in self._planned[0]:
                continue
            sound = Sound.PRESENT if hears(path) else Sound.SILENT
            if self._sounds.learn(camera, sound):
                _log.info("sound of a camera", camera=camera.path, sound=sound.value)

    def _guard_stripped(self, state: State, live: dict[str, LivePath]) -> None:
        """Pictures on a camera's path while nothing comes from the camera are not the camera's. Only a process of the
        engine's own user can send some.
        """
        now = self._clock.monotonic()
        for camera in state.cameras().values():
            own, raw = live.get(camera.path), live.get(RAW_PREFIX + camera.path)
            if not self.stripped(camera) or own is None or not own.available or (raw is not None and raw.available):
                self._strange.pop(camera.path, None)
                continue
            since = self._strange.setdefault(camera.path, now)
            if 0 <= now - since < _STRANGE_SECONDS:
                continue
            self._strange[camera.path] = math.inf
            if since < math.inf:
                text = f"{camera.path}: pictures arrive that are not the camera's, which is away; they are recorded"
                self._event(EventKind.INTEGRITY, Told(text, Code.STRANGE_PICTURES), camera.path)

    def _keep(self, state: State) -> bool:
        if state.config is None or not state.guarded:
            return False
        sounds = {path: self._sounds.of(camera) for path, camera in state.cameras().items()}
        media = node_secret(self._options.media_secret_file)
        paths = plan(state.config.cameras, sounds, state.stopped(), self._options)
        wanted = (paths, state.config.node.segment_seconds)
        now = self._clock.monotonic()
        same = wanted == self._planned and state.generation == self._previous.generation
        if same and now - self._verified_at < _VERIFY_SECONDS and not self._reconciler.disturbed():
            self._board.obeyed(state.stopped())
            return any(s is Sound.UNKNOWN for s in sounds.values()) and not self.engine.down
        if not self._reconciler.ready:
            return True
        self._apply(state, wanted, media, now)
        return True

    def _apply(self, state: State, wanted: tuple[dict[str, PathPlan], int], media: Secret, now: float) -> None:
        before, self._previous = self._previous, state
        verifying = wanted == self._planned
        self._board.resuming(state.stopped())
        try:
            outcome = self._reconciler.apply(*wanted, media)
        except EngineDownError:
            return
        if verifying and outcome.touched:
            _log.warning("the engine had lost paths", paths=sorted(outcome.touched))
        self._explain(before, state, outcome, wanted)
        self._report(wanted[0], outcome)
        self._planned, self._verified_at = wanted, now
        self._board.obeyed(state.stopped())

    def _explain(self, before: State, state: State, outcome: Outcome, wanted: tuple[dict[str, PathPlan], int]) -> None:
        now_us = self._clock.now_us()
        old = before.config
        if old is not None and old.node.segment_seconds != wanted[1]:
            self._book.note_all(now_us, GapReason.CONFIG_CHANGE, "the segment length was changed")
        for name in outcome.touched:
            path = name.removeprefix(RAW_PREFIX)
            reason = self._own_reason(state, path)
            self._book.note(path, now_us, reason, "")

    def _own_reason(self, state: State, path: str) -> GapReason:
        camera = state.cameras().get(path)
        if camera is not None and not camera.record:
            return GapReason.SUSPENDED
        stop = state.stop_of(path)
        if stop is not None:
            return stop.reason
        return GapReason.WRITE_ERROR if not state.media_ok else GapReason.CONFIG_CHANGE

    def _report(self, paths: dict[str, PathPlan], outcome: Outcome) -> None:
        refused = {paths[name].camera: words for name, words in outcome.refused.items()}
        for camera in self._board.state().cameras().values():
            wrong = problem(camera.path, camera.main) if camera.record else ""
            if wrong:
                refused[camera.path] = wrong
        for path, words in refused.items():
            if self.engine.refused.get(path) != words:
                told = Told(f"{path} cannot be recorded: {words}", Code.CAMERA_REFUSED)
                self._event(EventKind.CONFIG_REFUSED, told, path)
        self.engine.refused = refused
        if outcome.file_news:
            text = f"engine.yml is kept as it was: {hostless(outcome.file_refused)}"
            self._event(EventKind.CONFIG_REFUSED, Told(text, Code.ENGINE_FILE_REFUSED))
        self.engine.file_refused = outcome.file_refused

    def _event(self, kind: EventKind, told: Told, path: str = "") -> None:
        camera = self._board.state().cameras().get(path)
        told = replace(told, text=redact(told.text))
        _log.warning(told.text, kind=kind.value)
        try:
            self._index.events.add(told.event(self._clock.now_us(), kind, camera.id if camera else None))
        except sqlite3.OperationalError as error:
            # the engine is kept as planned all the same
            _log.error("event is lost", error=str(error))
