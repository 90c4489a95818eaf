"""The intake's thread: inotify first, a scan as the guarantee, and the gaps that nobody reports by a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from ..domain.config import CameraConfig
from ..domain.gap import GapReason
from ..domain.ports import WorkerContext
from ..domain.times import SECOND_US, Clock
from ..store.index import Index
from .folders import FolderWatch, Signals
from .intake import Intake
from .ledger import Ledger, Reasons

_log = structlog.get_logger(__name__)

_EVENT_SECONDS = 0.5
_GAP_SECONDS = 1.0
_SETTLE_SECONDS = 3.0
_DAY_SECONDS = 86_400.0  # between looks at every day that has footage


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the intake should expect of a camera. `window`: seconds without a new segment until that is a gap;
    `down_for`: seconds without a stream (0 while there is one); `held`: why the node itself may not record now.
    """

    camera: CameraConfig
    since_us: int
    window: float
    down_for: float
    held: GapReason | None


class IntakeWorker:
    """`usable()`: the media root is ours. `rescan()`: True once when everything must be looked at.

    `expectations()`: by path; None while there is no configuration, so that nothing is concluded from its absence.
    """

    name = "intake"
    patience = 120.0

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it joins
        self,
        root: Path,
        index: Index,
        intake: Intake,
        ledger: Ledger,
        reasons: Reasons,
        clock: Clock,
        usable: Callable[[], bool],
        rescan: Callable[[], bool],
        expectations: Callable[[], Mapping[str, Expectation] | None],
        scan_seconds: float = 30.0,
    ) -> None:
        #: when the last look at every camera that came to its end began
        self.caught_up_at = -math.inf
        self._root = root
        self._index = index
        self._intake = intake
        self._ledger = ledger
        self._reasons = reasons
        self._clock = clock
        self._usable = usable
        self._rescan = rescan
        self._expectations = expectations
        self._scan_seconds = scan_seconds
        self._scanned_at = 0.0
        self._looked_at = 0.0
        self._gaps_at = 0.0

    def run(self, ctx: WorkerContext) -> None:
        """Work while the media root is ours; wait for it otherwise."""
        self._intake.beat = ctx.beat
        while not ctx.stopping:
            if not self._usable():
                ctx.wait(_GAP_SECONDS)
                self._gaps(ctx)
                continue
            with FolderWatch(self._root) as watch:
                self._watch_open_days(watch)
                self._scan_all(ctx, None)
                self._follow(ctx, watch)

    def _follow(self, ctx: WorkerContext, watch: FolderWatch) -> None:
        while not ctx.stopping and self._usable():
            ctx.beat()
            signals = watch.wait(_EVENT_SECONDS)
            self._handle(ctx, watch, signals)
            now = self._clock.monotonic()
            if now - self._gaps_at >= _GAP_SECONDS:
                self._gaps_at = now
                self._gaps(ctx)

    def _handle(self, ctx: WorkerContext, watch: FolderWatch, signals: Signals) -> None:
        if signals.lost or self._rescan() or self._clock.monotonic() - self._looked_at >= _DAY_SECONDS:
            self._watch_open_days(watch)
            self._scan_all(ctx, None)
            return
        for path in sorted({path for path, _ in signals.days}):
            ctx.beat()
            self._intake.scan(path, sorted(day for p, day in signals.days if p == path))
        if self._clock.monotonic() - self._scanned_at >= self._scan_seconds:
            self._watch_open_days(watch)
            self._scan_all(ctx, self._intake.open_days())

    def _watch_open_days(self, watch: FolderWatch) -> None:
        for path in self._intake.paths():
            watch.watch_camera(path)
            for day in self._intake.open_days():
                watch.watch_day(path, day)

    def _scan_all(self, ctx: WorkerContext, days: tuple[str, ...] | None) -> None:
        begun_at = self._scanned_at = self._clock.monotonic()
        if days is None:
            self._looked_at = begun_at
        waiting = self._intake.paths()
        while waiting:
            again = []
            for path in waiting:
                if ctx.stopping:
                    return
                ctx.beat()
                if self._intake.scan(path, days).more:
                    again.append(path)
            waiting = again
        self.caught_up_at = begun_at

    def _gaps(self, ctx: WorkerContext) -> None:
        expected = self._expectations()
        if expected is None:
            return
        for gap in self._index.gaps.all_open():
            if gap.path not in expected:
                self._index.gaps.close(gap, max(gap.start_us, self._clock.now_us()))
            else:
                self._ledger.refresh(gap)
        for path, expectation in expected.items():
            ctx.beat()
            self._missing(path, expectation)

    def _missing(self, path: str, at: Expectation) -> None:
        last_stop_us = self._index.segments.last_stop(path)
        if not at.camera.record and last_stop_us is None:
            return
        start_us = at.since_us if last_stop_us is None else max(last_stop_us, self._index.present.since_us(path))
        silent = (self._clock.now_us() - start_us) / SECOND_US
        ended = at.down_for >= _SETTLE_SECONDS or at.held is not None or not at.camera.record
        if silent < _SETTLE_SECONDS or (silent < at.window and not ended):
            return
        if self._index.gaps.open_of(path) is not None:
            return
        usable = self._usable()
        if not usable and at.held is None:
            return  # nobody has looked at the volume yet
        if usable:
            # look once more: this thread may have slept while files were closed
            scan = self._intake.scan(path, self._intake.open_days())
            if scan.added or (scan.growing and silent < at.window):
                return
        reason = self._reasons.reason(path, start_us, None) if at.held is None else at.held
        reason = reason if at.camera.record else GapReason.SUSPENDED
        _log.info("gap opened", camera=path, reason=reason.value)
        self._ledger.open_gap(at.camera.id, path, start_us, reason)
