"""The recording side as the assembly and the ERP link see it: engine, intake, guard, health, jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from ..domain.config import CameraConfig, Configuration
from ..domain.event import Code, EventKind, Told
from ..domain.gap import GapReason
from ..domain.health import CameraHealth, CameraState, Health, ProcessHealth
from ..domain.job import Job, JobResult
from ..domain.ports import Worker, WorkerContext
from ..domain.pressure import Due, NothingDue
from ..domain.said import Said, SaidCode
from ..domain.times import DAY_US, Clock, ErpTime, SystemClock
from ..media.intake import Intake
from ..media.ledger import Ledger
from ..media.worker import Expectation, IntakeWorker
from ..ops.ballast import Ballasts, BallastSizes
from ..ops.clock import ClockWatch, offset_ms
from ..ops.gate import GateWorker
from ..ops.guard import GuardWorker, Sources
from ..ops.meter import Meter
from ..ops.pressure import Demand
from ..ops.versions import tool_version
from ..store.index import Index
from ..store.media_root import MediaRoot
from . import tracker as tracking
from .board import Board, State
from .control import EngineWorker
from .jobs import JobRunner
from .options import EngineOptions, GateOptions
from .paths import RAW_PREFIX
from .reasons import ReasonBook
from .secret import node_secret
from .tracker import Pauses, Proof, Situation, Tracker
from .volume import bind

_log = structlog.get_logger(__name__)

_GOOD = (CameraState.RECORDING, CameraState.WAITING)
_BAD = (CameraState.OFFLINE, CameraState.STALLED, CameraState.AUDIO_REFUSED)


class StateWorker:
    """Looks at the cameras' states, so that changes become events also while nobody asks for health."""

    name = "states"
    patience = 30.0

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look

    def run(self, ctx: WorkerContext) -> None:
        """Once a second until stopped."""
        while not ctx.wait(1.0):
            self._look()


