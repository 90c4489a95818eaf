"""From a file on disk to its row: judge, take sound out, seal, hash, index. One thread only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..domain.config import AudioMode, CameraConfig, StreamSource
from ..domain.event import Code, Event, EventKind, Told
from ..domain.segment import Segment, SegmentState, SegmentStatus, segment_file, start_from_name
from ..domain.times import DAY_US, SECOND_US, Clock, day_start_us, is_day, to_datetime, utc_day
from ..store.files import fsync_dir
from ..store.index import Index
from .accept import Judgement, Verdict, judge
from .boxes import Walk
from .guarded import Guarded, Held
from .ledger import Ledger
from .mute import mute
from .names import may_be_a_camera, sound
from .quiet import Quiet
from .quiet import mark as folder_mark
from .returned import Returned
from .seal import seal, sha256, stamp
from .telling import Telling
from .vanished import Vanished

_TURN = 100
_LATE_US = 3600 * SECOND_US  # first seen so long after it ended: its clock was wrong, or nobody looked
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
        self._telling = Telling(root, index, clock)
        self._guarded = Guarded(self._telling, clock)
        self._quiet = Quiet()
        self._returned = Returned(index, self._telling, self._guarded)
        self._vanished = Vanished(root, index, self._telling, verified)
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
            return sorted(e.name for e in (self._root / path).iterdir() if e.is_dir() and is_day(e.name))
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
        """Folders of cameras below the root, whether configured or not, and those that should be there.

        No camera's path is other than UTF-8: such a folder is somebody else's.
        """
        try:
            found = {e.name for e in self._root.iterdir() if may_be_a_camera(e)}
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
            judged = self._guarded.do(camera, file, judge)
            if judged is Held.BACK:
                break
            if isinstance(judged, Held):
                continue
            if judged.verdict is Verdict.GROWING:
                growing = True
            elif judged.verdict is Verdict.SEGMENT:
                found.append((file, judged))
            else:
                self._guarded.do(camera, file, partial(self._put_aside, camera, judged))
        added = self._take_all(camera, found)
        return Scan(added, growing, more and added > 0)

    def _unknown_files(
        self, camera: CameraConfig, path: str, days: tuple[str, ...] | list[str] | None
    ) -> Iterator[Path]:
        if days is None:
            self._quiet.forget(path)
        for day in self._all_days(path) if days is None else days:
            if is_day(day):
                yield from self._unknown(camera, path, day)

    def _take_all(self, camera: CameraConfig, found: list[tuple[Path, Judgement]]) -> int:
        """Take in what was found, in order, up to the first that has to wait."""
        added = 0
        for file, judged in _in_order(found):
            self.beat()
            taken = self._guarded.do(camera, file, partial(self._take_in, camera, judged))
            if taken is Held.BACK:
                break
            if not isinstance(taken, Held):
                added += taken
                self._guarded.over(file)
        return added

    def _camera(self, path: str) -> CameraConfig | None:
        camera = self._cameras().get(path)
        if camera is not None:
            self._remember_sound(camera)
            return camera
        if not sound(path):
            return None
        # a camera that left: what it recorded before still gets its rows
        last = self._index.segments.last(path)
        return _former(last, self._index.meta(f"audio:{path}")) if last else None

    def _remember_sound(self, camera: CameraConfig) -> None:
        if self._audio.get(camera.path) is not camera.audio:
            self._index.set_meta(f"audio:{camera.path}", camera.audio.value)
            self._audio[camera.path] = camera.audio

    def _unknown(self, camera: CameraConfig, path: str, day: str) -> list[Path]:
        folder = self._root / path / day
        mark = folder_mark(folder)
        if self._quiet.still(path, day, mark):
            return []
        settled = self._guarded.settled(folder)
        try:
            # names alone: a day has thousands, of which few are new
            names = sorted(n for n in os.listdir(folder) if n.endswith(".mp4") and n not in settled)  # noqa: PTH208
        except FileNotFoundError:
            names = []
        except OSError:
            return []
        starts = {name: start_from_name(name) for name in names}
        named = {start for start in starts.values() if start is not None}
        midnight = day_start_us(day)
        span = min(named | {midnight}), max(named | {midnight + DAY_US - 1}) + 1
        known = self._index.segments.starts(path, *span)
        absent = known - named
        if absent:
            absent &= self._index.segments.present(path, *span)
            self._vanished.look(camera, day, sorted(absent))
        files = [folder / name for name, start in starts.items() if start not in known]
        lost = self._index.segments.missing(path, *span) & named
        if lost:
            self._returned.look(camera, path, day, {at: folder / n for n, at in starts.items() if at in lost})
        if not files and not absent and not lost:
            self._quiet.keep(path, day, mark)
        return [file for file in files if not self._guarded.rests(file)]

    def _take_in(self, camera: CameraConfig, judged: Judgement, file: Path) -> int:
        if self._telling.told(file, "unsynced"):
            judged = replace(judged, status=SegmentStatus.DAMAGED, why="the disk reported an error when it was stored")
        events = list(self._remarks(camera, file, judged))
        if judged.walk.has_audio and camera.audio is AudioMode.STRIP:
            muted = mute(file)
            name = self._telling.name(file)
            text = f"{name}: {muted.wiped} bytes of sound were erased before it was stored"
            if muted.lost:
                text += f", with the pictures of {muted.lost} damaged part(s)"
                judged = replace(judged, status=SegmentStatus.DAMAGED)
            told = Told(text, Code.SOUND_ERASED, {"file": name, "bytes": muted.wiped})
            events.append(self._telling.make(camera, EventKind.AUDIO_REFUSED, told))
        segment = self._segment(camera, file, judged).advance(SegmentState.CLOSED)
        seal(file)
        segment = segment.advance(SegmentState.SEALED)
        digest, size = sha256(file)
        segment = segment.advance(SegmentState.HASHED, sha256=digest, bytes=size)
        self._ledger.admit(segment, self._seen_us(), tuple(events))
        self._stamp(file, segment)
        self._taken(segment)
        if segment.file != segment_file(segment.path, segment.start_us):
            self._guarded.settle(file)
        self._learn(camera.path, judged.walk, size)
        return 1

    def _seen_us(self) -> int:
        """Footage is kept from when it was first seen, by whichever clock is ahead."""
        return max(self._clock.now_us(), self._erp_us() or 0)

    def _stamp(self, file: Path, segment: Segment) -> None:
        seen_us = self._index.segments.first_seen_us(segment.path, segment.start_us)
        if seen_us is not None and seen_us - segment.stop_us > _LATE_US:
            stamp(file, seen_us)

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
            file=self._telling.name(file),
        )

    def _remarks(self, camera: CameraConfig, file: Path, judged: Judgement) -> list[Event]:
        out: list[Event] = []
        name = self._telling.name(file)
        mark = judged.walk.mtxi
        start = mark.ntp_ns // 1000 if mark else 0
        if judged.status is not SegmentStatus.OK:
            told = Told(f"{name} is {judged.status}: {judged.why}", Code(f"file_{judged.status.value}"), {"file": name})
            out.append(self._telling.make(camera, EventKind.INTEGRITY, told))
        if start_from_name(file.name) != start or file.parent.name != utc_day(start):
            text = f"{name}: its name is not its time; it was recorded at {to_datetime(start).isoformat()}"
            told = Told(text, Code.FILE_MISNAMED, {"file": name})
            out.append(self._telling.make(camera, EventKind.INTEGRITY, told))
        if not _EARLIEST_US <= start <= self._clock.now_us() + DAY_US:
            text = f"{name}: recorded with a clock that was wrong ({to_datetime(start).isoformat()})"
            told = Told(text, Code.FILE_CLOCK, {"file": name})
            out.append(self._telling.make(camera, EventKind.CLOCK_STEP, told))
        return out

    def _put_aside(self, camera: CameraConfig, judged: Judgement, file: Path) -> None:
        """An empty file goes (the only one that ever does); a foreign one stays where it is, told of once."""
        name = self._telling.name(file)
        if judged.verdict is Verdict.EMPTY:
            if self._index.database.trouble:
                return  # nobody could be told
            file.unlink(missing_ok=True)
            fsync_dir(file.parent)
            told = Told(f"{name} was empty (disk full?) and is removed", Code.FILE_EMPTY, {"file": name})
            self._telling.event(camera, EventKind.INTEGRITY, told)
            return
        self._telling.once(camera, file, "foreign", f"is not a segment: {judged.why}; left as it is")
        self._guarded.settle(file)

    def _learn(self, path: str, walk: Walk, size: int) -> None:
        self._receipts[path] = self._clock.monotonic()
        video = walk.video
        if video is None or walk.parts == 0:
            return
        gop = walk.duration_us // max(walk.sync_samples, 1)
        self._facts[path] = Facts(
            video.codec, video.width, video.height, gop, walk.reordered, size, max(walk.duration_us, 1)
        )


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
