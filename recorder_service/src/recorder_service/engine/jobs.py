"""Jobs of the ERP: measure a stream, take a picture.

The programs never see a camera's password: they read from the engine on loopback, either the path that records the
camera anyway (no second session at the camera) or a temporary path that the Control API is given the address of.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..domain.config import CameraConfig, StreamSource, Transport
from ..domain.gap import GapReason
from ..domain.job import Job, JobKind, JobResult, JobState
from ..domain.said import Said, SaidCode, SaidError, coded
from ..domain.secret import Secret
from ..media.probe import ProbeError, probe
from ..media.snapshot import SnapshotError, snapshot
from .client import EngineApi, EngineDownError, EngineError, EngineRefusedError
from .options import EngineOptions
from .paths import RAW_PREFIX, TRIAL_PREFIX, address_problem, source_url
from .reasons import ReasonBook
from .secret import loopback_url, node_secret, trial_login, view_login
from .tracker import Tracker
from .words import logged, refuses, sentence

_CONNECT_SECONDS = 12.0
_READ_SECONDS = 25.0


class JobError(SaidError):
    """A job failed for a reason that people can act on."""

    def __init__(self, reason: GapReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class JobRunner:
    """One job at a time."""

    def __init__(
        self,
        options: EngineOptions,
        secret: Secret,
        cameras: Callable[[], Mapping[str, CameraConfig]],
        book: ReasonBook,
        tracker: Tracker,
    ) -> None:
        self._options = options
        self._secret = secret
        self._cameras = cameras
        self._book = book
        self._tracker = tracker

    def run(self, job: Job) -> JobResult:
        """A stream that cannot be read is a *done* test that says why; a picture that cannot be taken has failed."""
        try:
            if job.kind is JobKind.TEST_STREAM:
                return JobResult(job.id, JobState.DONE, self._test(job))
            return JobResult(job.id, JobState.DONE, self._snapshot(job))
        except JobError as error:
            why = {"reason": error.reason.value, "message": str(error), **coded(error.said)}
            if job.kind is JobKind.TEST_STREAM:
                return JobResult(job.id, JobState.DONE, {"ok": False, **why})
            return JobResult(job.id, JobState.FAILED, why, str(error))

    def _test(self, job: Job) -> dict[str, Any]:
        with self._readable(job) as url:
            try:
                facts = probe(self._options.ffprobe, url, _READ_SECONDS)
            except ProbeError as error:
                raise JobError(GapReason.UNKNOWN, error.said) from None
        names = ("codec", "width", "height", "fps", "kbps", "keyframe_seconds", "has_b_frames", "audio")
        return {"ok": True, **{n: getattr(facts, n) for n in names}, "reason": "", "message": "the stream is readable"}

    def _snapshot(self, job: Job) -> dict[str, Any]:
        width = min(max(int(job.params.get("max_width") or 1280), 16), 3840)
        with self._readable(job) as url:
            try:
                picture = snapshot(self._options.ffmpeg, url, width, _READ_SECONDS)
            except SnapshotError as error:
                raise JobError(GapReason.UNKNOWN, error.said) from None
        return {
            "jpeg_base64": base64.b64encode(picture.jpeg).decode("ascii"),
            "sha256": hashlib.sha256(picture.jpeg).hexdigest(),
            "taken_us": str(time.time_ns() // 1000),
            "width": picture.width,
            "height": picture.height,
        }

    @contextlib.contextmanager
    def _readable(self, job: Job) -> Iterator[str]:
        camera = next((c for c in self._cameras().values() if c.id == job.camera_id), None)
        name = self._recorded(camera, job.params)
        if name is not None:
            yield self._url(name)
            return
        with self._trial(self._address(camera, job.params)) as trial:
            yield self._url(trial)

    def _recorded(self, camera: CameraConfig | None, params: Mapping[str, Any]) -> str | None:
        """The path that pulls the camera's main stream already, if the job may use it."""
        if camera is None or params.get("url") or params.get("which", "main") != "main":
            return None
        for name in (RAW_PREFIX + camera.path, camera.path):
            if self._tracker.live(name).available:
                return name
        return None

    def _address(self, camera: CameraConfig | None, params: Mapping[str, Any]) -> StreamSource:
        if params.get("url"):
            source = StreamSource(
                str(params["url"]),
                str(params.get("user") or ""),
                Secret(str(params.get("password") or "")),
                Transport(str(params.get("transport") or "tcp")),
            )
        elif camera is None:
            said = Said("this node does not know the camera yet", SaidCode.CAMERA_UNKNOWN)
            raise JobError(GapReason.UNKNOWN, said)
        else:
            chosen = camera.sub if params.get("which") == "sub" else camera.main
            if chosen is None:
                raise JobError(GapReason.NOT_FOUND, Said("the camera has no sub-stream", SaidCode.NO_SUBSTREAM))
            source = chosen
        wrong = address_problem(source)
        if wrong:
            raise JobError(GapReason.UNKNOWN, wrong)
        return source

    @contextlib.contextmanager
    def _trial(self, source: StreamSource) -> Iterator[str]:
        name = TRIAL_PREFIX + secrets.token_hex(6)
        api = EngineApi(self._options.api_url, self._secret)
        try:
            self._add(api, name, source)
            self._connected(api, name, source)
            yield name
        except EngineDownError:
            said = Said("the recording engine is not running", SaidCode.ENGINE_AWAY)
            raise JobError(GapReason.ENGINE_RESTART, said) from None
        finally:
            with contextlib.suppress(EngineError):
                api.delete(name)
            api.close()

    def _add(self, api: EngineApi, name: str, source: StreamSource) -> None:
        body = {"source": source_url(source), "rtspTransport": source.transport.value, "record": False}
        try:
            api.replace(name, body)
        except EngineRefusedError as error:
            said = refuses(str(error), "the engine refuses the address: ")
            raise JobError(GapReason.UNKNOWN, said) from None

    def _connected(self, api: EngineApi, name: str, source: StreamSource) -> None:
        deadline = time.monotonic() + _CONNECT_SECONDS
        while time.monotonic() < deadline:
            live = api.live_paths().get(name)
            if live is not None and live.available:
                return
            if live is None:
                # a reload of engine.yml took it away
                self._add(api, name, source)
            note = self._book.latest(name)
            if note is not None:
                raise JobError(note.reason, sentence(note.reason, logged(note.text)))
            time.sleep(0.2)
        raise JobError(GapReason.TIMEOUT, sentence(GapReason.TIMEOUT))

    def _url(self, name: str) -> str:
        media = node_secret(self._options.media_secret_file)
        tried = name.startswith(TRIAL_PREFIX)
        login = trial_login(media) if tried else view_login(media, name.removeprefix(RAW_PREFIX))
        return loopback_url(self._options.rtsp_port, name, login)
