"""From a file on disk to its row: judge, take sound out, seal, hash, index. One thread only."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..domain.config import AudioMode, CameraConfig, StreamSource
from ..domain.event import Event, EventKind
from ..domain.segment import Segment, SegmentState, SegmentStatus, segment_file, start_from_name
from ..domain.times import DAY_US, Clock, to_datetime, utc_day
from ..store.files import fsync_dir
from ..store.index import Index
from .accept import Judgement, Verdict, judge
from .boxes import Walk
from .ledger import Ledger
from .mute import mute
from .seal import seal, sha256

_log = structlog.get_logger(__name__)

_EARLIEST_US = 1_577_836_800_000_000  # 2020-01-01: an earlier time means a clock that was never set


@dataclass(frozen=True, slots=True)
class Facts:
    """What the newest segment told of a camera's stream. `gop_us`: mean distance of key frames."""

    codec: str
    width: int
    height: int
    gop_us: int
    reordered: bool
    bytes: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class Scan:
    """Outcome of one look at a camera's folder."""

    added: int = 0
    growing: bool = False


class Intake:
    """Takes closed files below `root` into the index, in the order in which they were recorded.

    `taken` hears of each one afterwards; `erp_us()`: the ERP's time, or None when it is not known.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        root: Path,
        index: Index,
        ledger: Ledger,
        cameras: Callable[[], Mapping[str, CameraConfig]],
        clock: Clock,
        taken: Callable[[Segment], None] = lambda _segment: None,
        erp_us: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._root = root
        self._index = index
        self._ledger = ledger
        self._cameras = cameras
        self._clock = clock
        self._erp_us = erp_us
        self._taken = taken
        self._settled: set[str] = set()
        self._facts: dict[str, Facts] = {}
        self._receipts: dict[str, float] = {}

    def facts(self, path: str) -> Facts | None:
        """What the newest segment of a camera told."""
        return self._facts.get(path)

    def received(self, path: str) -> float | None:
        """When (monotonic seconds) a segment of a camera was last indexed by this process."""
        return self._receipts.get(path)

    def days(self, path: str) -> list[str]:
        """The day folders of a camera, oldest first."""
        try:
            return sorted(e.name for e in (self._root / path).iterdir() if e.is_dir() and len(e.name) == 10)
        except OSError:
            return []

    def open_days(self) -> tuple[str, ...]:
        """Days that files may still arrive in: yesterday, today and (a clock ahead) tomorrow, UTC."""
        now = self._clock.now_us()
        return tuple(utc_day(now + shift * DAY_US) for shift in (-1, 0, 1))

    def paths(self) -> list[str]:
        """Folders of cameras below the root, whether configured or not."""
        try:
            return sorted(e.name for e in self._root.iterdir() if e.is_dir() and not e.name.startswith("."))
        except OSError:
            return []

    def scan(self, path: str, days: tuple[str, ...] | list[str] | None = None) -> Scan:
        """Index every closed file of a camera that is not indexed yet (`days` None = all)."""
        camera = self._camera(path)
        if camera is None:
            return Scan()
        found: list[tuple[Path, Judgement]] = []
        growing = False
        for day in self.days(path) if days is None else days:
            for file in self._unknown(path, day):
                judged = self._judge(file)
                if judged is None:
                    continue
                if judged.verdict is Verdict.GROWING:
                    growing = True
                elif judged.verdict is Verdict.SEGMENT:
                    found.append((file, judged))
                else:
                    self._put_aside(camera, file, judged)
        added = sum(self._take(camera, file, judged) for file, judged in _in_order(found))
        return Scan(added, growing)

    def _camera(self, path: str) -> CameraConfig | None:
        camera = self._cameras().get(path)
        if camera is not None:
            return camera
        # a camera that left: what it recorded before still gets its rows
        last = self._index.segments.last(path)
        return _former(last) if last else None

    def _unknown(self, path: str, day: str) -> list[Path]:
        folder = self._root / path / day
        try:
            files = sorted(e for e in folder.iterdir() if e.name.endswith(".mp4") and str(e) not in self._settled)
        except OSError:
            return []
        if not files:
            return []
        starts = [s for s in (start_from_name(f.name) for f in files) if s is not None]
        known = self._index.segments.starts(path, min(starts), max(starts) + 1) if starts else {}
        return [f for f in files if start_from_name(f.name) not in known]

    def _judge(self, file: Path) -> Judgement | None:
        try:
            return judge(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.error("segment cannot be read", file=str(file), error=error.strerror)
            return None

    def _take(self, camera: CameraConfig, file: Path, judged: Judgement) -> int:
        try:
            return self._take_in(camera, file, judged)
        except sqlite3.IntegrityError as error:
            self._settled.add(str(file))
            self._event(camera, EventKind.INTEGRITY, f"{self._relative(file)}: {error}")
        except (OSError, sqlite3.OperationalError, struct.error) as error:
            # tried again by the next scan
            _log.error("segment cannot be taken in", file=str(file), error=str(error))
        return 0

    def _take_in(self, camera: CameraConfig, file: Path, judged: Judgement) -> int:
        events = list(self._remarks(camera, file, judged))
        if judged.walk.has_audio and camera.audio is AudioMode.STRIP:
            wiped = mute(file)
            text = f"{self._relative(file)}: {wiped} bytes of sound were erased before it was stored"
            events.append(self._make_event(camera, EventKind.AUDIO_REFUSED, text))
        segment = self._segment(camera, file, judged).advance(SegmentState.CLOSED)
        seal(file)
        segment = segment.advance(SegmentState.SEALED)
        digest, size = sha256(file)
        segment = segment.advance(SegmentState.HASHED, sha256=digest, bytes=size)
        self._ledger.admit(segment, self._seen_us(), tuple(events))
        self._taken(segment)
        if segment.file != segment_file(segment.path, segment.start_us):
            self._settled.add(str(file))
        self._learn(camera.path, judged.walk, size)
        return 1

    def _seen_us(self) -> int:
        """Footage is kept from when it was first seen, by whichever clock is ahead."""
        return max(self._clock.now_us(), self._erp_us() or 0)

    def _segment(self, camera: CameraConfig, file: Path, judged: Judgement) -> Segment:
        mark = judged.walk.mtxi
        assert mark is not None
        start = mark.ntp_ns // 1000
        return Segment(
            camera_id=camera.id,
            path=camera.path,
            start_us=start,
            # a file without one whole part still occupies its instant
            stop_us=start + max(judged.walk.duration_us, 1),
            bytes=judged.walk.size,
            run=mark.run,
            number=mark.number,
            status=judged.status,
            test=camera.test,
            file=self._relative(file),
        )

    def _remarks(self, camera: CameraConfig, file: Path, judged: Judgement) -> list[Event]:
        out: list[Event] = []
        name = self._relative(file)
        mark = judged.walk.mtxi
        start = mark.ntp_ns // 1000 if mark else 0
        if judged.status is not SegmentStatus.OK:
            out.append(self._make_event(camera, EventKind.INTEGRITY, f"{name} is {judged.status}: {judged.why}"))
        if start_from_name(file.name) != start or file.parent.name != utc_day(start):
            text = f"{name}: its name is not its time; it was recorded at {to_datetime(start).isoformat()}"
            out.append(self._make_event(camera, EventKind.INTEGRITY, text))
        if not _EARLIEST_US <= start <= self._clock.now_us() + DAY_US:
            text = f"{name}: recorded with a clock that was wrong ({to_datetime(start).isoformat()})"
            out.append(self._make_event(camera, EventKind.CLOCK_STEP, text))
        return out

    def _put_aside(self, camera: CameraConfig, file: Path, judged: Judgement) -> None:
        """An empty file goes (the only one that ever does); a foreign one stays where it is, told of once."""
        name = self._relative(file)
        if judged.verdict is Verdict.EMPTY:
            file.unlink(missing_ok=True)
            fsync_dir(file.parent)
            self._event(camera, EventKind.INTEGRITY, f"{name} was empty (disk full?) and is removed")
            return
        self._settled.add(str(file))
        if self._index.meta(f"foreign:{name}") is None:
            self._index.set_meta(f"foreign:{name}", judged.why)
            self._event(camera, EventKind.INTEGRITY, f"{name} is not a segment: {judged.why}; left as it is")

    def _learn(self, path: str, walk: Walk, size: int) -> None:
        self._receipts[path] = self._clock.monotonic()
        video = walk.video
        if video is None or walk.parts == 0:
            return
        gop = walk.duration_us // max(walk.sync_samples, 1)
        self._facts[path] = Facts(
            video.codec, video.width, video.height, gop, walk.reordered, size, max(walk.duration_us, 1)
        )

    def _relative(self, file: Path) -> str:
        return str(file.relative_to(self._root))

    def _make_event(self, camera: CameraConfig, kind: EventKind, detail: str) -> Event:
        _log.warning(detail, kind=kind.value, camera=camera.path)
        return Event(self._clock.now_us(), kind, camera.id, detail)

    def _event(self, camera: CameraConfig, kind: EventKind, detail: str) -> None:
        self._index.events.add(self._make_event(camera, kind, detail))


def _in_order(found: list[tuple[Path, Judgement]]) -> list[tuple[Path, Judgement]]:
    """Runs by their first segment's time, inside a run by number: a clock set back must not turn the order round."""
    first: dict[str, int] = {}
    for _, judged in found:
        mark = judged.walk.mtxi
        if mark:
            first[mark.run] = min(first.get(mark.run, mark.ntp_ns), mark.ntp_ns)

    def key(item: tuple[Path, Judgement]) -> tuple[int, str, int]:
        mark = item[1].walk.mtxi
        return (first[mark.run], mark.run, mark.number) if mark else (0, "", 0)

    return sorted(found, key=key)


def _former(last: Segment) -> CameraConfig:
    return CameraConfig(
        id=last.camera_id, path=last.path, code="", name="", record=False, main=StreamSource(""), test=last.test
    )