class RecordingSide:
    """Implements `domain.ports.Recording`. Nothing starts in the constructor; `workers()` are to be supervised."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        index: Index,
        options: EngineOptions,
        gate: GateOptions,
        media: MediaRoot,
        versions: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        erp_time: ErpTime | None = None,
        ballast: BallastSizes | None = None,
        due: Due | None = None,
    ) -> None:
        self._index = index
        self._clock = clock or SystemClock()
        self._versions = dict(versions or {})
        self._options = options
        secret = node_secret(options.secret_file)
        self._board = Board()
        self._book = ReasonBook()
        self._tracker = Tracker()
        self._pauses = Pauses()
        steps = ClockWatch(self._clock)
        self._ledger = Ledger(index, self._book, steps)
        meter = Meter(index.hours, self._expected, self._tracker.lost)
        erp_us = (erp_time or ErpTime()).now_us
        self._intake = Intake(
            media.path, index, self._ledger, self._cameras, self._clock, meter.add, erp_us, media.ours
        )
        self._engine = EngineWorker(options, secret, self._board, index, self._book, self._tracker, self._clock)
        sizes = ballast or BallastSizes()
        self._guard = GuardWorker(
            media, index, self._board, steps, self._clock, lambda: bind(media, options.config_file),
            Ballasts(media.path, index.database.file.parent, sizes.media, sizes.index),
            Sources(meter, self._demands, due or NothingDue()),
        )  # fmt: skip
        self._gate = GateWorker(options, gate)
        self._intake_worker = IntakeWorker(
            media.path, index, self._intake, self._ledger, self._book, self._clock,
            usable=lambda: self._board.state().media_ok, rescan=self._take_rescan, expectations=self._expectations,
        )  # fmt: skip
        self._jobs = JobRunner(options, secret, self._cameras, self._book, self._tracker)
        self._lost: dict[str, int] = {}  # path to when that was told, in µs

    def workers(self) -> Sequence[Worker]:
        """Threads to supervise, in start order."""
        return (self._guard, self._engine, self._intake_worker, self._gate, StateWorker(self.health))

    def paths(self) -> dict[int, str]:
        """Camera id to path, for labels."""
        return {camera.id: camera.path for camera in self._cameras().values()}

    def apply(self, config: Configuration) -> None:
        """Take over a configuration; the engine's thread acts on it within a second."""
        self._index.present.note(config.by_path(), self._clock.now_us())
        self._board.configure(config, self._clock.monotonic(), self._clock.now_us())

    def run_job(self, job: Job) -> JobResult:
        """Do a job; bounded in time, never raises for a camera's trouble."""
        return self._jobs.run(job)

    def health(self) -> Health:
        """From memory and the index's totals."""
        state = self._board.state()
        cameras = tuple(self._camera_health(state, camera) for camera in state.cameras().values())
        alarms = set(state.alarms)
        engine = self._engine.engine
        up = engine.info is not None and not engine.down
        alarms |= tracking.process_alarms(up, self._gate.up)
        return Health(
            versions=self._all_versions(),
            disk=self._guard.disk(),
            engine=ProcessHealth(up, engine.info.started_us if up and engine.info else None),
            gate=ProcessHealth(self._gate.up, self._gate.started_us),
            recording=any(c.state is CameraState.RECORDING for c in cameras),
            cameras=cameras,
            alarms=frozenset(alarms),
            clock_offset_ms=offset_ms(),
        )

    def _all_versions(self) -> dict[str, str]:
        info = self._engine.engine.info
        return {
            **self._versions,
            "mediamtx": info.version if info else "",
            "ffmpeg": tool_version(self._options.ffmpeg),
        }

    def _cameras(self) -> Mapping[str, CameraConfig]:
        return self._board.state().cameras()

    def _demands(self) -> list[Demand]:
        """What the cameras that should record ask of the disk, by their newest segments."""
        return [Demand(c.path, c.id, c.priority, self._rate(c.path)) for c in self._cameras().values() if c.record]

    def _rate(self, path: str) -> float | None:
        facts = self._intake.facts(path)
        return facts.bytes * 1e6 / facts.duration_us if facts else None

    def _expected(self) -> frozenset[str]:
        """Cameras without which a minute says nothing of the node's rate. One that is broken for a day is not missed;
        one that is held back by us will return.
        """
        state, now_us = self._board.state(), self._clock.now_us()
        recent = now_us - DAY_US
        return frozenset(
            c.path
            for c in state.cameras().values()
            if c.record and (state.stop_of(c.path) or (self._index.segments.last_stop(c.path) or 0) > recent)
        )

    def _take_rescan(self) -> bool:
        asked = self._board.rescan.is_set()
        self._board.rescan.clear()
        return asked

    def _source(self, camera: CameraConfig) -> str:
        """Name of the path that pulls the camera."""
        return RAW_PREFIX + camera.path if self._engine.stripped(camera) else camera.path

    def _camera_health(self, state: State, camera: CameraConfig) -> CameraHealth:
        at = self._situation(state, camera)
        status, reason, detail = self._judge(at)
        since, before = self._tracker.settle(camera.path, status, reason, at.now_us)
        if before is not None:
            text = f"{reason}: {detail}" if reason else detail
            code = Code.SOUND_REFUSED if status is CameraState.AUDIO_REFUSED else Code.CAMERA_LOST
            self._changed(camera, before, status, Told(text, code, {"reason": reason} if reason else {}))
        return tracking.health(at, status, reason, detail, since)

    def _judge(self, at: Situation) -> tuple[CameraState, str, str]:
        """The state now; a good one stays while nothing but a pause of this process speaks against it."""
        self._pauses.look(at.now)
        found = tracking.assess(at)
        before = self._tracker.state(at.camera.path)
        if before in _GOOD and found[0] in _BAD and self._pauses.doubts(found[0], at):
            return before, "", ""
        return found

    def _situation(self, state: State, camera: CameraConfig) -> Situation:
        now, now_us = self._clock.monotonic(), self._clock.now_us()
        last_stop_us = self._index.segments.last_stop(camera.path)
        facts = self._intake.facts(camera.path)
        note = self._book.latest(camera.path)
        engine = self._engine.engine
        stop = state.stop_of(camera.path)
        hold = (stop.reason, stop.words) if stop else None
        if state.guarded and not state.media_ok:
            text = "the media volume is missing or not this node's"
            hold = (GapReason.WRITE_ERROR, Said(text, SaidCode.VOLUME_GONE))
        return Situation(
            camera=camera,
            live=self._tracker.live(camera.path),
            source=self._tracker.live(self._source(camera)),
            proof=Proof(self._intake.received(camera.path), last_stop_us, facts.gop_us if facts else None),
            note=note,
            note_age=(now_us - note.at_us) / 1e6 if note else 0.0,
            hold=hold,
            refused=engine.refused.get(camera.path, ""),
            stripping=self._engine.stripped(camera),
            engine_up=engine.info is not None and not engine.down,
            config_age=now - state.since[camera.path].at,
            caught_up_at=self._intake_worker.caught_up_at,
            segment_seconds=state.config.node.segment_seconds if state.config else 60,
            now=now,
            now_us=now_us,
        )

    def _changed(self, camera: CameraConfig, before: CameraState, after: CameraState, told: Told) -> None:
        if before is not after:
            _log.info("camera state", camera=camera.path, before=before.value, after=after.value, detail=told.text)
        kind, at_us = None, self._clock.now_us()
        if after is CameraState.AUDIO_REFUSED:
            kind = EventKind.AUDIO_REFUSED
        elif before in _GOOD and after in _BAD:
            kind = EventKind.SOURCE_LOST
            self._lost[camera.path] = at_us
        elif after is CameraState.RECORDING and camera.path in self._lost:
            kind, told = EventKind.SOURCE_BACK, Told("the camera is recorded again", Code.CAMERA_BACK)
            at_us = min(self._index.segments.starts(camera.path, self._lost.pop(camera.path), at_us), default=at_us)
        if kind is not None:
            self._index.events.add(told.event(at_us, kind, camera.id))

    def _expectations(self) -> Mapping[str, Expectation] | None:
        state = self._board.state()
        if state.config is None:
            return None
        seconds = state.config.node.segment_seconds
        return {c.path: self._expectation(state, c, seconds) for c in state.cameras().values()}

    def _expectation(self, state: State, camera: CameraConfig, segment_seconds: int) -> Expectation:
        facts = self._intake.facts(camera.path)
        live = self._tracker.live(camera.path)
        now = self._clock.monotonic()
        since = state.since[camera.path]
        down_for = 0.0
        # an engine that is away closes nothing; its files' writers are gone, which the scan sees
        if not live.available and live.down_at and now - since.at > tracking.OFFLINE_SECONDS:
            down_for = now - live.down_at
        window = tracking.window_seconds(segment_seconds, facts.gop_us if facts else None)
        if live.available:
            # a stream that stalls leaves its file open until the engine gives it up; where the gap starts is known then
            window += self._options.read_timeout
        stop = state.stop_of(camera.path)
        held = stop.reason if stop else None
        if state.guarded and not state.media_ok:
            held = GapReason.WRITE_ERROR
        return Expectation(camera, since.us, window, down_for, held)
