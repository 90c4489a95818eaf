"""From a file on disk to its row: judge, take sound out, seal, hash, index. One thread only."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from ..domain.config import AudioMode, CameraConfig, StreamSource
from ..domain.event import Event, EventKind
from ..domain.segment import Segment, SegmentState, SegmentStatus, segment_file, start_from_name
from ..domain.times import DAY_US, Clock, day_start_us, to_datetime, utc_day
from ..store.database import DatabaseError
from ..store.files import fsync_dir
from ..store.index import Index
from .accept import Judgement, Verdict, judge
from .boxes import Walk
from .ledger import Ledger
from .mute import mute
from .seal import UnsyncedError, seal, sha256
from .trouble import Troubles

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_TURN = 100
_THERE = (SegmentStatus.OK, SegmentStatus.RECOVERED, SegmentStatus.DAMAGED)
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
    """Outcome of one look at a camera's folder. `more`: it ended early, so that other cameras have their turn."""

    added: int = 0
    growing: bool = False
    more: bool = False


class Held(Enum):
    """What becomes of a file that is not taken in: later ones of its camera wait for it, or need not."""

    BACK = "back"
    ASIDE = "aside"


class Intake:
    """Takes closed files below `root` into the index, in the order in which they were recorded.

    `taken` hears of each one afterwards; `erp_us()`: the ERP's time, or None when it is not known. `verified()`: the
    media root is there and ours at this moment; without that no file is called missing.
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
        verified: Callable[[], bool] = lambda: False,
    ) -> None:
        #: called for each file, lest a long look count as a hung thread
        self.beat: Callable[[], None] = lambda: None
        self._root = root
        self._index = index
        self._ledger = ledger
        self._cameras = cameras
        self._clock = clock
        self._erp_us = erp_us
        self._taken = taken
        self._verified = verified
        self._settled: set[str] = set()
        self._troubles = Troubles(clock)
        self._facts: dict[str, Facts] = {}
        self._receipts: dict[str, float] = {}
        self._audio: dict[str, AudioMode] = {}

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

    def _all_days(self, path: str) -> list[str]:
        """Those on disk and those that have rows: a folder may have been taken away."""
        return sorted({*self._index.segments.days_of(path), *self.days(path)})

    def open_days(self) -> tuple[str, ...]:
        """Days that files may still arrive in: yesterday, today and (a clock ahead) tomorrow, UTC."""
        now = self._clock.now_us()
        return tuple(utc_day(now + shift * DAY_US) for shift in (-1, 0, 1))

    def paths(self) -> list[str]:
        """Folders of cameras below the root, whether configured or not, and those that should be there."""
        try:
            found = {e.name for e in self._root.iterdir() if e.is_dir() and not e.name.startswith(".")}
        except OSError:
            return []
        return sorted(found.union(self._index.segments.paths()))

    def scan(self, path: str, days: tuple[str, ...] | list[str] | None = None) -> Scan:
        """Index closed files of a camera that are not indexed yet (`days` None = all), at most `_TURN` of them."""
        camera = self._camera(path)
        if camera is None:
            return Scan()
        found: list[tuple[Path, Judgement]] = []
        growing = more = False
        for file in self._unknown_files(camera, path, days):
            if len(found) == _TURN:
                more = True
                break
            self.beat()
            judged = self._guarded(camera, file, judge)
            if judged is Held.BACK:
                break
            if isinstance(judged, Held):
                continue
            if judged.verdict is Verdict.GROWING:
                growing = True
            elif judged.verdict is Verdict.SEGMENT:
                found.append((file, judged))
            else:
                self._guarded(camera, file, partial(self._put_aside, camera, judged))
        added = self._take_all(camera, found)
        return Scan(added, growing, more and added > 0)

    def _unknown_files(
        self, camera: CameraConfig, path: str, days: tuple[str, ...] | list[str] | None
    ) -> Iterator[Path]:
        for day in self._all_days(path) if days is None else days:
            yield from self._unknown(camera, path, day)

    def _take_all(self, camera: CameraConfig, found: list[tuple[Path, Judgement]]) -> int:
        """Take in what was found, in order, up to the first that has to wait."""
        added = 0
        for file, judged in _in_order(found):
            self.beat()
            taken = self._guarded(camera, file, partial(self._take_in, camera, judged))
            if taken is Held.BACK:
                break
            if not isinstance(taken, Held):
                added += taken
                self._troubles.over(file)
        return added

    def _watch_over(self, camera: CameraConfig, day: str, starts: list[int]) -> None:
        """Rows of a day without a file of their name: those whose file is gone, though nobody deleted it, say so."""
        absent = [segment for segment in self._rows(camera.path, starts) if self._is_gone(segment)]
        # the disk may have gone as a whole; what is absent while it is there, is absent
        if not absent or not self._verified():
            return
        lost = [s for s in absent if self._is_gone(s) and self._index.segments.lose(s.path, s.start_us)]
        if lost:
            text = f"{len(lost)} file(s) of {camera.path} of {day} are gone and nobody deleted them: {lost[0].file} …"
            self._event(camera, EventKind.INTEGRITY, text)

    def _rows(self, path: str, starts: list[int]) -> Iterator[Segment]:
        for start in starts:
            if (row := self._index.segments.get(path, start)) is not None:
                yield row

    def _is_gone(self, segment: Segment) -> bool:
        try:
            (self._root / segment.file).lstat()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def _guarded(self, camera: CameraConfig, file: Path, work: Callable[[Path], T]) -> T | Held:
        """Do `work` for one file: nothing that one file brings about may keep other cameras' files from their rows."""
        try:
            return work(file)
        except FileNotFoundError:
            return Held.ASIDE
        except DatabaseError:
            raise
        except sqlite3.IntegrityError as error:
            return self._refuse(camera, file, str(error))
        except UnsyncedError as error:
            self._tell_once(camera, file, "unsynced", f"was not taken by the disk ({error.strerror})")
            return self._failed(camera, file, error)
        except (OSError, sqlite3.Error) as error:
            return self._failed(camera, file, error)
        except Exception as error:
            _log.exception("segment brings about a fault", file=str(file))
            return self._refuse(camera, file, f"it cannot be taken in ({type(error).__name__}: {error})")

    def _failed(self, camera: CameraConfig, file: Path, error: Exception) -> Held:
        _log.error("segment cannot be taken in", file=str(file), error=str(error))
        if self._troubles.failed(file, error):
            text = f"cannot be taken in ({error}); it is tried again every ten minutes"
            self._tell_once(camera, file, "trouble", text)
        return Held.BACK if self._troubles.holds(file) else Held.ASIDE

    def _refuse(self, camera: CameraConfig, file: Path, why: str) -> Held:
        self._tell_once(camera, file, "refused", f"is left as it is: {why}")
        self._settled.add(str(file))
        return Held.ASIDE

    def _tell_once(self, camera: CameraConfig, file: Path, kind: str, words: str) -> None:
        """An event about a file, once over all restarts; the index may be out of order just now."""
        name = self._relative(file)
        with contextlib.suppress(sqlite3.Error):
            if self._index.meta(f"{kind}:{name}") is None:
                self._event(camera, EventKind.INTEGRITY, f"{name} {words}"[:500])
                self._index.set_meta(f"{kind}:{name}", words)

    def _camera(self, path: str) -> CameraConfig | None:
        camera = self._cameras().get(path)
        if camera is not None:
            self._remember_sound(camera)
            return camera
        # a camera that left: what it recorded before still gets its rows
        last = self._index.segments.last(path)
        return _former(last, self._index.meta(f"audio:{path}")) if last else None

    def _remember_sound(self, camera: CameraConfig) -> None:
        if self._audio.get(camera.path) is not camera.audio:
            self._index.set_meta(f"audio:{camera.path}", camera.audio.value)
            self._audio[camera.path] = camera.audio

    def _unknown(self, camera: CameraConfig, path: str, day: str) -> list[Path]:
        folder = self._root / path / day
        try:
            files = sorted(e for e in folder.iterdir() if e.name.endswith(".mp4") and str(e) not in self._settled)
        except FileNotFoundError:
            files = []
        except OSError:
            return []
        named = {s for s in (start_from_name(f.name) for f in files) if s is not None}
        midnight = day_start_us(day)
        known = self._index.segments.starts(path, min(named | {midnight}), max(named | {midnight + DAY_US - 1}) + 1)
        self._watch_over(camera, day, [s for s, status in known.items() if s not in named and status in _THERE])
        return [f for f in files if start_from_name(f.name) not in known and not self._troubles.rests(f)]

    def _take_in(self, camera: CameraConfig, judged: Judgement, file: Path) -> int:
        if self._index.meta(f"unsynced:{self._relative(file)}") is not None:
            judged = replace(judged, status=SegmentStatus.DAMAGED, why="the disk reported an error when it was stored")
        events = list(self._remarks(camera, file, judged))
        if judged.walk.has_audio and camera.audio is AudioMode.STRIP:
            muted = mute(file)
            text = f"{self._relative(file)}: {muted.wiped} bytes of sound were erased before it was stored"
            if muted.lost:
                text += f", with the pictures of {muted.lost} damaged part(s)"
                judged = replace(judged, status=SegmentStatus.DAMAGED)
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

    def _put_aside(self, camera: CameraConfig, judged: Judgement, file: Path) -> None:
        """An empty file goes (the only one that ever does); a foreign one stays where it is, told of once."""
        name = self._relative(file)
        if judged.verdict is Verdict.EMPTY:
            file.unlink(missing_ok=True)
            fsync_dir(file.parent)
            self._event(camera, EventKind.INTEGRITY, f"{name} was empty (disk full?) and is removed")
            return
        self._tell_once(camera, file, "foreign", f"is not a segment: {judged.why}; left as it is")
        self._settled.add(str(file))

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


def _former(last: Segment, audio: str | None) -> CameraConfig:
    return CameraConfig(
        id=last.camera_id,
        path=last.path,
        code="",
        name="",
        record=False,
        main=StreamSource(""),
        # sound that nobody is known to have forbidden is not erased
        audio=AudioMode(audio) if audio else AudioMode.KEEP,
        test=last.test,
    )
